"""A help that says what to write is followed, and the finding is gone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.core.compiler.finding_cases import CASES, FindingCase

LITERAL = re.compile(
    r"(?:write|for one fixed value write|did you mean|use|the nearest value is|"
    r"for a number write|put (?:it|the name) in quotes:|put text in quotes:) `([^`…]+)`"
    r"(?:\?|, without quotes| instead)?"
)
"""A help that gives the text to write in place of the marked text."""
OVERRIDE = re.compile(r"(?:give|sample the space with) `'?([\w.]+=[^`…<]+?)'?`")
"""A help that gives an override, in the quotes that a shell needs."""


@dataclass(frozen=True)
class WayOut:
    """A finding of a case, and the replacement that its help proposes."""

    case: FindingCase
    message: str
    line: int
    column: int
    replacement: str

    def __str__(self) -> str:
        return f"{self.case.name}-{self.line}-{self.column}"


def ways_out() -> Iterator[WayOut]:
    """Yield each finding on the configuration or the space whose help gives a replacement."""
    for case in CASES:
        for block in case.expected.split("\n\n"):
            head = re.match(
                r"\w+\[(?:[CDE]\d+|S103)\]: (.*)\n +--> data/\w+.yaml:(\d+):(\d+)", block
            )
            help_ = re.search(r"= help: (.*)", block)
            if head and help_ and (literal := LITERAL.fullmatch(help_[1])):
                yield WayOut(case, head[1], int(head[2]), int(head[3]), literal[1])


@pytest.mark.parametrize("way_out", list(ways_out()), ids=str)
def test_following_a_help_removes_the_finding(
    way_out: WayOut, cases_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(cases_folder)
    before = {(d.message, d.span.line): d for d in way_out.case.findings(cases_folder)}
    culprit = before[way_out.message, way_out.line]
    lines = way_out.case.source.splitlines()
    line, start = lines[way_out.line - 1], way_out.column - 1
    after = line[start + culprit.span.length :]
    lines[way_out.line - 1] = f"{line[:start]}{way_out.replacement}{after}"
    followed = replace(way_out.case, source="\n".join(lines) + "\n")
    followed.write(tmp_path)

    left = [(d.message, d.span.line) for d in followed.compile(tmp_path)]

    assert (way_out.message, way_out.line) not in left


def overrides() -> Iterator[tuple[FindingCase, str, str]]:
    """Yield each case with a message and the override that its help begins with."""
    for case in CASES:
        for block in case.expected.split("\n\n"):
            head = re.match(r"\w+\[\w+\]: (.*)", block)
            help_ = re.search(r"= help: (.*)", block)
            if head and help_ and (override := OVERRIDE.match(help_[1])):
                yield case, head[1], override[1]


@pytest.mark.parametrize(
    ("case", "message", "override"),
    [pytest.param(*given, id=f"{given[0].name}-{given[2]}") for given in overrides()],
)
def test_giving_the_override_of_a_help_removes_the_finding(
    case: FindingCase,
    message: str,
    override: str,
    cases_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(cases_folder)

    left = case.compile(cases_folder, override)

    assert message not in [found.message for found in left]
    assert not [found for found in left if found.span.key == override.partition("=")[0]]
