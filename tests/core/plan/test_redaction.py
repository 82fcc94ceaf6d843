"""Whatever is named as a secret is masked, and nothing else."""

import pytest

from sweepwright.core.plan.redaction import is_secret, masked_body, masked_override


@pytest.mark.parametrize("name", ["TOKEN", "API_KEY", "db_password", "AWS_SECRET_ACCESS_KEY"])
def test_a_word_of_the_name_makes_a_secret(name: str) -> None:
    assert is_secret(name)


@pytest.mark.parametrize("name", ["TOKENIZERS_PARALLELISM", "KEYBOARD", "MONKEY", "PATH", ""])
def test_a_part_of_a_word_does_not(name: str) -> None:
    assert not is_secret(name)


def test_only_variables_are_masked_however_deep_they_lie() -> None:
    body = {
        "key": "k",
        "environment": "TOKEN",
        "roles": [{"environment": {"API_KEY": "k", "EMPTY_KEY": "", "LANG": "C"}}],
    }

    assert masked_body(body) == {
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
def test_an_override_is_recorded_without_the_secret(override: str, shown: str) -> None:
    assert masked_override(override) == shown
