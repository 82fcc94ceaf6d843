"""Tests of how the platform takes over jobs, on machines that are scripts."""

from queue import SimpleQueue
from typing import Any

import pytest

from sweepwright.contracts import Job, Waiting
from sweepwright.plugins.platforms.remote.machine_link import Attached, Detached
from sweepwright.plugins.platforms.remote.platform import Remote
from sweepwright.plugins.platforms.remote.transfers import Notice
from tests.plugins.platforms.remote.scheduling.scripted_fleet import ScriptedFleet


class Nothing:
    """Code and transfers of a sweep that has neither."""

    folder: str | None = None

    def copy(self, copy: Any) -> None: ...

    def fetch(self, fetch: Any) -> None: ...

    def close(self) -> None: ...


def render(_job: Job) -> Any:
    process = {"resources": {}, "role": "main", "rank": 0, "decides": True, "environment": {}}
    return {"processes": [{**process, "wiring": {}}] * 2}


@pytest.fixture
def notices() -> SimpleQueue[Notice]:
    """Give the queue of the links, which the test fills in their place."""
    return SimpleQueue()


def resumed(fleet: ScriptedFleet, notices: SimpleQueue[Notice]) -> Remote:
    return Remote(render, fleet.fleet, Nothing(), Nothing(), notices, "f00d", resumed=True)


def hello(*known: str) -> Any:
    capacity = {"cpus": 4.0, "gpus": [], "memory": 1e9}
    return {"log": "log", "known": dict.fromkeys(known, 1), "capacity": capacity}


def job() -> Job:
    return Job(name="sweep-0-1", roles=(), trial=0, attempt=1)


def handle(*machines: str) -> Any:
    parts = [
        {
            "machine": name,
            "log": "log",
            "name": f"part of {name}",
            "decides": True,
            "processes": [0],
        }
        for name in machines
    ]
    return {"machine": machines[0], "log": "log", "parts": parts}


def test_a_job_is_not_taken_over_if_the_resume_left_out_one_of_its_machines(notices):
    fleet = ScriptedFleet("box1")
    remote = resumed(fleet, notices)
    fleet.links["box1"].attached = True
    part = "sweep-0-1-part0of2-aa"
    notices.put(Attached("box1", hello(part)))
    given = handle("box1", "gone")
    given["parts"][0]["name"] = part

    assert remote.reattach(job(), given, None) is False
    assert fleet.sent("box1") == [{"cancel": part}]


def test_a_job_whose_machine_is_out_of_reach_is_taken_over(notices):
    fleet = ScriptedFleet("box1")
    remote = resumed(fleet, notices)
    notices.put(Detached("box1", "Connection refused"))

    assert remote.reattach(job(), handle("box1"), None) is True


def test_a_machine_that_does_not_answer_holds_up_no_driver(notices, monkeypatch):
    fleet = ScriptedFleet("box1")
    monkeypatch.setattr("sweepwright.plugins.platforms.remote.platform.SETTLE_SECONDS", 0.0)
    remote = resumed(fleet, notices)

    assert remote.reattach(job(), handle("box1"), None) is True
    wants = "box1, which is still connecting or getting the code"
    assert remote.poll(0.0)[0] == Waiting("sweep-0-1", wants)
