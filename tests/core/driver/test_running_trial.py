"""Reports of a running trial: which count, which are kept, and which results are valid."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.contracts import PythonFile, Role, TrialCode
from sweepwright.core.driver.report_log import FINALS_KEPT, METRICS_KEPT, should_keep
from sweepwright.core.driver.study import Study
from sweepwright.core.plan.plan import Direction, Objective
from sweepwright.events import (
    Failed,
    Failure,
    FailureKind,
    Measured,
)
from tests.core.driver.study_steps import CRASH, ended, measured, reported, started
from tests.core.examples import line, plan


def test_a_measurement_is_the_final_report_minimised() -> None:
    study = Study(plan(), "s1")
    job = started(study)
    reported(study, job, 0.9)

    event = ended(study, job)

    assert isinstance(event, Measured)
    assert event.value == -0.9
    assert study.incumbent == (0, 0.9)


def test_a_minimised_objective_keeps_its_sign() -> None:
    study = Study(plan(objective=Objective("default", Direction.MINIMIZE)), "s1")
    measured(study, 3.0)
    measured(study, 2.0)

    assert study.incumbent == (1, 2.0)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", None, True, "0.5", [1]])
def test_a_result_that_is_not_a_finite_number_is_a_failure(value: Any) -> None:
    study = Study(plan(), "s1")
    job = started(study)
    reported(study, job, value)

    event = ended(study, job)

    assert isinstance(event, Failed)
    assert event.failure == Failure(FailureKind.METRIC, "metric not finite")


def test_a_trial_without_a_result_has_failed() -> None:
    study = Study(plan(), "s1")

    event = ended(study, started(study))

    assert event.failure.message == "no final result reported"


def test_a_result_without_the_objective_names_what_it_has() -> None:
    study = Study(plan(objective=Objective("accuracy")), "s1")
    job = started(study)
    reported(study, job)

    message = ended(study, job).failure.message

    assert message.startswith("the final result reports `default`, not `accuracy`")


def test_an_attempt_that_fails_after_its_result_has_failed() -> None:
    study = Study(plan(), "s1")
    job = started(study)
    reported(study, job)

    assert isinstance(ended(study, job, CRASH), Failed)


@pytest.mark.parametrize(
    ("role", "rank", "counts"),
    [("chief", 0, True), ("chief", 1, False), ("ps", 0, False), ("of its own", 0, True)],
)
def test_only_rank_0_of_a_reporting_role_is_heard(role: str, rank: int, counts: bool) -> None:  # noqa: FBT001 - a parameter
    entry = PythonFile("x.py")
    roles = (Role("ps", entry, reports=False), Role("chief", entry, 2))
    study = Study(plan(code=TrialCode("example", roles)), "s1")
    job = started(study)

    assert (study.on_report(job, replace(line(), role=role, rank=rank)) is not None) is counts


def test_a_line_read_twice_counts_once() -> None:
    study = Study(plan(), "s1")
    job = started(study)

    assert reported(study, job, 0.1, sequence=0, final=False)
    assert reported(study, job, 0.1, sequence=0, final=False) is None


def test_a_line_of_another_attempt_is_ignored() -> None:
    study = Study(plan(), "s1")

    assert reported(study, started(study), attempt=2) is None


def test_reports_past_the_limit_are_thinned_and_counted() -> None:
    study = Study(plan(reports_kept=4), "s1")
    job = started(study)
    for sequence in range(64):
        reported(study, job, 0.1, sequence=sequence, final=False)
    live = study.running[0]

    assert [r.sequence for r in live.reports] == [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48]
    assert live.log.dropped == 64 - 12


def test_a_final_report_is_never_thinned() -> None:
    study = Study(plan(reports_kept=1), "s1")
    job = started(study)
    reported(study, job, 0.3, sequence=5, final=True)

    assert isinstance(ended(study, job), Measured)


def test_reports_of_several_processes_are_kept_in_the_order_of_arrival() -> None:
    """A forked child a fold, or each step of a shell script, counts its own reports from 0."""
    study = Study(plan(), "s1")
    job = started(study)
    heard = [("a", 0), ("a", 1), ("b", 0), ("a", 2), ("c", 0), ("b", 1), ("b", 1), ("a", 1)]
    for value, (process, sequence) in enumerate(heard):
        reported(study, job, value, sequence=sequence, final=False, process=process)
    live = study.running[0]

    assert live.curve == [-0.0, -1.0, -2.0, -3.0, -4.0, -5.0]
    assert [report.sequence for report in live.reports] == [0, 1, 2, 3, 4, 5]


def test_a_late_report_of_a_single_process_takes_its_place() -> None:
    study = Study(plan(), "s1")
    job = started(study)
    for sequence in (0, 2, 1):
        reported(study, job, sequence, sequence=sequence, final=False, process="a")

    assert study.running[0].curve == [-0.0, -1.0, -2.0]


def test_of_several_final_results_the_last_counts() -> None:
    study = Study(plan(), "s1")
    job = started(study)
    kept = [reported(study, job, value, sequence=0, process=str(value)) for value in range(1000)]

    assert sum(report is not None for report in kept) == FINALS_KEPT
    assert ended(study, job).value == -999.0


def test_many_processes_are_thinned_like_many_reports_of_one() -> None:
    study = Study(plan(reports_kept=10), "s1")
    job = started(study)
    for process in range(5000):
        for sequence in range(2):
            reported(study, job, sequence=sequence, final=False, process=str(process))

    assert len(study.running[0].reports) < 100
    assert study.running[0].log.dropped > 9900


def test_metrics_of_an_attempt_are_bounded_and_its_objective_is_kept() -> None:
    study = Study(plan(), "s1")
    job = started(study)
    metrics = {"default": 0.5, **{f"layer {number}": 0.25 for number in range(2000)}}
    for sequence in range(300):
        reported(study, job, sequence=sequence, final=False, metrics=metrics)
    reported(study, job, sequence=300, metrics=metrics)
    live = study.running[0]

    assert len(live.curve) == 300
    assert sum(len(json.dumps(report.metrics)) for report in live.reports) < 1.5 * METRICS_KEPT
    assert live.reports[-1].metrics == {"default": 0.5}
    assert live.log.shortened > 150
    assert ended(study, job).metrics == metrics, "a final result is kept whole"


@given(limit=st.integers(1, 50), count=st.integers(0, 4000))
def test_the_number_of_kept_reports_grows_with_the_logarithm(limit: int, count: int) -> None:
    kept_count = sum(should_keep(sequence, limit) for sequence in range(count))

    assert (
        min(count, limit)
        <= kept_count
        <= limit * (2 + max(1, count / limit).__ceil__().bit_length())
    )
