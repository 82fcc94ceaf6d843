"""What a tuner believes, in the output of show, best, export and of a sweep that ends."""

import csv
import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from sweepwright.contracts import Belief, Prediction
from sweepwright.core.plan.plan import Selection
from sweepwright.core.registry.registry import Registry
from sweepwright.core.store.entries import BeliefStated
from sweepwright.core.store.history import read_history
from sweepwright.core.store.journal import Journal
from sweepwright.events import Measured
from sweepwright.hooks import hookimpl
from tests.core.cli.application import App
from tests.core.examples import plan
from tests.core.recorded_sweeps import OUT_OF_MEMORY, read_events, record
from tests.core.repeating_sweeps import noisy, repeating
from tests.core.simulated_sweeps import CrashError, CrashesAt, simulate_sweep
from tests.sweepwright.testing import sound_tuners
from tests.sweepwright.testing.sound_tuners import BELIEVES, Repeating


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sound tuners of the tests be the only plugin that is installed."""
    registry = Registry.of({"sound": sound_tuners})
    monkeypatch.setattr(Registry, "load", lambda: registry)


def finished() -> Path:
    """Run a sweep to its end in the store `sweeps`; return its folder."""
    simulated = simulate_sweep(Path("sweeps"), noisy, tuners=[BELIEVES])
    simulated.run(repeating())
    return simulated.folder


def killed() -> Path:
    """Run a sweep whose driver is killed at the first measurement; return its folder."""
    simulated = simulate_sweep(Path("sweeps"), noisy, tuners=[BELIEVES])
    with pytest.raises(CrashError):
        simulated.run(repeating(), CrashesAt(Measured))
    return simulated.folder


@pytest.mark.parametrize("sweep", [finished, killed])
def test_the_predicted_best_is_printed_in_three_formats(app: App, sweep: Any) -> None:
    folder = sweep()
    body = json.loads(app("best", "--predicted", "--format", "json").out)

    assert list(body) == ["sweep", "tuner", "value", "deviation", "assignment", "importance"]
    assert (body["sweep"], body["tuner"]) == (folder.name, "repeating")
    assert 0 <= body["value"] < 100
    assert body["deviation"] > 0
    assert set(body["importance"]) == set(body["assignment"]) == {"lr", "layers", "activation"}
    assert yaml.safe_load(app("best", "--predicted", "--format", "yaml").out) == body
    text = app("best", "--predicted").out
    mean, deviation = f"{body['value']:.6g}", f"{body['deviation']:.6g}"
    assert text.startswith(
        f"sweep {folder.name}, best as repeating predicts it\n"
        f"  objective   predicted mean {mean}, standard deviation {deviation}\n"
        "with parameters\n"
    )


class Raises(Repeating):
    def belief(self) -> Belief | None:
        raise ZeroDivisionError


def test_a_tuner_that_fails_does_not_keep_a_sweep_from_being_shown(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed()
    plugin = SimpleNamespace(sweep_tuners=hookimpl(lambda: [replace(BELIEVES, build=Raises)]))
    registry = Registry.of({"raising": plugin})
    monkeypatch.setattr(Registry, "load", lambda: registry)
    fault = "tuner `repeating` failed: ZeroDivisionError: \n"

    assert app("show").err == f"note: it is not known what the tuner believes: {fault}"
    assert app("best", "--predicted") == (2, "", f"error: {fault}")


def test_a_summary_shows_what_the_tuner_believes(app: App) -> None:
    folder = finished()
    recorded = app("show").out
    stated = read_history(folder).stated

    assert stated
    assert stated.belief
    assert "best assignment as repeating predicts it:\n  objective   predicted mean " in recorded
    assert (
        "importance of parameters in the whole space as repeating sees it:\n"
        "  lr          33%  ██████████\n"
    ) in recorded


def test_a_sweep_whose_driver_was_killed_shows_it_as_well(app: App) -> None:
    killed()

    assert "best assignment as repeating predicts it:" in app("show").out


@pytest.mark.parametrize("sweep", [finished, killed])
def test_the_predicted_best_is_exported_as_one_record(app: App, sweep: Any) -> None:
    sweep()
    body = json.loads(app("best", "--predicted", "--format", "json").out)
    record = json.loads(app("export", "--predicted", "--format", "jsonl").out)
    (row,) = csv.DictReader(app("export", "--predicted").out.splitlines())

    assert record == {key: body[key] for key in ("value", "deviation", "assignment", "importance")}
    assert float(row["value"]) == body["value"]
    assert json.loads(row["importance"]) == body["importance"]
    assert float(row["space.lr"]) == body["assignment"]["lr"]


def test_a_tuner_that_predicts_nothing_is_told_apart_from_those_that_do(app: App) -> None:
    folder = record(Path("sweeps"), [0.5])
    code, out, err = app("best", "--predicted")

    assert (code, out) == (2, "")
    assert err.startswith("error: no tuner is called `random`; known are `repeating`")
    assert app("show").err == ""

    folder = record(Path("sweeps"), [0.5], of=plan(tuner=Selection("tuner", "silent")))
    fault = f"tuner `silent` of sweep {folder.name} predicts nothing; tuners that do: repeating"

    for command in ("best", "export"):
        assert app(command, "--predicted") == (2, "", f"error: {fault}\n")
    assert app("show").err == ""


def test_too_few_results_predict_nothing(app: App) -> None:
    of = plan(tuner=Selection("tuner", "repeating"))
    folder = record(Path("sweeps"), [OUT_OF_MEMORY], of=of)
    fault = f"error: tuner `repeating` predicts nothing yet: sweep {folder.name} has 0 results\n"

    for command in ("best", "export"):
        assert app(command, "--predicted") == (1, "", fault)
    assert "predicts" not in app("show").out

    state(folder, None)

    assert "\n\nrepeating predicts nothing yet: it has too few results\n\n" in app("show").out


def state(folder: Path, belief: Belief | None) -> None:
    """Record a belief after all events of a sweep."""
    with closing(Journal(folder)) as journal:
        journal.append(BeliefStated(belief, len(read_events(folder))))
        journal.commit()


def test_a_prediction_shows_no_secret_and_the_users_metric(app: App) -> None:
    folder = record(Path("sweeps"), [0.5], of=plan(tuner=Selection("tuner", "repeating")))
    assignment = {"lr": 0.5, "api_token": "sk-123456789"}
    state(folder, Belief(Prediction(assignment, -0.75, 0.125), {"lr": 0.0}))
    shown = [
        app(*command.split()).out
        for command in (
            "best --predicted",
            "best --predicted --format json",
            "best --predicted --format yaml",
            "export --predicted",
            "export --predicted --format jsonl",
            "show",
        )
    ]

    assert all("0.75" in text and "***" in text for text in shown)
    assert not any("sk-123456789" in text for text in shown)
    assert "importance of parameters" not in shown[-1]


def test_only_the_most_important_parameters_are_listed(app: App) -> None:
    folder = record(Path("sweeps"), [0.5], of=plan(tuner=Selection("tuner", "repeating")))
    shares = {f"p{number}": number / 100 for number in range(14)}
    state(folder, Belief(None, shares))
    lines = app("show").out.partition("sees it:\n")[2].partition("\n\n")[0].splitlines()

    assert [line.split()[:2] for line in lines[:2]] == [["p13", "13%"], ["p12", "12%"]]
    assert len(lines) == 11
    assert lines[-1] == "  and 4 less important"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_the_tuner_of_somebody_elses_sweep_is_not_built(app: App) -> None:
    folder = killed()
    os.chown(folder, 54321, -1)
    fault = "belongs to the user with number 54321, and no prediction of its tuner is recorded\n"

    assert app("best", "--predicted").err.endswith(fault)
    assert "predicts" not in app("show").out


def test_the_recorded_prediction_of_somebody_elses_sweep_is_shown(app: App) -> None:
    folder = finished()
    if os.geteuid() == 0:
        os.chown(folder, 54321, -1)

    assert app("best", "--predicted").code == 0
