"""The command that prints the output of trials, wherever they ran."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sweepwright.core.cli.commands import logs
from sweepwright.core.store.catalog import Store
from sweepwright.core.store.entries import EventEntry, JobWaiting
from sweepwright.core.store.journal import Journal
from sweepwright.events import (
    Failure,
    FailureKind,
    Measured,
    Opened,
    Retried,
    Start,
    Started,
    Trial,
)
from sweepwright.testing.simulated import SimulatedFiles
from tests.core.cli.application import App, write_files
from tests.core.cli.elsewhere.simulated_platform import Offers, plan_on
from tests.core.examples import ASSIGNMENT
from tests.core.recorded_sweeps import record

KILLED = Failure(FailureKind.KILLED, "killed by signal 9")
TRIAL = Trial(0, ASSIGNMENT)


@pytest.mark.usefixtures("sweep")
def test_logs_print_each_stream_to_its_own(app: App) -> None:
    assert app("logs", "1") == (0, "first\nsecond \\x1b[31mred\n", "warning: slow\n")
    assert app("logs", "1", "--stderr") == (0, "warning: slow\n", "")


def test_logs_of_several_processes_name_them(app: App, local_sweep: Path) -> None:
    (local_sweep / "trials/0/1/main-1.stdout").write_bytes(b"10%\r20%\r\nlast")

    assert app("logs", "0").out == "main-0 | hello\nmain-1 | 10%\nmain-1 | 20%\nmain-1 | last\n"
    assert app("logs", "0", "--rank", "1").out == "10%\n20%\nlast\n"
    assert app("logs", "0", "--role", "worker") == (
        2,
        "",
        "error: the trial has no such process; it has main-0, main-1\n",
    )


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["2"], 2, "has no trial 2; its 2 trials are numbered from 0"),
        (["-1"], 2, "unknown flag `-1`"),
        (["first"], 2, "`first` is not the number of a trial; usage: logs TRIAL [SWEEP]"),
        ([], 2, "`logs` needs the number of a trial"),
        (["0", "--attempt", "2"], 2, "trial 0 has no attempt 2; it has had 1 attempt"),
        (["0", "--attempt", "0"], 2, "trial 0 has no attempt 0"),
        (["0", "nothing"], 2, "no sweep nothing in the store"),
    ],
)
@pytest.mark.usefixtures("sweep")
def test_logs_of_what_does_not_exist(
    app: App, words: Sequence[str], code: int, message: str
) -> None:
    ran = app("logs", *words)

    assert (ran.code, ran.out) == (code, "")
    assert message in ran.err


def test_a_trial_without_output_has_none(app: App) -> None:
    record(Path("sweeps"), [0.5], of=plan_on("local"))

    assert app("logs", "0") == (1, "", "error: attempt 1 of trial 0 has no output\n")


def test_files_out_of_reach_are_one_line(app: App, sweep: Path, offers: Offers) -> None:
    def fail(*_: object) -> SimulatedFiles:
        raise ConnectionError("`lab1` does not answer at port 22")

    offers.provider = replace(offers.provider, open_files=fail)

    assert app("logs", "0") == (1, "", "error: `lab1` does not answer at port 22\n")
    assert app("fetch", "0", sweep.name) == (1, "", "error: `lab1` does not answer at port 22\n")


class Story:
    """A sweep that a driver works on, of which something happens whenever `logs` sleeps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.scenes: list[Callable[[], None]] = []
        self.journal: Journal | None = Journal(folder)

    def sleep(self, _seconds: float) -> None:
        """Let the next thing happen; after the last one, the user presses Ctrl-C."""
        if not self.scenes:
            raise KeyboardInterrupt
        self.scenes.pop(0)()

    def end(self) -> None:
        """Let the driver go, if it has not gone before."""
        if self.journal:
            self.journal.close()
        self.journal = None

    def note(self, *entries: Any) -> None:
        """Journal entries."""
        assert self.journal, "the driver has gone"
        for entry in entries:
            is_event = not isinstance(entry, JobWaiting)
            self.journal.append(EventEntry(entry) if is_event else entry)
        self.journal.commit()

    def say(self, attempt: int, text: str) -> None:
        """Append to the output of an attempt."""
        path = self.folder / f"trials/0/{attempt}/main-0.stdout"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.write(text)


@pytest.fixture
def story(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """Begin a sweep whose first trial is due."""
    monkeypatch.chdir(tmp_path)
    story = Story(Store(Path("sweeps")).create(plan_on("local")))
    story.note(Opened(TRIAL, Start(ASSIGNMENT)))
    monkeypatch.setattr(logs, "time", SimpleNamespace(sleep=story.sleep))
    yield story
    story.end()


def test_logs_follow_a_trial_through_its_attempts(app: App, story: Story) -> None:
    story.scenes = [
        lambda: story.note(JobWaiting(0, 1, "1 gpu")),
        lambda: story.note(JobWaiting(0, 1, None), Started(TRIAL, 1)),
        lambda: story.say(1, "one\nunfin"),
        lambda: story.say(1, "ished\nlast"),
        lambda: story.note(Retried(TRIAL, KILLED, 1)),
        lambda: story.note(Started(TRIAL, 2)),
        lambda: story.say(2, "again\n"),
        lambda: story.note(Measured(TRIAL, 1.0, 2)),
    ]
    ran = app("logs", "0", "--follow")

    assert story.scenes == []
    assert (ran.code, ran.out) == (0, "one\nunfinished\nlast\nagain\n")
    assert ran.err == (
        "note: trial 0, attempt 1: it waits for 1 gpu\n"
        "note: trial 0, attempt 1: killed by signal 9; attempt 2 follows\n"
    )


def test_following_says_on_which_machine_an_attempt_runs(app: App, story: Story) -> None:
    on_box1, on_box2 = {"machine": "box1"}, {"machine": "box2"}
    story.scenes = [
        lambda: story.note(Started(TRIAL, 1, on_box1)),
        lambda: story.note(Retried(TRIAL, KILLED, 1)),
        lambda: story.note(Started(TRIAL, 2, on_box2), Measured(TRIAL, 1.0, 2)),
    ]

    assert app("logs", "0", "--follow").err == (
        "note: trial 0, attempt 1: it runs on box1\n"
        "note: trial 0, attempt 1: killed by signal 9; attempt 2 follows\n"
        "note: trial 0, attempt 2: it ran on box2\n"
    )


def test_logs_follow_a_named_attempt_alone(app: App, story: Story) -> None:
    story.note(Started(TRIAL, 1))
    story.say(1, "one\n")
    story.scenes = [lambda: story.note(Retried(TRIAL, KILLED, 1)), lambda: None]

    assert app("logs", "0", "--follow", "--attempt", "1") == (0, "one\n", "")


def test_ctrl_c_is_the_usual_end_of_following(app: App, story: Story) -> None:
    story.note(Started(TRIAL, 1))
    story.say(1, "one\n")

    assert app("logs", "0", "-f") == (0, "one\n", "")


def test_following_ends_when_the_driver_has_gone(app: App, story: Story) -> None:
    story.note(Started(TRIAL, 1))
    story.say(1, "one\nunfinished")
    story.scenes = [story.end, lambda: pytest.fail("it goes on")]
    ran = app("logs", "0", "--follow")

    assert ran.out == "one\nunfinished\n"
    assert "no driver runs the sweep" in ran.err


@pytest.mark.usefixtures("cluster")
def test_following_a_trial_elsewhere_goes_on_without_a_driver_and_says_so(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press_ctrl_c(_seconds: float) -> None:
        raise KeyboardInterrupt

    record(Path("sweeps"), [None], state=None, of=plan_on("simulated"))
    monkeypatch.setattr(logs, "time", SimpleNamespace(sleep=press_ctrl_c))
    ran = app("logs", "0", "--follow")

    assert (ran.code, ran.out) == (0, "")
    assert ran.err == (
        "note: trial 0, attempt 1: no driver runs the sweep; "
        "the end of the trial shows after a resume\n"
    )


def test_output_that_a_resume_reads_is_announced(app: App, offers: Offers) -> None:
    offers.provider = replace(offers.provider, open_files=None)
    folder = record(Path("sweeps"), [None], state=None, of=plan_on("simulated"))
    write_files(folder / "trials/0/1", {"main-0.stdout": "one\n"})
    ran = app("logs", "0", "--follow")

    assert (ran.code, ran.out) == (0, "one\n")
    assert ran.err.endswith("this is its output so far, and a resume reads the rest\n")


def test_what_a_trial_waits_for_is_shown_while_a_driver_runs(app: App, story: Story) -> None:
    story.note(JobWaiting(0, 1, "1 gpu"))

    assert app("logs", "0").err.endswith("has no output: it waits for 1 gpu\n")
    assert app("fetch", "0").err.endswith("has no files yet: it waits for 1 gpu\n")
    assert "\ntrial 0 waits for 1 gpu\n" in app("show").out
    assert "running, 1 waiting" in app("list").out

    story.note(JobWaiting(0, 1, None))

    assert "waits" not in app("show").out
    story.note(JobWaiting(0, 1, "1 gpu"))
    story.end()

    assert "waits" not in app("show").out
    assert "waiting" not in app("list").out
