"""A machine that does what it likes delays no job of the others, and ends no driver."""

import itertools
import sys
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Ended, Workspace
from sweepwright.plugins.platforms.remote import machine_link
from sweepwright.plugins.platforms.remote import platform as remote_platform
from sweepwright.plugins.platforms.remote.building import build_remote
from sweepwright.plugins.platforms.remote.options import (
    MachineDefaults,
    MachineOptions,
    RemoteOptions,
)
from sweepwright.plugins.platforms.remote.platform import Remote
from sweepwright.plugins.platforms.remote.scheduling import fleet
from sweepwright.testing.platform_harness import PlatformHarness
from tests.plugins.platforms.remote.scripted_machines import Answer, ScriptedMachines, honest
from tests.sweepwright.runner_client.hostile_far_end import HELLO, line

JOBS = 8


def hello(**changes: Any) -> bytes:
    return line({"attached": {**HELLO, "known": {}, **changes}})


def garbage_instead_of_hello(message: dict[str, Any]) -> Iterator[bytes]:
    if message.get("do") == "attach":
        yield b"\x1b[2J{" * 1000 + b"\n"
    else:
        yield from honest(message)


def garbage_after_hello(message: dict[str, Any]) -> Iterator[bytes]:
    yield from honest(message) if message.get("do") != "attach" else (hello(), b"[[[[\n")


def garbage_for_a_launch(message: dict[str, Any]) -> Iterator[bytes]:
    if "launch" in message:
        yield line({"at": 1, "event": "accepted", "job": message["launch"]})
        yield b"null\n"
    else:
        yield from honest(message)


def impossible_capacity(message: dict[str, Any]) -> Iterator[bytes]:
    if message.get("do") == "attach":
        yield b'{"attached":{"log":"x","known":{},"pid":1,"capacity":'
        yield b'{"cpus":Infinity,"gpus":[],"memory":-1}}}\n'
    else:
        yield from honest(message)


def refuses_everything(message: dict[str, Any]) -> Iterator[bytes]:
    if "launch" in message:
        yield line({"at": 1, "event": "accepted", "job": message["launch"]})
        yield line({"at": 2, "event": "refused", "job": message["launch"], "reason": "\x1b[2J"})
    else:
        yield from honest(message)


def never_answers(message: dict[str, Any]) -> Iterator[bytes]:
    yield from honest(message) if "do" in message else ()


def flood(record: dict[str, Any]) -> Answer:
    """Make a machine that repeats a record without end once it is attached."""

    def answer(message: dict[str, Any]) -> Iterator[bytes]:
        if message.get("do") == "attach":
            yield hello()
            for at in itertools.count(1, 500):
                yield b"".join(line({"at": at + more, **record}) for more in range(500))
        else:
            yield from honest(message)

    return answer


OTHERS = {"event": "output", "job": "somebody-else-1-1", "line": "x" * 100}
TROUBLE = {"trouble": "\x1b]0;owned\x07"}
HOSTILE: list[Answer] = [
    *(garbage_instead_of_hello, garbage_after_hello, garbage_for_a_launch),
    *(impossible_capacity, refuses_everything, never_answers),
    *(flood(OTHERS), flood({"pong": 1}), flood({"unknown": "job"})),
]


def platform(machines: ScriptedMachines, folder: Path, *names: str) -> Remote:
    store = folder / "store" / "sweep"
    store.mkdir(parents=True)
    hosts = tuple(MachineOptions(host=name, slots=1) for name in names)
    options = RemoteOptions(
        hosts,
        MachineDefaults(python=sys.executable),
        heartbeat_seconds=0.5,
        lost_after=0.2,
    )
    return build_remote(options, Workspace(store.name, store, 4), machines.connect)


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda answer: answer.__qualname__[:25])
def test_every_job_ends(
    tmp_path: Path, code: Path, monkeypatch: pytest.MonkeyPatch, hostile: Answer
) -> None:
    monkeypatch.setattr(machine_link, "FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(remote_platform, "END_SECONDS", 0.1)
    monkeypatch.setattr(fleet, "ACCEPT_SECONDS", 0.5)
    machines = ScriptedMachines(good=honest, hostile=hostile)
    with PlatformHarness(platform(machines, tmp_path, "hostile", "good"), code, 30.0) as driver:
        jobs = [driver.launch("talk") for _ in range(JOBS)]
        for job in jobs:
            driver.watch_to_end(job)
    failures = [event.failure for event in driver.seen if isinstance(event, Ended)]

    assert len(failures) == JOBS
    # What the machine has accepted is lost with it; its platform cannot know better.
    assert {failure.kind for failure in failures if failure} <= {"lost"}
    assert failures.count(None) >= JOBS // 2


def test_a_machine_in_trouble_delays_only_what_it_was_given(
    tmp_path: Path, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_platform, "END_SECONDS", 0.1)
    machines = ScriptedMachines(good=honest, hostile=flood(TROUBLE))
    with PlatformHarness(platform(machines, tmp_path, "hostile", "good"), code, 30.0) as driver:
        jobs = [driver.launch("talk") for _ in range(JOBS)]
        driver.watch(lambda: sum(len(driver.endings(job)) for job in jobs) >= JOBS - 1)


def test_a_flood_fills_no_memory_and_the_driver_stays_responsive(
    tmp_path: Path, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_platform, "END_SECONDS", 0.1)
    machines = ScriptedMachines(hostile=flood(OTHERS))
    remote = platform(machines, tmp_path, "hostile")
    with PlatformHarness(remote, code, 30.0) as driver:
        job = driver.launch("talk")
        while not machines.connections or machines.connections[0].given < 1 << 20:
            remote.poll(0.01)
        tracemalloc.start()
        given = machines.connections[0].given
        started = time.thread_time()
        for _ in range(20):
            remote.poll(0.0)
        spent = time.thread_time() - started
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        taken = machines.connections[0].given - given
        driver.platform.cancel(job.name)

    # A poll handles at most two notices of the machine, with a thousand messages each.
    assert taken < 40 * 1000 * 250
    assert peak < 20 << 20
    assert spent < 20.0
