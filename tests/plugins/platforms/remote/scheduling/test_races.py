"""Tests of what happens to a job when two things happen to it at once."""

from sweepwright.contracts import Ended, Launched, Waiting
from sweepwright.events import CheckpointRef
from sweepwright.plugins.platforms.remote.scheduling.active_job import CANCELLED, Stage
from sweepwright.plugins.platforms.remote.scheduling.checkpoints import Copied
from tests.plugins.platforms.remote.scheduling.scripted_fleet import LOST_AFTER, ScriptedFleet


def finish(fleet: ScriptedFleet, machine: str, name: str) -> None:
    fleet.report(machine, name, "accepted", "launched", "ended")


def test_a_job_that_is_cancelled_before_it_is_accepted_goes_nowhere_after_a_cut():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    fleet.scheduler.cancel(job.name)
    fleet.detach("box1")

    assert fleet.sent("box2") == []
    assert fleet.events() == [Ended(job.name, CANCELLED)]
    fleet.attach("box1", known=[job.name])
    assert {"cancel": job.name} in fleet.sent("box1")


def test_a_cancelled_job_does_not_wait_for_another_machine_when_the_disk_is_full():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    fleet.report("box1", job.name, "accepted")
    fleet.scheduler.cancel(job.name)
    refusal = {"event": "waiting", "wants": "space", "refusal": "No space left on device"}
    fleet.say("box1", {"job": job.name, **refusal})

    assert fleet.sent("box2") == []
    assert fleet.events()[-1] == Ended(job.name, CANCELLED)


def test_a_part_that_ends_as_cancelled_by_nobody_takes_the_other_parts_back():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2", cpus=1.0)
    job = fleet.launch({"cpu": 1}, {"cpu": 1})
    first, second = job.parts
    for part in (first, second):
        fleet.say(part.machine, {"reserved": part.name, "ports": []})
        fleet.report(part.machine, part.name, "accepted")
    fleet.fail(first.machine, first.name, "killed", "cancelled")
    fleet.events()
    assert {"cancel": second.name} in fleet.sent(second.machine)

    fleet.fail(second.machine, second.name, "killed", "cancelled")
    assert fleet.events() == []
    assert job.failure is None
    assert job.stage is Stage.RESERVING


def test_a_job_that_two_machines_know_is_claimed_on_one_and_cancelled_on_the_other():
    fleet = ScriptedFleet("box1", "box2", resumed=True)
    fleet.attach("box1", known=["sweep-0-1"])
    fleet.attach("box2", known=["sweep-0-1-part0of1-f00"])
    fleet.launch()

    assert fleet.sent("box1") == [{"adopt": {"sweep-0-1": 0}}]
    assert fleet.sent("box2") == [{"cancel": "sweep-0-1-part0of1-f00"}]


class TestCheckpoints:
    """A job that inherits the checkpoint of trial 0."""

    ref = CheckpointRef(0, 1)

    def test_another_machine_is_asked_if_one_cannot_give_it(self):
        fleet = ScriptedFleet("box1", "box2", "box3", slots=1)
        fleet.attach("box3")
        for name in ("box1", "box2"):
            fleet.attach(name, known=["sweep-0-1"])
            fleet.fleet[name].state.on_failure("")
        for name in ("box1", "box2"):
            fleet.launch(trial=7, attempt=len(name))
        fleet.fleet["box1"].room.hold("other", [{}])
        fleet.fleet["box2"].room.hold("other", [{}])
        job = fleet.launch(trial=0, attempt=2, inherits=self.ref)
        fleet.events()
        assert [copy.source for copy in fleet.copies] == ["box1"]

        copy = fleet.copies[0]
        fleet.scheduler.on_copied(Copied(copy, failed="box1", reason="Input/output error"))
        (wait,) = [event for event in fleet.events() if isinstance(event, Waiting)]
        assert wait.refusal == "box1: Input/output error"
        fleet.pass_time(10)
        assert [copy.source for copy in fleet.copies] == ["box1", "box2"]
        assert job.stage is Stage.COPYING

    def test_it_is_on_the_machine_of_the_part_that_reports(self):
        fleet = ScriptedFleet("box1", "box2")
        fleet.attach("box1", "box2", cpus=1.0)
        job = fleet.launch({"cpu": 1}, {"cpu": 1})
        for part in job.parts:
            fleet.say(part.machine, {"reserved": part.name, "ports": []})
        for part in job.parts:
            finish(fleet, part.machine, part.name)

        assert list(fleet.scheduler.homes(self.ref)) == [job.parts[0].machine]
        later = ScriptedFleet("box1", "box2", resumed=True)
        for part in job.parts:
            later.attach(part.machine, known=[part.name])
        assert list(later.scheduler.homes(self.ref)) == [job.parts[0].machine]


def test_a_job_says_at_once_which_machines_it_waits_for():
    fleet = ScriptedFleet("box1")
    job = fleet.launch()
    wants = "box1, which is still connecting or getting the code"

    assert fleet.events() == [Waiting(job.name, wants)]


def test_what_has_ended_is_forgotten():
    fleet = ScriptedFleet("box1")
    fleet.attach("box1")
    for _ in range(3):
        finish(fleet, "box1", fleet.launch().name)
    fleet.detach("box1")
    fleet.attach("box1", known=[f"sweep-{trial}-1" for trial in range(3)])

    assert fleet.sent("box1")[-1] == {"launch": "sweep-2-1"}
    assert not fleet.scheduler.jobs
    assert not fleet.fleet["box1"].unclaimed


def test_a_machine_that_was_given_up_is_no_reason_to_lose_a_job_that_was_refused():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2", cpus=1.0)
    job = fleet.launch({"cpu": 1}, {"cpu": 1})
    first, second = job.parts
    for part in (first, second):
        fleet.say(part.machine, {"reserved": part.name, "ports": []})
    fleet.report(second.machine, second.name, "accepted")
    refusal = {"event": "refused", "job": first.name, "reason": "read-only disk"}
    fleet.say(first.machine, refusal)
    fleet.detach(second.machine)
    fleet.pass_time(LOST_AFTER)

    kinds = {type(event) for event in fleet.events()}
    assert kinds == {Waiting}
    assert job.stage is Stage.WAITING


def test_a_job_is_launched_once_however_often_its_machine_flaps():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    fleet.report("box1", job.name, "accepted", "launched")
    for _ in range(5):
        fleet.detach("box1")
        fleet.pass_time(LOST_AFTER / 2)
        fleet.attach("box1", known=[job.name])
    fleet.report("box1", job.name, "ended")
    ends = [event for event in fleet.events() if isinstance(event, Launched | Ended)]

    assert [type(event) for event in ends] == [Launched, Ended]
    assert fleet.sent("box2") == []
