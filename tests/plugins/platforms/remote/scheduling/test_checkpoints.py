"""Tests of where promoted trials go, and of what becomes of their checkpoints."""

import pytest

from sweepwright.contracts import Waiting
from sweepwright.events import CheckpointRef
from sweepwright.plugins.platforms.remote.scheduling.active_job import Stage
from sweepwright.plugins.platforms.remote.scheduling.checkpoints import Copied
from tests.plugins.platforms.remote.scheduling.scripted_fleet import LOST_AFTER, ScriptedFleet

REF = CheckpointRef(0, 1)


@pytest.fixture
def fleet() -> ScriptedFleet:
    """Two machines with one slot each, of which `home` holds the checkpoint of trial 0."""
    fleet = ScriptedFleet("home", "away", slots=1)
    fleet.attach("home", "away")
    first = fleet.launch()
    fleet.report("home", first.name, "accepted", "launched", "ended")
    fleet.events()
    return fleet


def promote_away(fleet: ScriptedFleet):
    """Launch a promoted trial while its home is busy."""
    busy = fleet.launch(trial=8)
    assert fleet.machines_of(busy) == ["home"]
    job = fleet.launch(trial=0, attempt=2, inherits=REF)
    assert job.stage is Stage.COPYING
    return job


def test_a_promoted_trial_goes_home_although_another_machine_is_first_in_load(fleet):
    job = fleet.launch(trial=0, attempt=2, inherits=REF)

    assert fleet.machines_of(job) == ["home"]
    assert not fleet.copies


def test_a_checkpoint_is_copied_to_the_machine_that_has_room(fleet):
    job = promote_away(fleet)
    (copy,) = fleet.copies
    assert (copy.source, copy.target, copy.ref) == ("home", "away", REF)
    assert fleet.events()[-1] == Waiting(job.name, "the checkpoint of trial 0 from home")

    fleet.scheduler.on_copied(Copied(copy))
    assert fleet.machines_of(job) == ["away"]
    assert {"launch": job.name} in fleet.sent("away")


def test_a_checkpoint_that_nobody_has_is_not_waited_for(fleet):
    job = promote_away(fleet)
    fleet.scheduler.on_copied(Copied(fleet.copies[0], missing=True))

    assert fleet.machines_of(job) == ["away"]


def test_a_copy_that_failed_at_its_source_is_tried_again_after_a_while(fleet):
    job = promote_away(fleet)
    fleet.scheduler.on_copied(Copied(fleet.copies[0], failed="home", reason="cut"))
    assert len(fleet.copies) == 1

    fleet.pass_time(5.0)
    assert len(fleet.copies) == 2
    assert job.stage is Stage.COPYING


def test_a_target_that_fails_is_replaced(fleet):
    job = promote_away(fleet)
    fleet.scheduler.on_copied(Copied(fleet.copies[0], failed="away", reason="disk full"))
    fleet.scheduler.step()

    assert job.placements == 2
    assert len(fleet.copies) == 2


def test_a_home_that_comes_back_gives_its_checkpoint(fleet):
    fleet.detach("home", "cut")
    job = fleet.launch(trial=0, attempt=2, inherits=REF)
    waiting = fleet.events()[-1]
    assert isinstance(waiting, Waiting)
    assert waiting.wants == "the checkpoint of trial 0 from home, which cannot be reached"

    fleet.attach("home", known=["sweep-0-1"])
    assert [copy.source for copy in fleet.copies] == ["home"]
    assert job.stage is Stage.COPYING


def test_a_home_that_is_gone_for_good_costs_the_checkpoint_and_says_so(fleet):
    fleet.detach("home", "cut")
    job = fleet.launch(trial=0, attempt=2, inherits=REF)
    fleet.events()
    fleet.pass_time(LOST_AFTER)

    assert fleet.machines_of(job) == ["away"]
    assert fleet.events() == [
        Waiting(
            job.name,
            "a start without its checkpoint",
            "no machine can provide the checkpoint of trial 0 any longer",
        )
    ]


def test_a_target_that_is_lost_while_it_waits_is_replaced(fleet):
    job = promote_away(fleet)
    fleet.detach("away")
    assert job.stage is Stage.WAITING

    fleet.scheduler.on_copied(Copied(fleet.copies[0]))
    assert job.stage is Stage.WAITING


def test_a_resumed_sweep_finds_checkpoints_by_the_jobs_that_machines_know():
    fleet = ScriptedFleet("box1", "box2", slots=1, resumed=True)
    fleet.attach("box1")
    fleet.attach("box2", known=["sweep-0-1"])
    job = fleet.launch(trial=0, attempt=2, inherits=REF)

    assert fleet.machines_of(job) == ["box2"]


def test_a_resumed_sweep_waits_for_a_machine_that_may_have_the_checkpoint():
    fleet = ScriptedFleet("box1", "box2", resumed=True)
    fleet.attach("box1")
    fleet.detach("box2", "cut")
    job = fleet.launch(trial=0, attempt=2, inherits=REF)
    assert job.stage is Stage.COPYING

    fleet.attach("box2", known=["sweep-0-1"])
    assert [copy.source for copy in fleet.copies] == ["box2"]
