"""What the tuner believes is recorded when a session ends, and found after any other end."""

import os
import signal
import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Belief, PluginError, Prediction
from sweepwright.core.driver.beliefs.asking import (
    AbortedError,
    abort_on_signals,
    check_belief,
)
from sweepwright.core.driver.beliefs.rebuilding import rebuild_belief
from sweepwright.core.registry.registry import Registry
from sweepwright.core.store.history import History
from sweepwright.core.store.salvage import recover_history
from sweepwright.core.store.sweep_files import JOURNAL
from sweepwright.events import Measured, Opened
from sweepwright.testing import hashed
from tests.core.examples import ASSIGNMENT, SPACE
from tests.core.repeating_sweeps import noisy, repeating
from tests.core.simulated_sweeps import (
    CrashError,
    CrashesAt,
    RecordingDisplay,
    SimulatedSweep,
    crash,
    outcomes,
    simulate_sweep,
    sweep,
)
from tests.sweepwright.testing.sound_tuners import BELIEVES, Repeating


def simulate(store: Path, tuner: type[Repeating] = Repeating) -> SimulatedSweep:
    return simulate_sweep(store, noisy, tuners=[replace(BELIEVES, build=tuner)])


@pytest.mark.parametrize("reproducible", [True, False])
def test_the_belief_at_the_end_is_that_of_a_tuner_told_the_same(
    tmp_path: Path, *, reproducible: bool
) -> None:
    simulated = simulate(tmp_path / "store")
    simulated.run(repeating(reproducible=reproducible))
    history = simulated.history
    best = history.best

    assert history.stated
    assert history.stated.belief == rebuild_belief(history, simulated.registry)
    assert history.stated.belief
    assert history.stated.belief.best
    assert history.trials.repeats
    assert best


def values(history: History) -> list[tuple[int, float | None, int | None]]:
    return [(trial.number, trial.median, trial.repeats) for trial in history.trials]


@pytest.mark.parametrize("turn", range(0, 40, 9))
def test_a_crash_between_repeats_changes_no_result_and_no_belief(
    turn: int, tmp_path: Path
) -> None:
    undisturbed, crashed = simulate(tmp_path / "calm"), simulate(tmp_path / "stormy")
    undisturbed.run(repeating())
    try:
        crashed.run(repeating(), RecordingDisplay(turn, crash))
    except CrashError:
        crashed.resume()
    calm, stormy = undisturbed.history, crashed.history

    assert outcomes(stormy) == outcomes(calm)
    assert values(stormy) == values(calm)
    assert stormy.stated
    assert calm.stated
    assert stormy.stated.belief == calm.stated.belief


def test_a_killed_driver_has_recorded_no_belief_but_its_tuner_can_be_rebuilt(
    tmp_path: Path,
) -> None:
    simulated = simulate(tmp_path / "store")
    with pytest.raises(CrashError):
        simulated.run(repeating(), CrashesAt(Measured))
    history = simulated.history
    belief = rebuild_belief(history, simulated.registry)

    assert history.stated is None
    assert belief
    assert belief.best
    assert history.best
    assert belief.best.assignment == history.best.assignment


def test_a_belief_that_rests_on_fewer_events_is_not_shown(tmp_path: Path) -> None:
    simulated = simulate(tmp_path / "store")
    simulated.run(repeating(max_trials=3))
    earlier = simulated.history.stated
    limits = replace(simulated.history.plan.limits, max_trials=6)
    with pytest.raises(CrashError):
        simulated.resume(limits, CrashesAt(Opened))

    assert earlier
    assert simulated.history.stated is None


def test_a_belief_is_found_in_a_damaged_journal(tmp_path: Path) -> None:
    simulated = simulate(tmp_path / "store")
    simulated.run(repeating())
    recorded = simulated.history.stated
    with closing(sqlite3.connect(simulated.folder / JOURNAL)) as connection:
        for kind, trial in (("opened", 1), ("measured", 2)):
            lost = "UPDATE events SET body = '{}' WHERE kind = ? AND trial = ?"
            connection.execute(lost, (kind, trial))
        connection.commit()
    history, faults = recover_history(simulated.folder)
    belief = rebuild_belief(history, simulated.registry)

    assert faults
    assert history.stated is None
    assert recorded
    assert recorded.belief
    assert belief
    assert belief.best


def test_other_tuners_are_not_asked(tmp_path: Path) -> None:
    simulated = simulate_sweep(tmp_path / "store")
    simulated.run(sweep())

    assert simulated.history.stated is None


class Raises(Repeating):
    def belief(self) -> Belief | None:
        raise ZeroDivisionError("no variance")


class Babbles(Repeating):
    def belief(self) -> Any:
        return "lr"


@pytest.mark.parametrize(
    ("tuner", "fault"),
    [
        (Raises, "tuner `repeating` failed: ZeroDivisionError: no variance"),
        (Babbles, "`belief` returned 'lr', which is not a Belief"),
    ],
)
def test_a_tuner_that_fails_costs_a_warning(
    tuner: type[Repeating], fault: str, tmp_path: Path
) -> None:
    simulated, display = simulate(tmp_path / "store", tuner), RecordingDisplay()
    outcome = simulated.run(repeating(), display)

    assert (outcome.state, outcome.exit_code) == ("done", 0)
    assert any(line.startswith("warning: what the tuner believes") for line in display.said)
    assert fault in display.said[-1]
    with pytest.raises(PluginError, match="tuner `repeating` failed"):
        rebuild_belief(simulated.history, simulated.registry)


class Ponders(Repeating):
    def belief(self) -> Belief | None:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(60)
        return super().belief()


def test_a_signal_ends_the_wait_for_a_belief(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGINT)
    simulated, display = simulate(tmp_path / "store", Ponders), RecordingDisplay()
    outcome = simulated.run(repeating(), display)

    assert (outcome.state, outcome.exit_code) == ("done", 0)
    assert simulated.history.state == "done"
    assert simulated.history.stated is None
    assert signal.getsignal(signal.SIGINT) is before


def test_after_an_interruption_the_wait_is_short() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with pytest.raises(AbortedError), abort_on_signals(0.01):
        time.sleep(60)

    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_outside_of_the_main_thread_nothing_ends_the_wait() -> None:
    done: list[bool] = []

    def wait() -> None:
        with abort_on_signals(0.01):
            done.append(True)

    thread = threading.Thread(target=wait)
    thread.start()
    thread.join()

    assert done


@pytest.mark.parametrize(
    ("belief", "fault"),
    [
        (Belief(Prediction(ASSIGNMENT, float("nan"), 0.1), {}), "`mean` of a Prediction"),
        (Belief(Prediction(ASSIGNMENT, 0.5, -0.1), {}), "deviation of a prediction is -0.1"),
        (Belief(Prediction({"lr": 7.0}, 0.5, 0.1), {}), "not in the search space"),
        (Belief(None, {"nothing": 0.1}), "importance of `nothing`"),
        (Belief(None, {"lr": 1.5}), "is 1.5, which cannot be"),
    ],
)
def test_what_is_no_belief_is_refused(belief: Belief, fault: str) -> None:
    with pytest.raises((TypeError, ValueError), match=fault):
        check_belief(belief, SPACE)


def test_a_tuner_that_is_not_installed_is_named(tmp_path: Path) -> None:
    simulated = simulate(tmp_path / "store")
    simulated.run(repeating())

    with pytest.raises(PluginError, match="no tuner is called `repeating`"):
        rebuild_belief(simulated.history, Registry.of({"hashed": hashed}))
