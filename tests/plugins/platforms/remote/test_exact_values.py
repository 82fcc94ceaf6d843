"""Arguments, variables and parameters arrive at the processes of a trial as they were written."""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import (
    Command,
    Ended,
    Job,
    Platform,
    PythonFile,
    Refused,
    Role,
    Workspace,
)
from sweepwright.events import Attempt, FailureKind, Trial
from sweepwright.plugins.platforms.remote import sweep_platforms
from sweepwright.plugins.platforms.remote.options import MachineOptions, RemoteOptions
from sweepwright.protocol import describe_attempt
from tests.odd_strings import ECHO, fuzz
from tests.openssh import Server, running_servers

STRINGS = 10_000
JOBS = 20
PATIENCE_SECONDS = 60
SWEEP = "exact"
NUMBERS = count(JOBS)
"""Numbers of trials that no other test uses."""


class Machine:
    """A machine of a platform, on which jobs of one sweep run."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        (folder / "code").mkdir()
        (folder / "code" / "echo.py").write_text(ECHO)
        (folder / SWEEP).mkdir()
        self.code = str(folder / "code")
        machine = MachineOptions(**server.options(slots=4))
        workspace = Workspace(SWEEP, folder / SWEEP, 4)
        self.platform: Platform = sweep_platforms()[0].build(RemoteOptions((machine,)), workspace)

    def run(self, *jobs: Job) -> list[Ended | Refused]:
        """Run jobs to their end, and return how each ended, in the order of their names."""
        for job in jobs:
            placed = replace(job, folder=self.code)
            self.platform.launch(placed, self.platform.render(placed))
        ended: list[Ended | Refused] = []
        deadline = time.monotonic() + PATIENCE_SECONDS
        while len(ended) < len(jobs) and time.monotonic() < deadline:
            events = self.platform.poll(1)
            ended += [event for event in events if isinstance(event, Ended | Refused)]
        return sorted(ended, key=lambda event: event.job)

    def received(self, job: Job) -> Mapping[str, Any]:
        """Return what the process of a job has printed."""
        (sweep,) = self.server.home.glob(f".sweepwright/sweeps/{SWEEP}*")
        output = sweep / "trials" / str(job.trial) / "1" / "main-0.stdout"
        return dict(json.loads(output.read_text()))


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Give a machine that all tests share."""
    folder = tmp_path_factory.mktemp("exact")
    with running_servers(folder) as servers:
        machine = Machine(servers.start("box1"), folder)
        yield machine
        machine.platform.close()


def job_of(
    number: int,
    words: Sequence[str] = (),
    values: Sequence[str] = (),
    parameters: Sequence[str] = (),
) -> Job:
    """Return a job with words as arguments, values of variables, and values of parameters."""
    given = {f"x{index}": value for index, value in enumerate(parameters)}
    attempt = Attempt(SWEEP, Trial(number, given), 1)
    # Every second job is forked from an interpreter.
    entry = (
        Command((sys.executable, "echo.py", *words))
        if number % 2
        else PythonFile("echo.py", tuple(words))
    )
    variables = {f"EXACT{index}": value for index, value in enumerate(values)}
    return Job(
        attempt.job,
        (Role("main", entry, environment=variables),),
        environment={"SWEEPWRIGHT_TRIAL": describe_attempt(attempt)},
        trial=number,
    )


def test_ten_thousand_odd_strings_arrive_unchanged(machine: Machine) -> None:
    strings = fuzz(STRINGS)
    batches = [strings[number::JOBS] for number in range(JOBS)]
    # Each kind of place gets a third of a batch.
    jobs = [job_of(n, batch[::3], batch[1::3], batch[2::3]) for n, batch in enumerate(batches)]
    ended = machine.run(*jobs)

    assert [event for event in ended if isinstance(event, Refused) or event.failure] == []
    assert len(ended) == JOBS
    for job, batch in zip(jobs, batches, strict=True):
        received = machine.received(job)
        assert received["arguments"] == [os.fsencode(word).hex() for word in batch[::3]]
        assert received["variables"] == {
            f"EXACT{index}": os.fsencode(value).hex() for index, value in enumerate(batch[1::3])
        }
        assert received["parameters"] == {f"x{i}": v for i, v in enumerate(batch[2::3])}


@pytest.mark.parametrize("place", ["words", "values"])
@pytest.mark.parametrize(
    ("text", "reason"),
    [("a\0b", "null byte"), ("\ud800", "surrogates"), ("x" * (1 << 18), "128 KiB")],
    ids=["zero", "half", "long"],
)
def test_what_no_program_can_receive_fails_with_a_reason(
    machine: Machine, place: str, text: str, reason: str
) -> None:
    (ended,) = machine.run(job_of(2 * next(NUMBERS) + 1, **{place: [text]}))

    assert isinstance(ended, Ended)
    assert ended.failure is not None
    assert ended.failure.kind is FailureKind.LAUNCH
    assert reason in ended.failure.message
