"""Values of variables that are named like secrets are masked, and no others."""

import pytest

from sweepwright.core.plan.redaction import is_secret_name, mask_body, mask_override


@pytest.mark.parametrize("name", ["TOKEN", "API_KEY", "db_password", "AWS_SECRET_ACCESS_KEY"])
def test_a_word_in_the_name_marks_a_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize("name", ["TOKENIZERS_PARALLELISM", "KEYBOARD", "MONKEY", "PATH", ""])
def test_part_of_a_word_marks_no_secret(name: str) -> None:
    assert not is_secret_name(name)


def test_variables_are_masked_at_any_depth_and_nothing_else_is() -> None:
    body = {
        "key": "k",
        "environment": "TOKEN",
        "roles": [{"environment": {"API_KEY": "k", "EMPTY_KEY": "", "LANG": "C"}}],
    }

    assert mask_body(body) == {
        "key": "k",
        "environment": "TOKEN",
        "roles": [{"environment": {"API_KEY": "***", "EMPTY_KEY": "", "LANG": "C"}}],
    }


@pytest.mark.parametrize(
    ("override", "shown"),
    [
        ("+trial.environment.API_KEY=k", "+trial.environment.API_KEY=***"),
        ("+trial.environment={API_KEY: k}", "+trial.environment=***"),
        ("trial.roles={a: {environment: {API_KEY: k}}}", "trial.roles=***"),
        ("+trial.environment.API_KEY=", "+trial.environment.API_KEY="),
        ("+trial.environment.LANG=C", "+trial.environment.LANG=C"),
        ("~trial.environment.API_KEY", "~trial.environment.API_KEY"),
        ("trial.key=3", "trial.key=3"),
    ],
)
def test_an_override_is_recorded_with_its_secret_masked(override: str, shown: str) -> None:
    assert mask_override(override) == shown
