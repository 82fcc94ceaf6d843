"""A way out that says what to write is followed, and the finding is gone."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sweepwright.core.compiler.compiler import compile_sweep
from sweepwright.diagnostics import CompileError, Diagnostic
from tests.core.compiler.test_findings import CASES, HERE
from tests.core.stub_plugins import registry

LITERAL = re.compile(
    r"(?:write|for one fixed value write|did you mean|it is called|the nearest value is|"
    r"for a number write|put it in quotes:) `([^`…]+)`(?:\?|, without quotes)?"
)
"""A way out that is to stand where the culprit stands."""


@dataclass(frozen=True)
class WayOut:
    """What is found at fault in a case, and what to write instead."""

    case: str
    message: str
    line: int
    column: int
    written: str


def ways_out() -> Iterator[WayOut]:
    """Yield those that are written down in the expected texts."""
    for case in CASES:
        for block in (HERE / "data" / f"{case}.txt").read_text().split("\n\n"):
            head = re.match(r"\w+\[(?:D\d+|S103)\]: (.*)\n +--> data/\w+.yaml:(\d+):(\d+)", block)
            help_ = re.search(r"= help: (.*)", block)
            if head and help_ and (literal := LITERAL.fullmatch(help_[1])):
                yield WayOut(case, head[1], int(head[2]), int(head[3]), literal[1])


@pytest.mark.parametrize("way_out", list(ways_out()), ids=str)
def test_a_way_out_that_is_followed_leads_out(
    way_out: WayOut, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(HERE)
    before = {(d.message, d.span.line): d for d in found_in(way_out.case, HERE)}
    culprit = before[way_out.message, way_out.line]
    lines = (HERE / "data" / f"{way_out.case}.yaml").read_text().splitlines()
    line, start = lines[way_out.line - 1], way_out.column - 1
    after = line[start + culprit.span.length :]
    lines[way_out.line - 1] = f"{line[:start]}{way_out.written}{after}"
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / f"{way_out.case}.yaml").write_text("\n".join(lines) + "\n")

    left = [(d.message, d.span.line) for d in found_in(way_out.case, tmp_path)]

    assert (way_out.message, way_out.line) not in left


def found_in(case: str, folder: Path) -> list[Diagnostic]:
    second = (folder / "data" / f"{case}.yaml").read_text().splitlines()[1]
    given = json.loads(second.split(":", 1)[1]) if second.startswith("# overrides:") else []
    overrides = [f"hydra.searchpath=['file://{folder}']", f"+data={case}", *given]
    try:
        return compile_sweep(overrides, registry()).warnings
    except CompileError as error:
        return error.diagnostics
