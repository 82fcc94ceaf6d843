"""Tests of the assignment of jobs to machines, and of what lost machines cost."""

from sweepwright.contracts import Ended, Launched, Output, Refused, Waiting
from sweepwright.events import Failure, FailureKind
from sweepwright.plugins.platforms.remote.scheduling.active_job import (
    CANCELLED,
    Stage,
    parts_from_handle,
)
from tests.plugins.platforms.remote.scheduling.scripted_fleet import LOST_AFTER, ScriptedFleet


def kinds(events) -> list[str]:
    return [type(event).__name__ for event in events]


def run(fleet: ScriptedFleet, machine: str, name: str) -> None:
    fleet.report(machine, name, "accepted", "launched")


def test_a_job_runs_on_one_machine_and_its_events_are_passed_on():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    assert fleet.sent("box1") == [{"launch": job.name}]
    run(fleet, "box1", job.name)
    fleet.report("box1", job.name, "output", "ended")

    assert fleet.events() == [
        Launched(job.name, {"machine": "box1", "log": "log of box1"}),
        Output(job.name, "line 3", ["log of box1", 3]),
        Ended(job.name),
    ]
    assert fleet.ended == [job]


def test_a_record_that_is_sent_again_is_read_once():
    fleet = ScriptedFleet("box1")
    fleet.attach("box1")
    job = fleet.launch()
    run(fleet, "box1", job.name)
    record = {"at": 2, "event": "output", "job": job.name, "line": "again"}
    fleet.scheduler.on_message(fleet.fleet["box1"], record)

    assert kinds(fleet.events()) == ["Launched"]


def test_a_job_waits_for_a_machine_until_one_is_attached():
    fleet = ScriptedFleet("box1", "box2")
    job = fleet.launch()
    (wait,) = fleet.events()
    assert wait == Waiting(
        job.name, "box1, box2, each of which is still connecting or getting the code"
    )

    fleet.detach("box1", "Connection refused")
    fleet.detach("box2", "Connection refused")
    waits = [event for event in fleet.events() if isinstance(event, Waiting)]
    assert waits[-1].wants == "box1, box2, each of which cannot be reached"
    assert "Connection refused" in waits[-1].refusal

    fleet.attach("box2")
    assert fleet.sent("box2") == [{"launch": job.name}]


def test_jobs_beyond_the_slots_wait_for_one_and_get_it():
    fleet = ScriptedFleet("box1", slots=1)
    fleet.attach("box1")
    first, second = fleet.launch(), fleet.launch()
    assert fleet.events() == [Waiting(second.name, "a slot on box1")]

    run(fleet, "box1", first.name)
    fleet.report("box1", first.name, "ended")
    assert fleet.sent("box1") == [{"launch": first.name}, {"launch": second.name}]


def test_a_job_that_starts_as_soon_as_a_machine_is_attached_is_not_told_to_wait():
    fleet = ScriptedFleet("box1", slots=1)
    first, second = fleet.launch(), fleet.launch()
    fleet.events()
    fleet.attach("box1")

    assert fleet.sent("box1") == [{"launch": first.name}]
    assert fleet.events() == [Waiting(second.name, "a slot on box1")]


def test_a_job_that_no_machine_could_ever_run_is_refused():
    fleet = ScriptedFleet("box1")
    fleet.attach("box1", gpus=1)
    job = fleet.launch({"gpu": 2})

    assert fleet.events() == [Refused(job.name, "box1 has less than 2 gpu")]


def test_a_launch_that_a_cut_connection_swallowed_is_sent_to_another_machine():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    fleet.detach("box1")

    assert fleet.machines_of(job) == ["box2"]
    name = job.parts[0].name
    run(fleet, "box2", name)

    fleet.attach("box1", known=[job.name])
    assert {"cancel": job.name} in fleet.sent("box1")
    fleet.report("box1", job.name, "ended")
    assert kinds(event for event in fleet.events() if not isinstance(event, Waiting)) == [
        "Launched"
    ]


def test_a_launch_that_arrived_before_the_cut_is_claimed_where_it_is():
    fleet = ScriptedFleet("box1")
    fleet.attach("box1")
    job = fleet.launch()
    fleet.detach("box1")
    fleet.sent("box1")
    fleet.attach("box1", known=[job.name])

    assert fleet.sent("box1") == [{"adopt": {job.name: 0}}]
    run(fleet, "box1", job.name)
    assert "Launched" in kinds(fleet.events())


def test_a_running_job_is_followed_on_after_a_cut():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    run(fleet, "box1", job.name)
    fleet.detach("box1")
    fleet.pass_time(LOST_AFTER / 2)
    fleet.sent("box1")
    fleet.attach("box1", known=[job.name])

    assert fleet.sent("box1") == [{"adopt": {job.name: 2}}]


def test_a_running_job_is_lost_with_its_machine_once():
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    run(fleet, "box1", job.name)
    fleet.detach("box1", "no message for 15 s")
    fleet.events()
    fleet.pass_time(LOST_AFTER)
    (end,) = [event for event in fleet.events() if isinstance(event, Ended)]
    assert end.failure is not None
    assert end.failure.kind is FailureKind.LOST
    assert "box1" in end.failure.message

    fleet.sent("box1")
    fleet.attach("box1", known=[job.name])
    fleet.report("box1", job.name, "output", "ended")
    assert fleet.sent("box1") == [{"cancel": job.name}]
    assert not [event for event in fleet.events() if not isinstance(event, Waiting)]


def test_a_machine_that_forgot_a_job_has_lost_it():
    fleet = ScriptedFleet("box1")
    fleet.attach("box1")
    job = fleet.launch()
    run(fleet, "box1", job.name)
    fleet.detach("box1")
    fleet.attach("box1", log="another log")
    ends = [event for event in fleet.events() if isinstance(event, Ended)]

    assert len(ends) == 1
    assert ends[0].failure
    assert ends[0].failure.kind is FailureKind.LOST


def test_a_cancelled_job_is_cancelled_again_after_a_cut():
    fleet = ScriptedFleet("box1")
    fleet.attach("box1")
    job = fleet.launch()
    run(fleet, "box1", job.name)
    fleet.detach("box1")
    fleet.scheduler.cancel(job.name)
    fleet.sent("box1")
    fleet.attach("box1", known=[job.name])

    assert fleet.sent("box1") == [{"adopt": {job.name: 2}}, {"cancel": job.name}]
    fleet.fail("box1", job.name, "killed", "cancelled")
    assert fleet.events()[-1] == Ended(job.name, CANCELLED)


def test_a_job_that_waits_is_cancelled_at_once():
    fleet = ScriptedFleet("box1")
    job = fleet.launch()
    fleet.scheduler.cancel(job.name)

    assert fleet.events()[-1] == Ended(job.name, CANCELLED)
    fleet.attach("box1")
    assert fleet.sent("box1") == []


def test_a_refused_job_goes_elsewhere_and_its_machine_is_set_aside_after_a_while():
    fleet = ScriptedFleet("box1", "box2", slots=8)
    fleet.attach("box1")
    job = fleet.launch()
    for _ in range(3):
        refusal = {"event": "refused", "job": job.parts[0].name, "reason": "read-only disk"}
        fleet.say("box1", refusal)

    assert job.stage is Stage.WAITING
    assert fleet.fleet["box1"].room.closed.startswith("is set aside")
    fleet.attach("box2")
    assert fleet.machines_of(job) == ["box2"]


def test_a_job_is_refused_when_no_machine_is_left_to_try():
    fleet = ScriptedFleet("box1")
    fleet.attach("box1")
    job = fleet.launch()
    for _ in range(3):
        refusal = {"event": "refused", "job": job.parts[0].name, "reason": "read-only disk"}
        fleet.say("box1", refusal)

    assert fleet.events()[-1] == Refused(job.name, "box1: read-only disk")


def refuse_for_now(fleet: ScriptedFleet, machine: str, part: str) -> None:
    """Let a machine say that its disk is full."""
    wait = {"event": "waiting", "wants": "space", "refusal": "No space left on device"}
    fleet.report(machine, part, "accepted")
    fleet.say(machine, {"job": part, **wait})


def test_a_job_does_not_wait_for_a_full_disk_if_another_machine_is_open():
    fleet = ScriptedFleet("box1", "box2", slots=8)
    fleet.attach("box1", "box2")
    job = fleet.launch()
    first = job.parts[0].name
    refuse_for_now(fleet, "box1", first)
    assert {"cancel": first} in fleet.sent("box1")

    while fleet.machines_of(job) == ["box1"]:
        refuse_for_now(fleet, "box1", job.parts[0].name)
    assert fleet.machines_of(job) == ["box2"]
    assert fleet.fleet["box1"].room.reason == "No space left on device"


def test_a_job_waits_for_a_full_disk_if_there_is_no_other_machine():
    fleet = ScriptedFleet("box1")
    fleet.attach("box1")
    job = fleet.launch()
    refuse_for_now(fleet, "box1", job.name)

    assert fleet.events() == [Waiting(job.name, "space on box1", "No space left on device")]
    assert fleet.machines_of(job) == ["box1"]


def test_no_job_starts_before_all_machines_of_a_resumed_sweep_have_spoken():
    fleet = ScriptedFleet("box1", "box2", resumed=True)
    fleet.attach("box1")
    job = fleet.launch()
    assert fleet.sent("box1") == []
    assert fleet.events() == [Waiting(job.name, "box2, where earlier trials may still run")]

    fleet.attach("box2", known=[job.name])
    assert fleet.sent("box1") == []
    assert fleet.sent("box2") == [{"adopt": {job.name: 0}}]


def test_a_newer_attempt_ends_what_runs_of_the_trial():
    fleet = ScriptedFleet("box1", resumed=True)
    fleet.attach("box1", known=["sweep-3-1", "sweep-4-1"])
    job = fleet.launch(trial=3, attempt=2)

    assert fleet.sent("box1") == [{"cancel": "sweep-3-1"}, {"launch": job.name}]


def test_a_job_of_an_earlier_driver_is_cancelled_when_its_machine_is_attached():
    fleet = ScriptedFleet("box1", resumed=True)
    fleet.scheduler.cancel("sweep-3-1")
    fleet.attach("box1", known=["sweep-3-1", "sweep-4-1"])

    assert fleet.sent("box1") == [{"cancel": "sweep-3-1"}]


def test_a_job_that_is_taken_over_is_read_on_from_the_cursor():
    fleet = ScriptedFleet("box1", resumed=True)
    fleet.attach("box1", known=["sweep-0-1"])
    job = fleet.job()
    handle = {"machine": "box1", "log": "log of box1"}
    parts = parts_from_handle(job.name, job.submission, handle, ["log of box1", 7])
    fleet.scheduler.take_over(job, parts)
    record = {"event": "output", "job": job.name, "line": "x"}
    for at in (7, 9):
        fleet.scheduler.on_message(fleet.fleet["box1"], {"at": at, **record})

    assert fleet.sent("box1") == [{"adopt": {job.name: 7}}]
    assert fleet.events() == [Output(job.name, "x", ["log of box1", 9])]


def test_an_unknown_handle_has_no_parts():
    assert parts_from_handle("a", {"processes": [{}]}, {"made": "up"}, None) == []


class TestSeveralMachines:
    """A job whose processes are on two machines."""

    def launched(self) -> tuple[ScriptedFleet, list[str]]:
        fleet = ScriptedFleet("box1", "box2")
        fleet.attach("box1", "box2", cpus=1.0)
        job = fleet.launch({"cpu": 1}, {"cpu": 1}, wired=True)
        first, second = (part.name for part in job.parts)
        assert fleet.sent("box1") == [{"reserve": first, "members": [["main", 0]]}]
        assert fleet.sent("box2") == [{"reserve": second, "members": []}]
        fleet.say("box1", {"reserved": first, "ports": [["main", 0, 4567]]})
        fleet.say("box2", {"reserved": second, "ports": []})
        return fleet, [first, second]

    def test_the_addresses_of_all_processes_are_filled_in(self):
        fleet, _ = self.launched()
        messages = [link.take()[0] for link in fleet.links.values()]

        for message in messages:
            (process,) = message["submission"]["processes"]
            assert process["wiring"] == {"MASTER": "box1.lab:4567"}
            assert process["decides"]
        assert messages[0]["submission"]["ports"] == [["main", 0, 4567]]

    def test_it_succeeds_with_the_deciding_part_and_the_other_is_finished(self):
        fleet, (first, second) = self.launched()
        run(fleet, "box1", first)
        run(fleet, "box2", second)
        fleet.report("box1", first, "ended")
        assert fleet.sent("box2")[-1] == {"finish": second}
        assert kinds(fleet.events()) == ["Launched"]

        fleet.fail("box2", second, "killed", "it was finished")
        assert fleet.events() == [Ended("sweep-0-1")]

    def test_it_fails_with_the_first_part_that_fails(self):
        fleet, (first, second) = self.launched()
        run(fleet, "box1", first)
        run(fleet, "box2", second)
        fleet.fail("box2", second, "error", "boom")
        assert fleet.sent("box1")[-1] == {"cancel": first}
        assert kinds(fleet.events()) == ["Launched"]

        fleet.fail("box1", first, "killed", "cancelled")
        assert fleet.events() == [Ended("sweep-0-1", Failure(FailureKind.ERROR, "boom"))]

    def test_a_lost_machine_ends_all_parts(self):
        fleet, (first, second) = self.launched()
        run(fleet, "box1", first)
        run(fleet, "box2", second)
        fleet.detach("box2")
        fleet.pass_time(LOST_AFTER)
        assert fleet.sent("box1")[-1] == {"cancel": first}
        fleet.fail("box1", first, "killed", "cancelled")
        (end,) = [event for event in fleet.events() if isinstance(event, Ended)]

        assert end.failure
        assert end.failure.kind is FailureKind.LOST

    def test_ports_that_a_machine_refuses_send_the_job_back(self):
        fleet = ScriptedFleet("box1", "box2")
        fleet.attach("box1", "box2", cpus=1.0)
        job = fleet.launch({"cpu": 1}, {"cpu": 1}, wired=True)
        before = {part.name for part in job.parts}
        fleet.say("box1", {"reserved": job.parts[0].name, "error": "no free port"})

        assert job.stage is Stage.RESERVING
        assert before.isdisjoint(part.name for part in job.parts)

    def test_it_is_taken_over_with_all_its_parts(self):
        fleet, (first, second) = self.launched()
        run(fleet, "box1", first)
        (launched,) = fleet.events()
        assert isinstance(launched, Launched)
        later = ScriptedFleet("box1", "box2", resumed=True)
        later.attach("box1", known=[first])
        later.attach("box2", known=[second])
        job = later.job({"cpu": 1}, {"cpu": 1})
        cursor = ["log of box1", 2]
        parts = parts_from_handle(job.name, job.submission, launched.handle, cursor)
        later.scheduler.take_over(job, parts)

        assert later.sent("box1") == [{"adopt": {first: 2}}]
        assert later.sent("box2") == [{"adopt": {second: 0}}]
        later.report("box1", first, *["accepted"] * 3, "ended")
        assert later.sent("box2") == [{"finish": second}]
