"""A submission for any machine becomes one for this machine; users' values stay as they are."""

from pathlib import Path

import pytest

from sweepwright.runner.service.submissions import Places, localise
from tests.sweepwright.runner_client.runner_harness import submission

PLACES = Places(Path("/b/sweeps/s"), Path("/b/sweeps/s/code-1"), Path("/b/kits/k"), "/venv/python")


def test_paths_are_those_of_the_machine() -> None:
    given = {**submission("s-3", "pass"), "folder": "a b", "inherited": "trials/1/1/checkpoint"}
    found = localise(given, PLACES)

    assert found["interpreter"]["python"] == "/venv/python"
    assert found["folder"] == "/b/sweeps/s/code-1/a b"
    assert found["attempt_folder"] == "/b/sweeps/s/trials/3/1"
    assert found["reports"] == "/b/sweeps/s/reports/s-3"
    assert found["inherited"] == "/b/sweeps/s/trials/1/1/checkpoint"
    environment = found["environment"]
    assert environment["SWEEPWRIGHT_CHECKPOINTS"] == "/b/sweeps/s/trials/3/1/checkpoint.part"
    assert environment["SWEEPWRIGHT_TENSORBOARD"] == "/b/sweeps/s/trials/3/1/tensorboard"
    reports = found["processes"][0]["environment"]["SWEEPWRIGHT_REPORTS"]
    assert reports == "file:/b/sweeps/s/reports/s-3"


def test_values_of_the_user_are_not_searched() -> None:
    odd = {"V": "trials/3/1 reports/s-3 ${HOME} $(id) <kit>"}
    given = submission("s-3", "pass", environment=odd)
    found = localise(given, PLACES)

    assert found["processes"][0]["environment"] == odd
    assert found["processes"][0]["entry"] == given["processes"][0]["entry"]


def test_every_import_path_begins_with_the_kit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/activated")
    own = {"PYTHONPATH": "/mine"}
    given = submission("s-3", "pass", environment=own, own_interpreter=own)
    given["environment"] |= own
    found = localise(given, PLACES)

    assert found["interpreter"]["environment"]["PYTHONPATH"] == "/b/kits/k:/activated"
    assert found["environment"]["PYTHONPATH"] == "/b/kits/k:/mine"
    assert found["processes"][0]["environment"]["PYTHONPATH"] == "/b/kits/k:/mine"
    assert found["processes"][0]["own_interpreter"]["PYTHONPATH"] == "/b/kits/k:/mine"
