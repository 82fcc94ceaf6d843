"""The findings of all cases, read in a row, are the prose that they are to be."""

import re
from pathlib import Path

import pytest

CASES = sorted((Path(__file__).parent / "data").glob("*.txt"))
SAID = re.compile(r"^(?:error|warning)\[\w+\]: (.*)$|^ *= (?:help|note): (.*)$", re.MULTILINE)
NAMES = ("Hydra", "NNI", "YAML", "JSON")
"""What may begin a sentence with a capital letter."""
UNWELCOME = r"(?i:illegal|invalid|traceback|<class|object at 0x|\bwrong\b|\byour\b)|\bNone\b"


def sentences(case: Path) -> list[str]:
    found = ["".join(groups) for groups in SAID.findall(case.read_text())]
    # What plugins and overrides say is theirs.
    return [text for text in found if "failed: " not in text and "is broken: " not in text]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_findings_state_facts_and_blame_nobody(case: Path) -> None:
    for sentence in sentences(case):
        words = re.sub(r"`[^`]*`", "", sentence)

        assert not re.search(UNWELCOME, words), sentence
        assert not sentence.endswith("."), sentence
        assert not sentence[0].isupper() or sentence.startswith(NAMES), sentence


def test_there_are_more_than_sixty_configs_with_findings() -> None:
    assert len([case for case in CASES if not case.read_text().startswith("0 errors, 0")]) > 60
