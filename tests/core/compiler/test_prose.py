"""Messages, notes and helps of all cases keep to one style."""

import re

import pytest

from tests.core.compiler.finding_cases import CASES, FindingCase

SENTENCE = re.compile(r"^(?:error|warning)\[\w+\]: (.*)$|^ *= (?:help|note): (.*)$", re.MULTILINE)
CAPITALISED = ("Hydra", "NNI", "YAML", "JSON")
"""Proper names, which alone may begin a message with a capital letter."""
UNWELCOME = r"(?i:illegal|invalid|traceback|<class|object at 0x|\bwrong\b|\byour\b)|\bNone\b"

QUOTING = ("failed: ", "is broken: ", "is not valid Python: ")
"""Ends of what is ours in a sentence; the words of a plugin or of the interpreter follow."""


def sentences(case: FindingCase) -> list[str]:
    found = ["".join(groups) for groups in SENTENCE.findall(case.expected)]
    return [text for text in found if not any(end in text for end in QUOTING)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_findings_state_facts_and_blame_nobody(case: FindingCase) -> None:
    for sentence in sentences(case):
        words = re.sub(r"`[^`]*`", "", sentence)

        assert not re.search(UNWELCOME, words), sentence
        assert not sentence.endswith("."), sentence
        assert not sentence[0].isupper() or sentence.startswith(CAPITALISED), sentence


def test_more_than_sixty_cases_have_findings() -> None:
    assert len([case for case in CASES if not case.expected.startswith("0 errors, 0")]) > 60
