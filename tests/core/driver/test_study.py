"""The study as a state machine: which event follows from what the platform saw, in any order."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweepwright.contracts import Budget
from sweepwright.core.driver.study import Study
from sweepwright.core.plan.trial_state import TrialState
from sweepwright.events import (
    CheckpointRef,
    Failed,
    Failure,
    FailureKind,
    Lost,
    Measured,
    Promote,
    Retried,
    Start,
    Stopped,
)
from tests.core.driver.study_steps import (
    CRASH,
    GONE,
    ended,
    interrupted,
    measured,
    opened,
    reported,
    started,
)
from tests.core.examples import ASSIGNMENT, line, plan

BUDGET = Budget(27.0)


def test_trials_are_numbered_from_zero() -> None:
    study = Study(plan(), "s1")

    assert [opened(study).trial.number for _ in range(3)] == [0, 1, 2]


def test_failures_are_retried_as_configured_for_their_class() -> None:
    study = Study(plan(retries={FailureKind.ERROR: 1}), "s1")
    first = started(study)
    again = ended(study, first, CRASH)
    (attempt,) = study.take_due()

    assert isinstance(again, Retried)
    assert (attempt.trial.number, attempt.number) == (0, 2)

    assert isinstance(ended(study, attempt.job, CRASH), Failed)
    assert study.failures == {"ValueError: bad lr": 1}


def test_a_trial_lost_for_good_is_lost_and_not_failed() -> None:
    study = Study(plan(), "s1")

    assert isinstance(ended(study, started(study), GONE), Lost)


def test_an_attempt_that_ended_with_its_driver_uses_up_no_retry() -> None:
    study = Study(plan(retries={FailureKind.LOST: 1}), "s1")
    interrupted(study, started(study))

    assert study.running[0].attempt == 2
    assert not study.running[0].failures


def test_a_superseded_job_changes_nothing() -> None:
    study = Study(plan(retries={FailureKind.KILLED: 1}), "s1")
    job = started(study)
    ended(study, job, Failure(FailureKind.KILLED, "killed by SIGKILL"))

    assert study.on_report(job, line()) is None
    assert study.on_end(job, None) is None
    assert study.on_start(job, None) is None


def test_a_promoted_trial_inherits_its_own_checkpoint() -> None:
    study = Study(plan(budget=BUDGET), "s1")
    number = measured(study)
    live = opened(study, Promote(number, 9.0))

    assert (live.attempt, live.inherits, live.trial.budget) == (2, CheckpointRef(number, 1), 9.0)
    assert live.trial.assignment == ASSIGNMENT
    assert study.opened == 1


def test_a_retry_of_a_promotion_inherits_the_complete_checkpoint() -> None:
    study = Study(plan(budget=BUDGET, retries={FailureKind.ERROR: 1}), "s1")
    number = measured(study)
    job = started(study, Promote(number, 9.0))
    ended(study, job, CRASH)

    assert (study.running[number].attempt, study.running[number].inherits) == (
        3,
        CheckpointRef(number, 1),
    )


def test_a_start_may_inherit_from_another_trial() -> None:
    study = Study(plan(), "s1")

    assert opened(study, Start(ASSIGNMENT, parent=CheckpointRef(7, 2))).inherits == CheckpointRef(
        7, 2
    )


@pytest.mark.parametrize("number", [5, -1, 0, "x"])
def test_only_a_measured_trial_is_promoted(number: Any) -> None:
    study = Study(plan(), "s1")
    opened(study)

    with pytest.raises(ValueError, match="cannot be promoted"):
        study.open(Promote(number, 3.0))


def test_a_trial_whose_promotion_failed_is_not_promoted_again() -> None:
    study = Study(plan(budget=BUDGET), "s1")
    number = measured(study)
    ended(study, started(study, Promote(number, 3.0)), CRASH)

    with pytest.raises(ValueError, match="cannot be promoted"):
        study.open(Promote(number, 9.0))


def test_a_suggestion_of_an_unknown_type_is_refused() -> None:
    study = Study(plan(), "s1")

    with pytest.raises(ValueError, match="neither a Start nor a Promote"):
        study.open({"lr": 1})  # type: ignore[arg-type]


def test_a_stopped_trial_occupies_its_slot_until_its_job_has_ended() -> None:
    study = Study(plan(concurrency=1), "s1")
    job = started(study)
    reported(study, job, 0.25, final=False)
    stop = study.on_stop(study.running[0], "below the median")
    study.apply(stop)

    assert isinstance(stop, Stopped)
    assert stop.value == -0.25
    assert (study.vacancies, study.busy) == (0, True)

    assert study.on_end(job, Failure(FailureKind.KILLED, "cancelled")) is None
    assert (study.vacancies, study.busy) == (1, False)


def test_a_trial_shows_what_it_waits_for_until_it_starts() -> None:
    study = Study(plan(), "s1")
    live = opened(study)
    job = study.attempt(live).job
    live.waiting_for = "1 gpu"
    event = study.on_start(job, None)
    assert event is not None
    study.apply(event)
    assert live.waiting_for is None


def test_a_due_trial_stays_due_when_its_job_is_refused() -> None:
    study = Study(plan(), "s1")
    [attempt] = [study.attempt(opened(study))]
    study.take_due()
    study.running[0].waiting_for = "space on the disk"

    assert interrupted(study, attempt.job) is None
    assert not study.busy
    assert study.running[0].waiting_for is None
    assert study.take_due() == [attempt]


def test_no_more_attempts_are_taken_than_may_run_at_once() -> None:
    study = Study(plan(concurrency=2), "s1")
    for _ in range(3):
        opened(study)

    assert [attempt.trial.number for attempt in study.take_due()] == [0, 1]


def test_every_attempt_of_a_trial_has_the_same_seed_and_every_trial_another() -> None:
    study = Study(plan(retries={FailureKind.ERROR: 1}), "s1")
    job = started(study)
    seed = study.attempt(study.running[0]).seed
    ended(study, job, CRASH)

    assert study.attempt(study.running[0]).seed == seed
    assert study.attempt(opened(study)).seed != seed
    assert 0 <= seed < 2**63


def test_an_impossible_event_is_an_assertion_error() -> None:
    study = Study(plan(), "s1")
    live = opened(study)

    with pytest.raises(AssertionError, match="cannot happen"):
        study.apply(Measured(live.trial, 0.5))


ACTIONS = st.lists(
    st.tuples(
        st.integers(0, 7),
        st.sampled_from(["end", "crash", "lose", "report", "stop", "vanish", "again"]),
    ),
    max_size=60,
)


@given(actions=ACTIONS)
def test_in_any_order_of_events_every_trial_is_counted_once(
    actions: list[tuple[int, str]],
) -> None:
    """Duplicate and late events and failures, in any order, never lose or double a trial."""
    study = Study(plan(retries={FailureKind.ERROR: 1, FailureKind.LOST: 1}, concurrency=8), "s1")
    jobs = [started(study) for _ in range(8)]
    for number, action in actions:
        act(study, jobs, number, action)

    assert sum(study.counts.values()) == 8
    assert sum(study.counts[state] for state in ("due", "running")) == len(study.running)
    assert all(count >= 0 for count in study.counts.values())


def act(study: Study, jobs: list[str], number: int, action: str) -> None:
    """Apply one action to a trial, whether its job is current or superseded."""
    live = study.running.get(number)
    match action:
        case "end":
            reported(study, jobs[number], sequence=1, attempt=live.attempt if live else 1)
            ended(study, jobs[number])
        case "crash":
            ended(study, jobs[number], CRASH)
        case "lose":
            ended(study, jobs[number], GONE)
        case "report":
            reported(study, jobs[number], 0.1, sequence=0, final=False)
        case "stop" if live and live.state is TrialState.RUNNING:
            study.apply(study.on_stop(live, "enough"))
        case "vanish" if live and live.state is TrialState.RUNNING:
            interrupted(study, study.attempt(live).job)
        case "again" if live and live.state is TrialState.DUE:
            jobs[number] = study.attempt(live).job
            study.mark_launched(live)
            event = study.on_start(jobs[number], None)
            assert event is not None
            study.apply(event)


def test_without_a_budget_no_trial_is_promoted() -> None:
    """The study then keeps no assignments, which a promotion would need."""
    study = Study(plan(), "s1")
    number = measured(study)

    with pytest.raises(ValueError, match="trial 0 cannot be promoted: there is no budget"):
        study.open(Promote(number, 9.0))
