"""A trial may measure the assignment of an earlier trial again."""

from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Budget, TunerProvider
from sweepwright.core.driver.study import Study
from sweepwright.core.plan.plan import Selection
from sweepwright.events import Event, Opened, Promote, Start
from tests.core.driver.study_steps import CRASH, ended, reported, started
from tests.core.examples import ASSIGNMENT, plan
from tests.core.simulated_sweeps import NoOptions, simulate_sweep, sweep


class RepeatsItself:
    """A tuner whose second trial repeats itself."""

    def __init__(self, *_: Any) -> None:
        self.opened = 0

    def ask(self, _count: int) -> list[Start]:
        """Suggest one trial, the second with its own number."""
        return [Start(ASSIGNMENT, repeats=self.opened or None)]

    def tell(self, event: Event) -> None:
        """Count the openings."""
        self.opened += isinstance(event, Opened)


OTHER = {**ASSIGNMENT, "lr": 0.5}


def measure(study: Study, value: float, suggestion: Any) -> None:
    """Run a trial to a measurement; the metric is maximised."""
    job = started(study, suggestion)
    reported(study, job, value, attempt=2 if isinstance(suggestion, Promote) else 1)
    ended(study, job)


def test_the_incumbent_is_the_best_median() -> None:
    study = Study(plan(), "s1")
    measure(study, 0.9, Start(ASSIGNMENT))
    measure(study, 0.8, Start(OTHER))
    lucky = study.incumbent
    measure(study, 0.5, Start(ASSIGNMENT, repeats=0))
    worse = study.incumbent
    measure(study, 0.85, Start(ASSIGNMENT, repeats=0))

    assert lucky == (0, 0.9)
    assert worse == (1, 0.8)
    assert study.incumbent == (0, 0.85)
    assert dict(study.values.measurements(0)) == {0: -0.9, 2: -0.5, 3: -0.85}


def test_a_failed_trial_may_be_repeated_and_counts_for_nothing() -> None:
    study = Study(plan(), "s1")
    ended(study, started(study, Start(ASSIGNMENT)), CRASH)
    measure(study, 0.5, Start(ASSIGNMENT, repeats=0))
    ended(study, started(study, Start(ASSIGNMENT, repeats=0)), CRASH)

    assert study.incumbent == (1, 0.5)
    assert dict(study.values.measurements(0)) == {1: -0.5}


def test_a_repeat_counts_as_a_trial() -> None:
    study = Study(plan(max_trials=2), "s1")
    measure(study, 0.5, Start(ASSIGNMENT))
    measure(study, 0.5, Start(ASSIGNMENT, repeats=0))

    assert study.exhausted


def test_of_a_trial_with_several_budgets_the_best_measurement_counts() -> None:
    study = Study(plan(budget=Budget(27.0)), "s1")
    for value in (0.5, 0.3):
        measure(study, value, Start(ASSIGNMENT, 1.0, repeats=0 if study.opened else None))
    measure(study, 0.7, Promote(0, 3.0))
    measure(study, 0.1, Promote(1, 3.0))

    assert study.incumbent == (0, 0.5)


def test_a_repeat_gets_the_full_budget_where_none_is_said() -> None:
    study = Study(plan(budget=Budget(27.0)), "s1")
    measure(study, 0.5, Start(ASSIGNMENT))
    opening = study.open(Start(ASSIGNMENT, repeats=0, reason="doubtful"))

    assert opening.trial.budget == 27.0
    assert opening.suggestion == Start(ASSIGNMENT, 27.0, repeats=0, reason="doubtful")


def test_the_order_of_keys_makes_no_other_assignment() -> None:
    study = Study(plan(), "s1")
    started(study, Start(ASSIGNMENT))

    assert study.open(Start(dict(reversed(ASSIGNMENT.items())), repeats=0))


def test_a_tuner_that_repeats_what_it_must_not_is_named(tmp_path: Path) -> None:
    wrong = TunerProvider("wrong", NoOptions, RepeatsItself)
    simulated = simulate_sweep(tmp_path / "store", tuners=[wrong])
    outcome = simulated.run(sweep(tuner=Selection("tuner", "wrong")))

    assert outcome.state == "failed"
    assert outcome.reason == (
        "tuner `wrong` failed: ValueError: a Start repeats 1, which is not the number of a trial"
    )


@pytest.mark.parametrize(
    ("start", "fault"),
    [
        (Start(ASSIGNMENT, repeats=2), "2, which is not the number of a trial"),
        (Start(ASSIGNMENT, repeats=-1), "-1, which is not the number of a trial"),
        (Start(ASSIGNMENT, repeats=False), "False, which is not the number of a trial"),
        (Start(ASSIGNMENT, repeats="0"), "'0', which is not the number of a trial"),  # type: ignore[arg-type]
        (Start(ASSIGNMENT, repeats=1), "trial 1, which itself repeats trial 0"),
        (Start(OTHER, repeats=0), "trial 0 with another assignment"),
        (Start(OTHER, reason=3), "3, which is not text"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_repeat_is_refused(start: Start, fault: str) -> None:
    study = Study(plan(), "s1")
    started(study, Start(ASSIGNMENT))
    started(study, Start(ASSIGNMENT, repeats=0))

    with pytest.raises(ValueError, match=fault):
        study.open(start)
