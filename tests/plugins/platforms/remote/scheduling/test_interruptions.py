"""Tests of what becomes of jobs whose machine is away for a while, or comes back changed."""

import pytest

from sweepwright.contracts import Ended, Refused, Waiting
from sweepwright.plugins.platforms.remote.scheduling.active_job import CANCELLED
from tests.plugins.platforms.remote.scheduling.scripted_fleet import ScriptedFleet


@pytest.fixture
def fleet() -> ScriptedFleet:
    fleet = ScriptedFleet("box1")
    fleet.attach("box1")
    return fleet


def run(fleet: ScriptedFleet) -> str:
    """Let a job run, and return its name."""
    name = fleet.launch().name
    fleet.report("box1", name, "accepted", "launched", "output")
    fleet.events()
    fleet.sent("box1")
    return name


def test_a_running_job_waits_for_its_machine_until_it_is_back(fleet: ScriptedFleet):
    name = run(fleet)
    fleet.detach("box1", "cut")
    fleet.detach("box1", "cut")
    assert fleet.events() == [Waiting(name, "box1, which cannot be reached", "cut")]

    fleet.attach("box1", known=[name])
    assert fleet.events() == [Waiting(name, "")]


def test_a_running_job_waits_for_a_log_that_cannot_be_written(fleet: ScriptedFleet):
    name = run(fleet)
    fleet.say("box1", {"trouble": "full"})
    assert fleet.events() == [Waiting(name, "the log of box1", "full")]

    fleet.report("box1", name, "ended")
    assert fleet.events() == [Waiting(name, ""), Ended(name)]


@pytest.mark.parametrize(
    ("log", "end", "adopted"), [(None, 3, 3), (None, 2, 0), ("another log", 3, 0)]
)
def test_a_log_that_has_lost_something_is_read_again(
    fleet: ScriptedFleet, log: str | None, end: int, adopted: int
):
    name = run(fleet)
    fleet.detach("box1")
    fleet.attach("box1", known=[name], log=log, end=end)

    assert fleet.sent("box1") == [{"adopt": {name: adopted}}]


def test_a_job_that_an_earlier_driver_has_taken_back_is_placed_again():
    """Under another name, because the machine starts nothing under a name that it knows."""
    fleet = ScriptedFleet("box1", resumed=True)
    job = fleet.job()
    fleet.attach("box1", known=[job.name])
    fleet.scheduler.launch(job)
    fleet.scheduler.step()
    fleet.say("box1", {"event": "ended", "job": job.name, "failure": CANCELLED_RECORD})

    adopted, launched = fleet.sent("box1")
    assert adopted == {"adopt": {job.name: 0}}
    assert launched["launch"].startswith(f"{job.name}-part0of1-")
    assert not any(isinstance(event, Ended) for event in fleet.events())


CANCELLED_RECORD = {"kind": CANCELLED.kind.value, "message": CANCELLED.message}


def test_jobs_are_refused_when_no_machine_is_fit():
    fleet = ScriptedFleet("box1", "box2")
    waiting = fleet.launch()
    fleet.detach("box1", "no Python", unfit=True)
    assert not any(isinstance(event, Refused) for event in fleet.events())

    fleet.detach("box2", "no disk", unfit=True)
    reason = "box1: no Python; box2: no disk"
    assert fleet.events() == [Refused(waiting.name, reason)]

    later = fleet.launch()
    assert fleet.events() == [Refused(later.name, reason)]
