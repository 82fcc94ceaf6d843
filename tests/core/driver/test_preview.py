"""The outlook asks the tuner as the driver would, and has no effect."""

import json
from dataclasses import replace
from typing import Any

import pytest

from sweepwright.contracts import Bracket, Budget, PluginError, Rung
from sweepwright.core.driver.preview import FirstTrial, outlook_body
from sweepwright.core.plan.plan_json import fingerprint
from sweepwright.protocol import dumps
from sweepwright.space import Integer, Nested, Parameter, SearchSpace
from tests.core.driver.preview_plugins import (
    Counting,
    Promoting,
    Silent,
    Waiting,
    foreseen,
    ladder,
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
    first = foreseen(tuner, plan(**changes)).first

    assert [assignment["layers"] for assignment in first] == layers


@pytest.mark.parametrize(("reproducible", "asked"), [(False, [4]), (True, [1, 1, 1, 1])])
def test_the_tuner_is_asked_as_the_driver_asks(reproducible: bool, asked: list[int]) -> None:  # noqa: FBT001 - named by the test
    built: list[Counting] = []

    class Watched(Counting):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            built.append(self)

    foreseen(Watched, plan(reproducible=reproducible, concurrency=4))

    assert built[0].asked == asked


def test_what_is_given_to_start_with_comes_first() -> None:
    given = {"lr": 1.0, "layers": 4, "activation": "tanh"}
    outlook = foreseen(of=plan(start=(given,)))

    assert [assignment["layers"] for assignment in outlook.first] == [4, 1, 2]
    assert '"layers":4' in outlook.first_trial.by_hand[0]


def test_by_hand_a_trial_receives_what_it_receives_in_a_sweep() -> None:
    space = SearchSpace([Parameter("layer", Nested(("Conv", "Empty")))])
    of = plan(space=space, start=({"layer": {"_name": "Empty"}},), nni_v0_format=True)

    assert '{"layer":"Empty"}' in foreseen(of=of).first_trial.by_hand[0]


def test_a_tuner_that_suggests_nothing_has_no_submission() -> None:
    outlook = foreseen(Silent)

    assert outlook.first_trial == FirstTrial()
    assert outlook_body(outlook)["submission"] is None


def test_a_tuner_that_begins_with_a_promotion_is_blamed() -> None:
    with pytest.raises(PluginError, match=r"tuner `random` failed: .*trial 0 cannot be promoted"):
        foreseen(Promoting)


def test_what_a_tuner_knows_beforehand_is_asked_with_its_options() -> None:
    of = plan(budget=Budget(9.0))
    outlook = foreseen(of=of, uses_budget=True, brackets=ladder)

    assert outlook.brackets == (Bracket((Rung(1, 8), Rung(9, 2))),)
    assert outlook.cost.budget
    assert outlook.cost.budget.afresh == 8 * 9  # as it goes on, whatever it says
    assert foreseen(ends_after=lambda *_: 3).cost.trials == 3


def test_a_tuner_that_fails_at_it_is_blamed() -> None:
    with pytest.raises(PluginError, match="tuner `random` failed: ZeroDivisionError"):
        foreseen(ends_after=lambda *_: 1 // 0)


def test_json_has_all_that_the_text_has() -> None:
    of = plan(budget=Budget(9.0))
    body = json.loads(dumps(outlook_body(foreseen(of=of, uses_budget=True, brackets=ladder))))

    assert body["fingerprint"] == fingerprint(of)
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
    assert body["cost"]["attempts"] == 8
    assert body["first"][1] == {"lr": 0.1, "layers": 1, "activation": "relu"}
    assert body["submission"]["environment"]["API_KEY"] == "***"
    assert "hunter2" not in body["by_hand"]
    assert body["tuner"]["name"] == "random"


def test_what_is_beyond_counting_is_no_number_in_json() -> None:
    vast = SearchSpace([Parameter(f"p{number}", Integer(1, 10)) for number in range(400)])
    finite = SearchSpace([Parameter("x", Integer(1, 6))])
    counted = [
        outlook_body(replace(foreseen(), plan=plan(space=space)))["assignments"]
        for space in (vast, finite)
    ]

    assert [of["count"] for of in counted] == [None, 6]
    assert not any(of["continuous"] for of in counted)
