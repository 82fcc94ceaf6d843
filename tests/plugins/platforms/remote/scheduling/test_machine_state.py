"""Tests of the states of a machine."""

import pytest

from sweepwright.plugins.platforms.remote.scheduling.machine_state import (
    FIRST_PAUSE_SECONDS,
    MAX_FAILURES,
    MachineState,
    Status,
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def status(state: MachineState) -> Status:
    return state.status


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def state(clock: Clock) -> MachineState:
    return MachineState(lost_after=100.0, now=clock)


def fail(state: MachineState, times: int = MAX_FAILURES) -> None:
    for _ in range(times):
        state.on_failure("read-only")


def test_a_machine_is_connecting_until_it_was_tried(state: MachineState):
    assert status(state) is Status.CONNECTING
    assert not state.settled

    state.on_detached("refused")

    assert status(state) is Status.UNREACHABLE
    assert state.settled
    assert state.reason == "refused"


def test_jobs_that_are_lost_together_are_one_failure(state: MachineState, clock: Clock):
    for _ in range(MAX_FAILURES - 1):
        clock.now += 10
        for _ in range(5):
            state.on_loss("its runner died")
    state.on_attached()
    assert status(state) is Status.READY

    clock.now += 10
    state.on_loss("its runner died")
    assert status(state) is Status.SET_ASIDE


def test_a_machine_is_given_up_after_a_time_without_connection(state: MachineState, clock: Clock):
    state.on_attached()
    clock.now = 50.0
    state.on_detached("cut")
    clock.now = 60.0
    state.on_detached("refused")  # an attempt to connect again does not prolong the time

    assert state.gives_up_at == 150.0

    state.on_attached()

    assert state.gives_up_at == float("inf")
    assert not state.reason


def test_a_machine_that_fails_repeatedly_is_set_aside_and_tried_again(
    state: MachineState, clock: Clock
):
    state.on_attached()
    fail(state, MAX_FAILURES - 1)
    assert status(state) is Status.READY

    fail(state, 1)
    assert status(state) is Status.SET_ASIDE
    assert state.reason == "read-only"
    assert state.changes_at == FIRST_PAUSE_SECONDS

    clock.now = FIRST_PAUSE_SECONDS
    assert status(state) is Status.READY


def test_on_probation_one_failure_sets_a_machine_aside_for_twice_as_long(
    state: MachineState, clock: Clock
):
    state.on_attached()
    fail(state)
    clock.now = FIRST_PAUSE_SECONDS
    fail(state, 1)

    assert status(state) is Status.SET_ASIDE
    assert state.changes_at == 3 * FIRST_PAUSE_SECONDS


def test_a_success_forgets_all_failures(state: MachineState, clock: Clock):
    state.on_attached()
    fail(state)
    clock.now = FIRST_PAUSE_SECONDS
    state.on_success()
    fail(state, MAX_FAILURES - 1)

    assert status(state) is Status.READY


def test_a_machine_that_cannot_run_trials_is_unfit(state: MachineState):
    state.on_detached("Python 3.6 is too old", unfit=True)

    assert status(state) is Status.UNFIT
