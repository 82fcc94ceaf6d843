"""Displays: modest in plain lines, live on a terminal, and harmless whatever happens."""

import io
import time
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from rich.console import Console

from sweepwright.core.driver.study import Study
from sweepwright.core.views.display import LINES_A_SECOND, Plain, Quiet, choose_display
from sweepwright.core.views.live_display import MOST_RUNNING, Live
from sweepwright.core.views.output import Saying
from sweepwright.events import Retried, StudyEvent
from tests.core.examples import plan
from tests.core.recorded_sweeps import OUT_OF_MEMORY, trial_events


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def study(**changes: Any) -> Study:
    return Study(plan(**changes), "s1")


def test_plain_output_has_a_line_for_each_trial() -> None:
    lines: list[str] = []
    running = study()
    with Plain(lines.append, Clock()) as display:
        for how in (0.5, OUT_OF_MEMORY, 0.25, 0.75):
            display.update(running, trial_events(running, how))
        display.say("draining")

    assert lines == [
        "sweep s1: 8 trials of example, 2 at once, tuned by random on simulated",
        "trial 0     0.5  lr=0.01 layers=2 activation=tanh  (best so far)",
        "trial 1     failed: the trial ran out of memory  lr=0.01 layers=2 activation=tanh",
        "trial 2     0.25  lr=0.01 layers=2 activation=tanh",
        "trial 3     0.75  lr=0.01 layers=2 activation=tanh  (best so far)",
        "draining",
    ]


def test_plain_output_stays_modest_at_a_high_rate() -> None:
    lines: list[str] = []
    clock, running = Clock(), study(max_trials=2000)
    display = Plain(lines.append, clock)
    for _ in range(2000):
        clock.now += 1 / 200
        display.update(running, trial_events(running, 0.5))

    assert len(lines) < 10 * (LINES_A_SECOND + 1)
    assert lines[-1].endswith(" of 2000 trials, 200 a second, best 0.5 in trial 0")


def test_plain_output_tells_of_single_trials_again_once_it_is_quiet() -> None:
    lines: list[str] = []
    clock, running = Clock(), study(max_trials=100)
    display = Plain(lines.append, clock)
    for _ in range(20):
        display.update(running, trial_events(running, 0.5))
    for _ in range(2):
        clock.now += 1
        display.update(running, ())
    display.update(running, trial_events(running, 0.5))

    assert lines[-2] == "20 of 100 trials, 20 a second, best 0.5 in trial 0"
    assert lines[-1].startswith("trial 20 ")


def test_a_retry_is_told() -> None:
    lines: list[str] = []
    running = study()
    opened, *_ = trial_events(running, None)
    display = Plain(lines.append, Clock())
    display.update(running, [opened, Retried(opened.trial, OUT_OF_MEMORY)])

    assert len(lines) == 2
    assert lines[1].startswith("trial 0     is tried again: the trial ran out of memory")


def test_quiet_shows_only_what_a_person_should_know() -> None:
    lines: list[str] = []
    running = study()
    with Quiet(lines.append) as display:
        display.update(running, trial_events(running, 0.5))
        display.say("no room to write the journal")

    assert lines == ["no room to write the journal"]


def test_the_display_suits_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose_display(quiet=True), Quiet)
    assert isinstance(choose_display(quiet=False), Plain)

    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)

    assert isinstance(choose_display(quiet=False), Live)


def test_standard_output_and_error_are_the_places_to_write(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Plain().say("progress")
    Quiet().say("important")

    assert capsys.readouterr() == ("progress\n", "important\n")


def test_output_that_fails_is_given_up_and_not_the_sweep() -> None:
    written: list[str] = []

    def write(line: str) -> None:
        written.append(line)
        raise BrokenPipeError

    display = Plain(write)
    for line in ("one", "two"):
        display.say(line)

    assert written == ["one"]


def test_a_line_said_while_another_is_written_waits_its_turn() -> None:
    """A signal handler speaks in the middle of a line."""
    written: list[str] = []

    def write(line: str) -> None:
        if line == "first":
            said("from the handler")
        written.append(line)

    said = Saying(write)
    said("first")

    assert written == ["first", "from the handler"]


def screen(**options: Any) -> tuple[Console, Callable[[], str]]:
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=100, height=30, **options)
    return console, file.getvalue


def live_after(endings: Iterable[Any], clock: Clock, **changes: Any) -> str:
    """Show trials that end so, one a second, and return all that was drawn."""
    console, shown = screen(color_system=None)
    running = study(**changes)
    with Live(console, clock) as display:
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


def test_the_live_display_leaves_failures_above() -> None:
    shown = live_after([OUT_OF_MEMORY, 0.5], Clock())

    assert "trial 0     failed: the trial ran out of memory" in shown
    assert "2 of 8 trials, 1 failed" in shown


def test_a_sweep_without_end_has_no_time_left() -> None:
    shown = live_after([0.5], Clock(), max_trials=None)

    assert "1 trial" in shown
    assert "left" not in shown


def test_the_live_display_says_what_each_running_trial_does() -> None:
    console, shown = screen(color_system=None)
    clock, running = Clock(), study(max_trials=100)
    display = Live(console, clock)
    for _ in range(MOST_RUNNING + 3):
        opened, started = trial_events(running, None)
        events: list[StudyEvent] = [opened]
        if opened.trial.number != 1:
            events.append(started)
        display.update(running, events)
    running.running[1].waiting_for = "1 gpu"
    running.running[2].attempt = 2
    clock.now += 12
    with display:
        display.update(running, ())

    assert "trial 0     runs for 12 s  lr=0.01" in shown()
    assert "trial 1     waits for 1 gpu" in shown()
    assert "trial 2     runs for 12 s  attempt 2" in shown()
    assert "and 3 more" in shown()


def test_a_due_trial_that_waits_for_nothing_starts() -> None:
    console, shown = screen(color_system=None)
    running = study()
    opened, _ = trial_events(running, None)
    with Live(console, Clock()) as display:
        display.update(running, [opened])

    assert "trial 0     starts" in shown()


def test_the_live_display_forgets_how_fast_it_was_long_ago() -> None:
    clock, running = Clock(), study(max_trials=None)
    console, shown = screen(color_system=None)
    with Live(console, clock) as display:
        display.update(running, trial_events(running, 0.5))
        for _ in range(30):
            clock.now += 1
            display.update(running, ())

    assert shown().rstrip().split("a second")[-2].endswith("0 ")


def test_markup_in_what_is_said_is_shown_as_it_is() -> None:
    console, shown = screen()
    with Live(console, Clock()) as display:
        display.say("[red]not markup[/red]")

    assert "[red]not markup[/red]" in shown()


def test_a_terminal_that_goes_away_does_no_harm() -> None:
    class Gone(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(5, "Input/output error")

    clock, running = Clock(), study()
    with Live(Console(file=Gone(), force_terminal=True), clock) as display:
        for _ in range(3):
            clock.now += 1
            display.update(running, trial_events(running, 0.5))
        display.say("anybody there?")

    assert running.counts["measured"] == 3


@pytest.mark.parametrize("live", [False, True])
def test_a_display_costs_far_below_a_millisecond_a_trial(live: bool) -> None:  # noqa: FBT001 - a parameter
    """Two thousand trials at 200 a second of the clock, in far less processor time."""
    clock, running = Clock(), study(max_trials=None)
    console, _ = screen()
    turns = [trial_events(running, 0.5) for _ in range(2000)]
    with Live(console, clock) if live else Plain(lambda _: None, clock) as display:
        began = time.process_time()
        for events in turns:
            clock.now += 1 / 200
            display.update(running, events)
        spent = time.process_time() - began

    assert spent / len(turns) < 0.0005


def test_a_trial_that_begins_has_no_line() -> None:
    lines: list[str] = []
    running = study()
    opened, started, _ = trial_events(running, 0.5)
    display = Plain(lines.append, Clock())
    display.update(running, [opened, started])

    assert len(lines) == 1
