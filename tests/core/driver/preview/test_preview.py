"""A preview asks the tuner as the driver would, and has no effect."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from sweepwright.contracts import PluginError, Shipment, TrialCode
from sweepwright.core.driver.preview.preview import FirstTrial, preview_body
from sweepwright.core.plan.plan_json import fingerprint
from sweepwright.protocol import dumps
from sweepwright.runner_client.code_listing import scan
from sweepwright.space import Integer, Nested, Parameter, SearchSpace
from tests.core.driver.preview.preview_plugins import (
    BRACKETS,
    WITH_BRACKETS,
    Counting,
    Promoting,
    Silent,
    Waiting,
    previewed,
)
from tests.core.examples import plan


@pytest.mark.parametrize(
    ("tuner", "changes", "layers"),
    [
        (Counting, {}, [0, 1, 2]),
        (Counting, {"concurrency": 5}, [0, 1, 2, 3, 4]),
        (Counting, {"max_trials": 1}, [0]),
        (Counting, {"concurrency": 5, "max_trials": 4}, [0, 1, 2, 3]),
        (Counting, {"reproducible": True}, [0, 1, 2]),
        (Waiting, {"concurrency": 5}, [0, 1]),
        (Silent, {}, []),
    ],
)
def test_the_first_assignments_are_those_before_any_result(
    tuner: type[Counting], changes: dict[str, Any], layers: list[int]
) -> None:
    first = previewed(tuner, plan(**changes)).first

    assert [assignment["layers"] for assignment in first] == layers


@pytest.mark.parametrize(("reproducible", "asked"), [(False, [4]), (True, [1, 1, 1, 1])])
def test_the_tuner_is_asked_as_the_driver_asks(reproducible: bool, asked: list[int]) -> None:  # noqa: FBT001 - named by the test
    built: list[Counting] = []

    class Watched(Counting):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            built.append(self)

    previewed(Watched, plan(reproducible=reproducible, concurrency=4))

    assert built[0].asked == asked


def test_start_assignments_come_first() -> None:
    given = {"lr": 1.0, "layers": 4, "activation": "tanh"}
    preview = previewed(of=plan(start=(given,)))

    assert [assignment["layers"] for assignment in preview.first] == [4, 1, 2]
    assert '"layers":4' in preview.first_trial.commands[0]


def test_the_command_delivers_what_the_trial_receives_in_a_sweep() -> None:
    space = SearchSpace([Parameter("layer", Nested(("Conv", "Empty")))])
    of = plan(space=space, start=({"layer": {"_name": "Empty"}},), nni_v0_format=True)

    assert '{"layer":"Empty"}' in previewed(of=of).first_trial.commands[0]


def test_a_tuner_that_suggests_nothing_has_no_submission() -> None:
    preview = previewed(Silent)

    assert preview.first_trial == FirstTrial()
    assert preview_body(preview)["submission"] is None


def test_an_error_about_a_promotion_of_trial_0_names_the_tuner() -> None:
    with pytest.raises(PluginError, match=r"tuner `random` failed: .*trial 0 cannot be promoted"):
        previewed(Promoting)


def test_the_cost_rests_on_a_simulation_rather_than_on_announced_brackets() -> None:
    """This tuner announces a bracket of two rungs, and then promotes nothing."""
    preview = previewed(of=WITH_BRACKETS, uses_budget=True)

    assert preview.plan.brackets == BRACKETS
    assert preview.cost.budget
    assert preview.cost.budget.without_checkpoints == 8 * 9


def test_the_brackets_and_the_end_of_the_tuner_are_those_of_the_plan() -> None:
    """The compiler asked for them; the provider is not asked again."""

    def fail(*_: Any) -> NoReturn:
        raise AssertionError("asked again")

    preview = previewed(of=plan(ends_after=3), brackets=fail, ends_after=fail)

    assert preview.cost.trials == 3


def test_json_has_everything_that_the_text_has() -> None:
    preview = previewed(of=WITH_BRACKETS, uses_budget=True)
    body = json.loads(dumps(preview_body(preview)))

    assert body["fingerprint"] == fingerprint(WITH_BRACKETS)
    assert body["assignments"] == {
        "continuous": True,
        "count": None,
        "exact": True,
        "share": 1.0,
    }
    assert body["branches"] == []
    assert body["brackets"] == [
        {"rungs": [{"budget": 1, "trials": 8}, {"budget": 9.0, "trials": 2}]}
    ]
    assert body["cost"] == {
        "trials": 8,
        "ended_by": "max_trials",
        "tries": 1,
        "attempts": 8,
        "budget": {"afresh": 72.0, "resumed": 72.0, "full": 72.0},
        "idle": 0.0,
        "attempt_seconds": None,
        "attempt_bound": None,
        "seconds": None,
        "launches_per_hour": None,
        "launch_seconds": None,
        "most_seconds": None,
    }
    assert body["first"][1] == {"lr": 0.1, "layers": 1, "activation": "relu"}
    assert body["submission"]["environment"]["API_KEY"] == "***"
    assert "hunter2" not in body["by_hand"]
    assert body["tuner"]["name"] == "random"


def test_a_size_beyond_floats_is_null_in_json() -> None:
    vast = SearchSpace([Parameter(f"p{number}", Integer(1, 10)) for number in range(400)])
    finite = SearchSpace([Parameter("x", Integer(1, 6))])
    counted = [
        preview_body(replace(previewed(), plan=plan(space=space)))["assignments"]
        for space in (vast, finite)
    ]

    assert [of["count"] for of in counted] == [None, 6]
    assert not any(of["continuous"] for of in counted)


def test_the_shipment_is_that_of_the_platform(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print()")
    (tmp_path / ".env").write_text("TOKEN=hunter2")
    of = plan(code=replace(plan().code, folder=str(tmp_path)))

    def shipment(_: Any, code: TrialCode) -> Shipment:
        return scan(Path(code.folder)).shipment(["lab1", "lab2"])

    preview = previewed(of=of, shipment=shipment)

    assert preview_body(preview)["shipment"] == {
        "targets": ["lab1", "lab2"],
        "size": 7,
        "files": [{"path": "train.py", "size": 7}],
        "withheld": [{"path": ".env", "reason": "a file of this name holds secrets"}],
        "permitted": [],
    }
    assert preview_body(previewed())["shipment"] is None


def test_an_error_about_the_shipment_names_the_platform() -> None:
    def fail(*_: Any) -> NoReturn:
        raise OSError("the folder is gone")

    with pytest.raises(PluginError, match=r"^platform `simulated` failed: .*the folder is gone$"):
        previewed(shipment=fail)
