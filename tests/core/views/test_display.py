"""Displays of a running sweep: plain lines, live on a terminal, or quiet."""

import io
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from rich.console import Console

from sweepwright.core.driver.study import Study
from sweepwright.core.views.display import (
    LINES_A_SECOND,
    PlainDisplay,
    QuietDisplay,
    choose_display,
)
from sweepwright.core.views.live_display import MOST_RUNNING, LiveDisplay
from sweepwright.core.views.output import LineWriter
from sweepwright.events import Retried, Start, StudyEvent
from tests.core.examples import plan
from tests.core.recorded_sweeps import OUT_OF_MEMORY, start_events, trial_events

A, B = {"lr": 0.1}, {"lr": 0.2}


class Clock:
    """Clock that a test sets."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def study(**changes: Any) -> Study:
    return Study(plan(**changes), "s1")


def test_plain_output_has_a_line_for_each_trial() -> None:
    lines: list[str] = []
    running = study()
    with PlainDisplay(lines.append, Clock()) as display:
        for how in (0.5, OUT_OF_MEMORY, 0.25, 0.75):
            display.update(running, trial_events(running, how))
        display.notify("draining")

    assert lines == [
        "sweep s1: 8 trials of example, 2 at once, tuned by random on simulated",
        "trial 0     0.5  lr=0.01 layers=2 activation=tanh  (best so far)",
        "trial 1     failed: the trial ran out of memory  lr=0.01 layers=2 activation=tanh",
        "trial 2     0.25  lr=0.01 layers=2 activation=tanh",
        "trial 3     0.75  lr=0.01 layers=2 activation=tanh  (best so far)",
        "draining",
    ]


def test_plain_output_marks_the_best_assignment_and_not_the_luckiest_trial() -> None:
    lines: list[str] = []
    clock, running = Clock(), study()
    display = PlainDisplay(lines.append, clock)
    for start, value in ((Start(A), 0.9), (Start(B), 0.8), (Start(A, repeats=0), 0.5)):
        clock.now += 1
        display.update(running, start_events(running, start, value))
    doubtful = Start(A, repeats=0, reason="two measurements are few")
    display.update(running, start_events(running, doubtful, 0.95))

    assert lines[1:] == [
        "trial 0     0.9  lr=0.1  (best so far)",
        "trial 1     0.8  lr=0.2",
        "trial 2     0.5, trial 0 again  lr=0.1",
        "trial 3     measures trial 0 again: two measurements are few",
        "trial 3     0.95, trial 0 again  lr=0.1  (best so far)",
    ]


def test_plain_output_says_once_what_trials_wait_for() -> None:
    lines: list[str] = []
    clock, running = Clock(), study(concurrency=2)
    display = PlainDisplay(lines.append, clock)
    for _ in range(2):
        trial_events(running, None)
    for live in running.running.values():
        live.waiting_for = "1 gpu"
    for _ in range(3):
        clock.now += 1.5
        display.update(running, ())

    assert lines[1:] == ["trials 0 and 1 wait for 1 gpu"]


def test_plain_output_is_limited_to_a_line_a_second_at_a_high_rate() -> None:
    lines: list[str] = []
    clock, running = Clock(), study(max_trials=2000)
    display = PlainDisplay(lines.append, clock)
    for _ in range(2000):
        clock.now += 1 / 200
        display.update(running, trial_events(running, 0.5))

    assert len(lines) < 10 * (LINES_A_SECOND + 1)
    assert lines[-1].endswith(" of 2,000 trials, 200 a second, best 0.5 in trial 0")


def test_plain_output_shows_single_trials_again_when_the_rate_falls() -> None:
    lines: list[str] = []
    clock, running = Clock(), study(max_trials=100)
    display = PlainDisplay(lines.append, clock)
    for _ in range(20):
        display.update(running, trial_events(running, 0.5))
    for _ in range(2):
        clock.now += 1
        display.update(running, ())
    display.update(running, trial_events(running, 0.5))

    assert lines[-2] == "20 of 100 trials, 20 a second, best 0.5 in trial 0"
    assert lines[-1].startswith("trial 20 ")


def test_plain_output_shows_a_retry() -> None:
    lines: list[str] = []
    running = study()
    opened, *_ = trial_events(running, None)
    display = PlainDisplay(lines.append, Clock())
    display.update(running, [opened, Retried(opened.trial, OUT_OF_MEMORY)])

    assert len(lines) == 2
    assert lines[1].startswith("trial 0     retrying: the trial ran out of memory")


def test_the_quiet_display_shows_only_messages() -> None:
    lines: list[str] = []
    running = study()
    with QuietDisplay(lines.append) as display:
        display.update(running, trial_events(running, 0.5))
        display.notify("no space left to write the journal")

    assert lines == ["no space left to write the journal"]


def test_the_display_is_live_only_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose_display(quiet=True), QuietDisplay)
    assert isinstance(choose_display(quiet=False), PlainDisplay)

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)

    assert isinstance(choose_display(quiet=False), LiveDisplay)


def test_progress_goes_to_standard_output_and_messages_of_a_quiet_sweep_to_standard_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    PlainDisplay().notify("progress")
    QuietDisplay().notify("important")

    assert capsys.readouterr() == ("progress\n", "important\n")


def test_a_display_gives_up_output_that_fails() -> None:
    written: list[str] = []

    def write(line: str) -> None:
        written.append(line)
        raise BrokenPipeError

    display = PlainDisplay(write)
    for line in ("one", "two"):
        display.notify(line)

    assert written == ["one"]


def test_a_line_from_a_signal_handler_waits_until_the_current_line_is_written() -> None:
    written: list[str] = []

    def write(line: str) -> None:
        if line == "first":
            writer.write("from the handler")
        written.append(line)

    writer = LineWriter(write)
    writer.write("first")

    assert written == ["first", "from the handler"]


def screen(**options: Any) -> tuple[Console, Callable[[], str]]:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100, height=30, **options)
    return console, file.getvalue


def live_after(endings: Iterable[Any], clock: Clock, **changes: Any) -> str:
    """Show trials that end one a second in these ways, and return all that was drawn."""
    console, shown = screen(color_system=None)
    running = study(**changes)
    with LiveDisplay(console, clock) as display:
        for how in endings:
            clock.now += 1
            display.update(running, trial_events(running, how))
        return shown()


def test_the_live_display_shows_progress_rate_and_best() -> None:
    shown = live_after([0.5, 0.75, 0.25], Clock())

    assert "3 of 8 trials" in shown
    assert "1 a second" in shown
    assert "5.0 s left" in shown
    assert "best 0.75 in trial 1  lr=0.01 layers=2 activation=tanh" in shown


def test_failures_stay_above_the_live_display() -> None:
    shown = live_after([OUT_OF_MEMORY, 0.5], Clock())

    assert "trial 0     failed: the trial ran out of memory" in shown
    assert "2 of 8 trials, 1 failed" in shown


def test_a_sweep_without_a_last_trial_shows_no_time_left() -> None:
    shown = live_after([0.5], Clock(), max_trials=None)

    assert "1 trial" in shown
    assert "left" not in shown


def test_the_live_display_shows_the_state_of_each_running_trial() -> None:
    console, shown = screen(color_system=None)
    clock, running = Clock(), study(max_trials=100)
    display = LiveDisplay(console, clock)
    for _ in range(MOST_RUNNING + 3):
        opened, started = trial_events(running, None)
        events: list[StudyEvent] = [opened]
        if opened.trial.number != 1:
            events.append(started)
        display.update(running, events)
    running.running[1].waiting_for = "1 gpu"
    running.running[2].attempt = 2
    running.running[3].waiting_for = "space on the disk"
    clock.now += 12
    with display:
        display.update(running, ())

    assert "trial 0     running for 12 s  lr=0.01" in shown()
    assert "trial 1     waiting for 1 gpu" in shown()
    assert "trial 2     running for 12 s  attempt 2" in shown()
    assert "trial 3     waiting for space on the disk" in shown(), "to keep its checkpoint"
    assert "and 3 more" in shown()


def test_the_live_display_names_the_machine_of_a_running_trial() -> None:
    console, shown = screen(color_system=None)
    running = study()
    with LiveDisplay(console, Clock()) as display:
        events = trial_events(running, None, handle={"machine": "box1", "log": "x"})
        display.update(running, events)

    assert "trial 0     running on box1 for 0 ms  lr=0.01" in shown()


def test_the_live_display_says_which_trial_is_measured_again_and_why() -> None:
    console, shown = screen(color_system=None)
    clock, running = Clock(), study()
    with LiveDisplay(console, clock) as display:
        for start, value in ((Start(A), 0.9), (Start(B), 0.8), (Start(A, repeats=0), 0.5)):
            clock.now += 1
            display.update(running, start_events(running, start, value))
        clock.now += 1
        display.update(running, start_events(running, Start(A, None, None, 0, "doubtful"), None))

    assert "best 0.9 in trial 0  lr=0.1" in shown()
    assert "best 0.8 in trial 1 \n" in shown().replace("\r", "").replace("  \n", " \n")
    assert "trial 3     running for 0 ms, trial 0 again (doubtful)  lr=0.1" in shown()


def test_a_due_trial_that_waits_for_nothing_is_starting() -> None:
    console, shown = screen(color_system=None)
    running = study()
    opened, _ = trial_events(running, None)
    with LiveDisplay(console, Clock()) as display:
        display.update(running, [opened])

    assert "trial 0     starting" in shown()


def test_the_rate_covers_the_last_seconds_only() -> None:
    clock, running = Clock(), study(max_trials=None)
    console, shown = screen(color_system=None)
    with LiveDisplay(console, clock) as display:
        display.update(running, trial_events(running, 0.5))
        for _ in range(30):
            clock.now += 1
            display.update(running, ())

    assert shown().rstrip().split("a second")[-2].endswith("0 ")


def test_markup_in_a_message_is_shown_literally() -> None:
    console, shown = screen()
    with LiveDisplay(console, Clock()) as display:
        display.notify("[red]not markup[/red]")

    assert "[red]not markup[/red]" in shown()


def test_a_sweep_continues_when_its_terminal_is_closed() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(5, "Input/output error")

    clock, running = Clock(), study()
    with LiveDisplay(Console(file=Gone(), force_terminal=True), clock) as display:
        for _ in range(3):
            clock.now += 1
            display.update(running, trial_events(running, 0.5))
        display.notify("anybody there?")

    assert running.counts["measured"] == 3


@pytest.mark.parametrize("live", [False, True])
def test_a_display_takes_less_than_half_a_millisecond_a_trial(live: bool) -> None:  # noqa: FBT001 - a parameter
    """Two thousand trials at 200 a second of the clock, in far less processor time."""
    clock, running = Clock(), study(max_trials=None)
    console, _ = screen()
    turns = [trial_events(running, 0.5) for _ in range(2000)]
    with LiveDisplay(console, clock) if live else PlainDisplay(lambda _: None, clock) as display:
        began = time.process_time()
        for events in turns:
            clock.now += 1 / 200
            display.update(running, events)
        spent = time.process_time() - began

    assert spent / len(turns) < 0.0005


def test_plain_output_has_no_line_for_a_trial_that_starts() -> None:
    lines: list[str] = []
    running = study()
    opened, started, _ = trial_events(running, 0.5)
    display = PlainDisplay(lines.append, Clock())
    display.update(running, [opened, started])

    assert len(lines) == 1
