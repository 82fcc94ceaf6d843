"""Whatever a trial reports reaches the journal or is dropped, and never ends the driver."""

import json
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sweepwright.core.store.sweep_files import JOURNAL
from sweepwright.events import Reported
from sweepwright.protocol import TrialLine, write_line
from sweepwright.testing.simulated import Behavior
from tests.core.recorded_sweeps import read_events
from tests.core.simulated_sweeps import CrashError, CrashesAt, RecordingDisplay, simulate_sweep
from tests.core.simulated_sweeps import sweep as any_sweep

ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda held: st.lists(held, max_size=3) | st.dictionaries(st.text(), held, max_size=3),
    max_leaves=5,
)
NUMBERS = st.integers(-2, 3) | st.sampled_from(
    [1 << 62, (1 << 63) - 1, 1 << 63, 1 << 64, -(1 << 63)]
)
FIELDS = {
    "attempt": st.just(1) | NUMBERS | ANY_JSON,
    "role": st.just("main") | ANY_JSON,
    "rank": st.just(0) | NUMBERS | ANY_JSON,
    "process": st.sampled_from(["", "a", "b"]) | ANY_JSON,
    "sequence": NUMBERS | ANY_JSON,
    "kind": st.sampled_from(["intermediate", "final"]) | ANY_JSON,
    "metrics": st.dictionaries(st.just("default") | st.text(), ANY_JSON, max_size=3) | ANY_JSON,
    "continued": st.booleans() | ANY_JSON,
}
FORGED = st.fixed_dictionaries({"sweepwright": st.just(1)}, optional=FIELDS)
LIKELY = st.fixed_dictionaries({"sweepwright": st.just(1), **FIELDS})


def reports_of(folder: Path) -> list[Reported]:
    """Read the reports of the only sweep in a store."""
    entries = read_events(next(iter(folder.iterdir())))
    return [entry.event for entry in entries if isinstance(entry.event, Reported)]


@given(st.lists((LIKELY | FORGED).map(json.dumps) | st.text(), max_size=8))
@settings(max_examples=30)
def test_reports_of_any_shape_are_survived_and_read_back(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        behave = Behavior(1, lines=lines, reports=[0.25], result=0.5)
        simulated = simulate_sweep(Path(folder) / "store", lambda *_: behave)
        outcome = simulated.run(any_sweep(max_trials=1))

        assert (outcome.state, len(simulated.history.trials)) == ("done", 1)
        assert simulated.history.trials[0].value is not None
        read = reports_of(Path(folder) / "store")
        assert len({report.sequence for report in read}) == len(read)


@pytest.mark.parametrize("final", [False, True])
def test_forged_numbers_leave_room_for_those_of_other_processes(
    final: bool,  # noqa: FBT001 - a parameter
    tmp_path: Path,
) -> None:
    sequences = [(1 << 63) - 1, 1 << 62, 0, 1, (1 << 62) + 1]
    lines = [
        write_line(TrialLine(1, "main", 0, sequence, final, {"default": 1}, process=process))
        for process in ("a", "b")
        for sequence in sequences
    ]
    behave = Behavior(1, lines=lines, reports=[0.25], result=0.5)
    simulated = simulate_sweep(tmp_path / "store", lambda *_: behave)

    assert simulated.run(any_sweep(max_trials=1)).state == "done"
    numbers = [report.sequence for report in reports_of(tmp_path / "store")]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) < 1 << 63


def lines_of(processes: int, each: int) -> Iterator[str]:
    """Yield the lines of processes that report one after the other."""
    for process in range(processes):
        for sequence in range(each):
            metrics = {"default": process + sequence / 10}
            yield write_line(
                TrialLine(1, "main", 0, sequence, False, metrics, process=f"p{process}")  # noqa: FBT003 - in the order of the fields
            )


def test_a_resumed_sweep_recognises_the_reports_of_each_process(tmp_path: Path) -> None:
    """The platform reads the log again from the last cursor on, or from its beginning."""
    behave = Behavior(9, lines=list(lines_of(3, 2)), reports=[0.5], result=1.0)
    simulated = simulate_sweep(tmp_path / "store", lambda *_: behave)
    try:
        simulated.run(any_sweep(max_trials=1, concurrency=1), CrashesAt(Reported))
    except CrashError:
        simulated.resume()
    read = reports_of(tmp_path / "store")

    assert [report.value for report in read] == [-0.0, -0.1, -1.0, -1.1, -2.0, -2.1, -0.5, -1.0]
    assert [report.sequence for report in read] == list(range(8))


def test_megabytes_of_metrics_are_bounded_in_the_journal_and_said_once(tmp_path: Path) -> None:
    metrics: Any = {"default": 0.5, **{f"text {number}": "x" * 200 for number in range(280)}}
    behave = Behavior(9, reports=[metrics] * 80, result=0.5)
    display = RecordingDisplay()
    simulated = simulate_sweep(tmp_path / "store", lambda *_: behave)
    simulated.run(any_sweep(max_trials=2), display)
    folder = next(iter((tmp_path / "store").iterdir()))

    assert simulated.history.state == "done"
    assert (folder / JOURNAL).stat().st_size < 2 * 6 << 20
    assert len(reports_of(tmp_path / "store")) == 2 * 81
    assert display.said == [
        (
            f"{simulated.history.sweep}-0-1 reports many metrics: after 4 MiB of a trial's "
            "metrics, others are dropped; `default` is always kept"
        )
    ]


def test_that_reports_are_dropped_is_said_once(tmp_path: Path) -> None:
    display = RecordingDisplay()
    behave = Behavior(9, reports=[0.5] * 20, result=0.5)
    simulated = simulate_sweep(tmp_path / "store", lambda *_: behave)
    simulated.run(any_sweep(max_trials=2, reports_kept=4), display)

    assert display.said == [
        (
            f"{simulated.history.sweep}-0-1 reports often: after the first 4 reports of a trial, "
            "some are dropped; a larger reports_kept keeps more"
        )
    ]
