"""No message of a machine that has the shape of one is more than the scheduler can bear."""

from typing import Any

import pytest

from sweepwright.contracts import Ended
from sweepwright.runner_client.far_end_messages import REPLIES, is_message
from tests.plugins.platforms.remote.scheduling.scripted_fleet import ScriptedFleet
from tests.sweepwright.runner_client.hostile_far_end import HELLO, mutations

CONTENTS: list[dict[str, Any]] = [
    {"event": "accepted"},
    {"event": "launched", "handle": {"pids": [1]}},
    {"event": "waiting", "wants": "memory", "refusal": "none"},
    {"event": "output", "line": "{}"},
    {"event": "ended", "failure": {"kind": "error", "message": "x"}},
    {"event": "ended", "failure": {"kind": "lost", "message": "x"}},
    {"event": "refused", "reason": "x"},
]


def messages(job: str) -> list[dict[str, Any]]:
    return [
        *({"at": 5, "job": job, **content} for content in CONTENTS),
        {"unknown": job},
        {"reserved": job, "ports": [["main", 0, 5000]]},
        {"reserved": job, "error": "none"},
        {"trouble": "x"},
    ]


@pytest.mark.parametrize("needs", [[{}], [{"cpu": 4}, {"cpu": 4}]], ids=["whole", "parts"])
@pytest.mark.parametrize("index", range(len(messages(""))))
def test_any_message_about_a_job_is_survived(index: int, needs: list[dict[str, float]]) -> None:
    for number in range(len(list(mutations(messages("j")[index])))):
        fleet = ScriptedFleet("box1", "box2")
        fleet.attach("box1", "box2")
        job = fleet.launch(*needs, wired=True)
        part = job.parts[0]
        changed = list(mutations(messages(part.name)[index]))[number]
        if isinstance(changed, dict) and is_message(changed):
            fleet.say(part.machine, changed)
            fleet.say(part.machine, changed)
            fleet.scheduler.cancel(job.name)
            fleet.pass_time(1000.0)

            assert len([e for e in fleet.events() if isinstance(e, Ended)]) <= 1


def test_any_first_message_is_survived() -> None:
    for changed in mutations(HELLO):
        if REPLIES["attach"]({"attached": changed}):
            fleet = ScriptedFleet("box1", "box2", resumed=True)
            fleet.launch(wired=True)
            fleet.scheduler.on_attached(fleet.fleet["box1"], changed)
            fleet.attach("box2")
            fleet.pass_time(1000.0)


def test_ports_that_were_not_asked_for_are_the_fault_of_the_machine() -> None:
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch({"cpu": 4}, {"cpu": 4}, wired=True)
    first = job.parts[0]
    fleet.sent(first.machine)
    fleet.say(first.machine, {"reserved": first.name, "ports": [["main", 1, 5000]]})

    assert {"cancel": first.name} in fleet.sent(first.machine)
    assert first.name not in {part.name for part in job.parts}


def test_a_reservation_that_fails_late_takes_no_job_back() -> None:
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    machine = job.parts[0].machine
    fleet.report(machine, job.name, "accepted", "launched")
    fleet.sent(machine)
    fleet.say(machine, {"reserved": job.name, "error": "none"})

    assert fleet.sent(machine) == []


def test_records_of_jobs_of_another_machine_and_from_the_past_are_ignored() -> None:
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    (own,) = fleet.machines_of(job)
    other = {"box1": "box2", "box2": "box1"}[own]
    fleet.report(other, job.name, "accepted", "launched", "output", "ended")
    fleet.say(own, {"at": 100, "event": "output", "job": job.name, "line": "new"})
    fleet.say(own, {"at": 99, "event": "output", "job": job.name, "line": "old"})
    fleet.say(own, {"at": 100, "event": "ended", "job": job.name, "failure": None})

    assert [event.line for event in fleet.events() if hasattr(event, "line")] == ["new"]
    assert job.name in fleet.scheduler.jobs


def test_a_machine_that_breaks_off_with_nonsense_again_and_again_loses_its_jobs() -> None:
    """Each time it is attached in between, and says that it still runs the job."""
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1")
    job = fleet.launch()
    fleet.report("box1", job.name, "accepted", "launched")
    for _ in range(20):
        fleet.detach("box1", "nonsense", unfit=True)
        fleet.pass_time(10.0)
        if job.name not in fleet.scheduler.jobs:
            break
        fleet.attach("box1", known=[job.name])

    (ended,) = [event for event in fleet.events() if isinstance(event, Ended)]
    assert ended.failure
    assert ended.failure.kind == "lost"
    assert fleet.now <= 120.0


def test_a_machine_that_accepts_nothing_is_given_no_more() -> None:
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    ignored = [fleet.launch() for _ in range(2)]
    mute = ignored[0].parts[0].machine
    (other,) = {"box1", "box2"} - {mute}
    for _ in range(4):
        for job in [*fleet.scheduler.jobs.values()]:
            if job.parts[0].machine == other and not job.begun:
                fleet.report(other, job.parts[0].name, "accepted", "launched")
        fleet.pass_time(61.0)
        fleet.pass_time(61.0)

    assert {job.parts[0].machine for job in ignored} == {other}
    assert all(job.begun for job in ignored)


def test_a_machine_whose_disk_is_full_has_time_to_accept() -> None:
    fleet = ScriptedFleet("box1", "box2")
    fleet.attach("box1", "box2")
    job = fleet.launch()
    (machine,) = fleet.machines_of(job)
    fleet.say(machine, {"trouble": "the log cannot be written: no space left on device"})
    fleet.pass_time(1000.0)

    assert fleet.machines_of(job) == [machine]
