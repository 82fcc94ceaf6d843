"""Names are those that OpenPAI accepts, and are never used twice."""

import pytest

from sweepwright.plugins.platforms.pai.names import (
    numbered_name,
    role_name,
    submission_number,
    variable_part,
)


@pytest.mark.parametrize("number", [1, 2, 10, 123])
def test_a_submission_is_found_by_its_name(number: int) -> None:
    assert submission_number("s1-3-1", numbered_name("s1-3-1", number)) == number


@pytest.mark.parametrize("other", ["s1-3-10", "s1-3-1-rx", "s1-3-1-r", "s1-3-1-r2x", "s1-3", ""])
def test_another_jobs_name_is_not(other: str) -> None:
    assert submission_number("s1-3-1", other) is None


@pytest.mark.parametrize(
    ("role", "task_role", "variable"),
    [
        ("worker", "worker", "worker"),
        ("data-worker", "data_worker", "dataworker"),
        ("1st", "r_1st", "r1st"),
        ("a_b", "a_b", "ab"),
    ],
)
def test_a_role_has_a_name_in_openpai_and_in_its_variables(
    role: str, task_role: str, variable: str
) -> None:
    assert (role_name(role), variable_part(role)) == (task_role, variable)
