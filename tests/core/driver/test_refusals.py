"""What the machine refuses costs no trial: jobs wait, or the session ends and a resume goes on."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Job
from sweepwright.core.driver import machine_refusals
from sweepwright.core.driver.machine_refusals import MachineRefusals
from sweepwright.events import Failed, Lost, Retried
from sweepwright.testing.simulated import Behavior
from tests.core.simulated_sweeps import (
    RecordingDisplay,
    SimulatedSweep,
    outcomes,
    simulate_sweep,
    sweep,
)

DISK, FULL = "space on the disk of /data", "No space left on device"
READ_ONLY = "`/data`: Read-only file system"
WAITING = f"waiting for {DISK}: {FULL}; the sweep goes on by itself"


def succeed(assignment: Any, _job: Job) -> Behavior:
    """Succeed, so that every failure is the machine's."""
    return Behavior(1 + int(assignment["lr"] * 1e6) % 13, result=assignment["lr"])


@pytest.fixture
def undisturbed(tmp_path: Path) -> list[tuple[Any, ...]]:
    """Run the sweep on a machine that refuses nothing."""
    calm = simulate_sweep(tmp_path / "calm", succeed)
    calm.run(sweep())
    return outcomes(calm.history)


@pytest.fixture
def simulated(tmp_path: Path) -> SimulatedSweep:
    """Simulate a sweep whose trials all succeed."""
    return simulate_sweep(tmp_path / "store", succeed)


def unspent(simulated: SimulatedSweep) -> bool:
    """Tell whether each trial was measured in its first attempt."""
    return all(
        trial.state.value == "measured" and trial.attempts == 1
        for trial in simulated.history.trials
    )


def test_jobs_wait_while_the_machine_refuses_and_no_trial_is_spent(
    simulated: SimulatedSweep, undisturbed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine_refusals, "SETTLED_SECONDS", 0.0)
    display = RecordingDisplay(3, lambda: simulated.cluster.refuse(DISK, FULL, seconds=60))
    outcome = simulated.run(sweep(), display)

    assert (outcome.state, outcome.exit_code) == ("done", 0)
    assert outcomes(simulated.history) == undisturbed
    assert unspent(simulated)
    assert display.said == [WAITING, "nothing is refused any more; the sweep goes on"]
    assert not [e for e in display.events if isinstance(e, Failed | Lost | Retried)]


def test_a_refusal_for_good_ends_the_session_and_a_resume_goes_on(
    simulated: SimulatedSweep, undisturbed: list[Any]
) -> None:
    display = RecordingDisplay(3, lambda: simulated.cluster.break_down(READ_ONLY))
    outcome = simulated.run(sweep(), display)
    [said] = display.said

    assert (outcome.state, outcome.reason, outcome.exit_code) == ("interrupted", READ_ONLY, 1)
    assert said == f"no more trials start: {READ_ONLY}; running trials may finish"
    assert simulated.history.state == "interrupted"
    assert {t.state.value for t in simulated.history.trials} == {"measured", "due"}

    again = simulated.resume()
    assert (again.state, again.reason) == ("interrupted", READ_ONLY)

    simulated.cluster.repair()
    assert simulated.resume().state == "done"
    assert outcomes(simulated.history) == undisturbed
    assert unspent(simulated)


def test_an_interrupted_sweep_does_not_wait_for_jobs_that_wait(
    simulated: SimulatedSweep, undisturbed: list[Any]
) -> None:
    def interrupt() -> None:
        simulated.cluster.refuse(DISK, FULL)
        display.at, display.then = display.turns + 5, lambda: os.kill(os.getpid(), signal.SIGINT)

    display = RecordingDisplay(3, interrupt)
    outcome = simulated.run(sweep(), display)

    assert (outcome.state, outcome.exit_code) == ("interrupted", 130)
    assert {t.state.value for t in simulated.history.trials} == {"measured", "due"}

    simulated.cluster.repair()
    assert simulated.resume().state == "done"
    assert outcomes(simulated.history) == undisturbed
    assert unspent(simulated)


def test_the_tuner_suggests_no_more_than_there_are_slots(simulated: SimulatedSweep) -> None:
    simulated.cluster.refuse(DISK, FULL)
    display = RecordingDisplay(20, lambda: os.kill(os.getpid(), signal.SIGTERM))
    simulated.run(sweep(concurrency=3), display)

    assert len(simulated.history.trials) == 3


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect messages, with no pause before a sweep goes on."""
    monkeypatch.setattr(machine_refusals, "SETTLED_SECONDS", 0.0)
    return []


def test_each_refusal_is_told_once_for_all_jobs(said: list[str]) -> None:
    refusals = MachineRefusals(said.append)
    for job in ("a", "b", "c"):
        refusals.on_waiting(job, DISK, FULL)
    refusals.on_waiting("d", "1 gpu", "")
    refusals.on_waiting("e", "free file descriptors", "Too many open files")
    refusals.settle()

    assert [line.split(":")[0] for line in said] == [
        f"waiting for {DISK}",
        "waiting for free file descriptors",
    ]
    for job in ("a", "b", "c", "e"):
        refusals.forget(job)
    refusals.settle()
    refusals.settle()
    assert said[2:] == ["nothing is refused any more; the sweep goes on"]


def test_a_sweep_at_the_limit_does_not_tell_of_every_job(said: list[str]) -> None:
    """A job waits and starts again and again, each time when another one ends."""
    machine_refusals.SETTLED_SECONDS = 60.0  # restored by the fixture
    refusals = MachineRefusals(said.append)
    for number in range(50):
        refusals.on_waiting(f"{number}", DISK, FULL)
        refusals.settle()
        refusals.forget(f"{number}")
        refusals.settle()

    assert said == [WAITING]


def test_only_the_first_refusal_for_good_is_told(said: list[str]) -> None:
    refusals = MachineRefusals(said.append)
    refusals.on_refused("a", READ_ONLY)
    refusals.on_refused("b", "`/data`: Input/output error")

    assert refusals.final == READ_ONLY
    assert len(said) == 1
