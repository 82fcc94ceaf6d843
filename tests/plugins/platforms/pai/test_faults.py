"""Whatever clusters do: no job runs twice, none is lost, and one line says what happened."""

import time

import pytest

from sweepwright.contracts import Refused
from sweepwright.events import FailureKind
from sweepwright.testing.openpai.exit_specs import (
    EVICTED,
    IMAGE_MISSING,
    NODE_LOST,
    OUT_OF_MEMORY,
    POD_DELETED,
    ExitSpec,
)
from sweepwright.testing.openpai.task_logs import lose_rotated_log, rotate_log
from tests.plugins.platforms.pai.conftest import Drivers, last_wait, run, waits


def test_a_submission_whose_answer_is_lost_is_recognised(drivers: Drivers) -> None:
    drivers.cluster.faults.lose_answers("POST", "/jobs$")
    harness = drivers.start()
    job = harness.launch("talk")

    assert run(harness, job) is None
    assert [line.sequence for line in harness.lines(job)] == list(range(6))
    assert len(drivers.cluster.jobs) == 1
    assert drivers.submissions == [202]


def test_a_conflict_after_a_lost_answer_is_recognised(drivers: Drivers) -> None:
    """The list lags behind, so that the job is submitted again."""
    drivers.cluster.faults.lose_answers("POST", "/jobs$")
    harness = drivers.start()
    job = harness.launch("talk")
    drivers.cluster.hidden_lists = 3

    assert run(harness, job) is None
    assert drivers.submissions == [202, 409]
    assert len(drivers.cluster.jobs) == 1
    assert len(harness.outputs(job)) == 6


def test_a_name_that_belongs_to_somebody_else_is_avoided(drivers: Drivers) -> None:
    harness = drivers.start()
    job = harness.job("talk")
    body = harness.platform.render(job)
    other = {**body, "extras": {**body["extras"], "sweepwright": {"sweep": "x", "job": "y"}}}
    drivers.cluster.submit_for("alice", other)
    drivers.cluster.hidden_lists = 2
    harness.platform.launch(job, body)

    assert run(harness, job) is None
    assert harness.launches(job)[0].handle["job"] == f"{job.name}-r2"


def test_server_errors_pass(drivers: Drivers) -> None:
    harness = drivers.start()
    job = harness.launch("talk")
    harness.watch_to_start(job)
    drivers.cluster.faults.answer("GET", "", 500, count=5)

    assert run(harness, job) is None
    assert len(harness.outputs(job)) == 6
    assert not harness.refusals(job)


def test_a_server_that_is_away_is_waited_for(drivers: Drivers) -> None:
    harness = drivers.start()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    drivers.cluster.faults.away = True
    harness.watch(lambda: bool(last_wait(harness, job)[1]))
    wants, refusal = last_wait(harness, job)
    drivers.cluster.faults.away = False
    drivers.cluster.clock.advance(60)
    harness.watch(lambda: last_wait(harness, job) == ("", ""))
    harness.platform.cancel(job.name)

    assert wants == f"the OpenPAI server {drivers.cluster.url}"
    assert "does not answer" in refusal
    assert "\n" not in refusal
    failure = run(harness, job)
    assert failure is not None
    assert failure.kind is FailureKind.KILLED


def test_too_many_lists_are_held_back(drivers: Drivers) -> None:
    """OpenPAI says when its window ends, and is not asked before."""
    harness = drivers.start()
    job = harness.launch("talk")
    drivers.cluster.faults.answer("GET", "/jobs$", 429, retry_after=30)
    harness.watch(lambda: ("GET", "/api/v2/jobs", 429) in drivers.cluster.requests)
    asked = len(drivers.cluster.requests)
    harness.seen += harness.platform.poll(0.5)

    assert len(drivers.cluster.requests) == asked
    drivers.cluster.clock.advance(31)
    assert run(harness, job) is None


def test_a_token_that_has_expired_is_read_again(drivers: Drivers) -> None:
    file = drivers.folder / "token"
    file.write_text("token\n")
    harness = drivers.start(token_file=str(file))
    job = harness.launch("hang")
    harness.watch_to_start(job)
    drivers.cluster.users["alice"] = "renewed"
    harness.watch(lambda: "Unauthorized" in last_wait(harness, job)[1])
    file.write_text("renewed\n")
    drivers.cluster.clock.advance(60)
    harness.watch(lambda: last_wait(harness, job) == ("", ""))

    assert not harness.endings(job)


def test_without_a_valid_token_nothing_is_submitted(drivers: Drivers) -> None:
    drivers.cluster.users["alice"] = "renewed"
    harness = drivers.start()
    job = harness.launch("talk")
    harness.watch(lambda: bool(harness.refusals(job)))

    assert harness.of(job) == [
        Refused(
            job.name,
            "UnauthorizedUserError: Guest is not allowed to do this operation.",
        )
    ]
    drivers.cluster.users["alice"] = "token"
    drivers.cluster.clock.advance(60)
    harness.start(job)  # its name may be launched again
    assert run(harness, job) is None


def test_a_job_that_somebody_stops_was_killed(drivers: Drivers) -> None:
    harness = drivers.start()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    drivers.cluster.stop(drivers.cluster.wait_for(job.name, "RUNNING"))
    failure = run(harness, job)

    assert failure is not None
    assert failure.kind is FailureKind.KILLED
    assert "StopFrameworkRequested" in failure.message


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (EVICTED, FailureKind.LOST),
        (NODE_LOST, FailureKind.LOST),
        (POD_DELETED, FailureKind.LOST),
        (OUT_OF_MEMORY, FailureKind.MEMORY),
        (ExitSpec(137, "UserContainerKilled", "USER_FAILURE"), FailureKind.KILLED),
    ],
    ids=lambda value: value.phrase if isinstance(value, ExitSpec) else value.value,
)
def test_a_lost_container_is_classified(
    drivers: Drivers, end: ExitSpec, kind: FailureKind
) -> None:
    """OpenPAI runs a job again by itself if it has lost the container; the driver stops it."""
    harness = drivers.start()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    drivers.cluster.end_task(drivers.cluster.wait_for(job.name, "RUNNING"), end)
    failure = run(harness, job)

    assert failure is not None
    assert failure.kind is kind
    assert len(harness.outputs(job)) == 1, "what was reported before stays"
    assert all(each.final for each in drivers.cluster.jobs.values()), "left running"


def test_a_lost_container_does_not_keep_the_driver_busy(drivers: Drivers) -> None:
    """OpenPAI runs the job again, and is away before the driver can stop it."""
    harness = drivers.start()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    drivers.cluster.capacity = 0
    drivers.cluster.faults.answer("PUT", "", 500, count=1000)
    drivers.cluster.end_task(drivers.cluster.wait_for(job.name, "RUNNING"), EVICTED)
    harness.watch(lambda: any(method == "PUT" for method, _, _ in drivers.cluster.requests))
    drivers.cluster.faults.away = True
    harness.watch(lambda: bool(last_wait(harness, job)[1]))
    before = time.process_time()
    harness.seen += harness.platform.poll(1.0)

    assert time.process_time() - before < 0.3


def test_an_image_that_is_missing_is_no_start(drivers: Drivers) -> None:
    drivers.cluster.runs_tasks = False
    harness = drivers.start()
    job = harness.launch("talk")
    drivers.cluster.end_task(drivers.submit(harness, job, "RUNNING"), IMAGE_MISSING)
    failure = run(harness, job)

    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH
    assert "failed to find the docker image" in failure.message


def test_an_image_that_cannot_start_the_agent_is_refused(drivers: Drivers) -> None:
    """Each job would meet the same, so the driver launches no other."""
    harness = drivers.start(scratch="/proc/no-such-folder")
    job = harness.launch("talk")
    harness.watch(lambda: bool(harness.refusals(job)))

    assert "/proc/no-such-folder" in harness.refusals(job)[0].reason
    assert not harness.outputs(job)


def test_a_job_that_waits_says_so_and_times_out(drivers: Drivers) -> None:
    drivers.cluster.capacity = 0
    harness = drivers.start(start_timeout=600.0)
    job = harness.launch("talk")
    harness.watch(lambda: bool(waits(harness, job)))
    drivers.cluster.clock.advance(601)
    failure = run(harness, job)

    assert waits(harness, job) == [("room in the virtual cluster `default`", "")]
    assert failure is not None
    assert failure.kind is FailureKind.LAUNCH
    assert "start_timeout" in failure.message
    assert drivers.cluster.wait_for(job.name, "STOPPED")


def test_a_job_that_openpai_forgets_is_lost(drivers: Drivers) -> None:
    harness = drivers.start()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    drivers.cluster.remove(drivers.cluster.wait_for(job.name, "RUNNING"))
    failure = run(harness, job)

    assert failure is not None
    assert failure.kind is FailureKind.LOST


def test_a_rotated_log_is_read_to_its_end(drivers: Drivers) -> None:
    """A long log is rotated while nobody reads it; its rotated part is read first."""
    harness = drivers.start()
    job = harness.launch("talk")
    found = drivers.submit(harness, job, "SUCCEEDED")
    rotate_log(found.tasks[0].container.logs, keep=100)

    assert run(harness, job) is None
    assert len(harness.outputs(job)) == 6


def test_a_log_that_is_lost_is_reported_as_that(drivers: Drivers) -> None:
    harness = drivers.start()
    job = harness.launch("talk")
    logs = drivers.submit(harness, job, "SUCCEEDED").tasks[0].container.logs
    rotate_log(logs, keep=0)
    lose_rotated_log(logs)
    failure = run(harness, job)

    assert failure is not None
    assert failure.kind is FailureKind.LOST
    assert "its log cannot be read" in failure.message


def test_an_address_of_a_log_that_has_expired_is_renewed(drivers: Drivers) -> None:
    harness = drivers.start()
    job = harness.launch("hang")
    harness.watch_to_start(job)
    drivers.cluster.log_token = "log1"  # noqa: S105 - a word
    seen = len(drivers.cluster.requests)
    harness.watch(
        lambda: any("log-manager" in p and s == 200 for _, p, s in drivers.cluster.requests[seen:])
    )

    assert not harness.endings(job)


def test_a_job_taken_back_before_it_ran_gets_another_name(drivers: Drivers) -> None:
    """OpenPAI never forgets a name, so the next driver submits the job under another one."""
    drivers.cluster.capacity = 0
    first = drivers.start()
    job = first.launch("talk")
    first.watch(lambda: bool(waits(first, job)))
    first.platform.cancel(job.name)
    first.watch_to_end(job)
    first.platform.close()
    drivers.cluster.capacity = None
    second = drivers.start()
    second.start(job)

    assert run(second, job) is None
    assert second.launches(job)[0].handle["job"] == f"{job.name}-r2"


def test_a_driver_that_died_while_it_submitted_leaves_no_second_job(drivers: Drivers) -> None:
    first = drivers.start()
    job = first.launch("hang")
    drivers.submit(first, job, "RUNNING")  # which nobody has seen
    first.platform.close()
    second = drivers.start()
    second.start(job)
    second.watch_to_start(job)

    assert len(drivers.cluster.jobs) == 1
    assert drivers.submissions == [202]


def test_a_resumed_driver_knows_how_much_of_the_limit_is_used(drivers: Drivers) -> None:
    drivers.cluster.runs_tasks = False
    first = drivers.start(submissions_per_hour=3)
    jobs = [first.launch("talk") for _ in range(3)]
    first.watch(lambda: len(drivers.submissions) == 3)
    first.platform.close()
    second = drivers.start(submissions_per_hour=3)
    for job in jobs:
        second.start(job)
    late = second.launch("talk", trial=9)
    drivers.cluster.submit_for("alice", {**second.platform.render(late), "name": "other"})
    second.watch(lambda: bool(waits(second, late)))

    assert waits(second, late) == [("a submission; OpenPAI allows 3 an hour", "")]
    assert len(drivers.submissions) == 3
    drivers.cluster.clock.advance(3601)
    second.watch(lambda: len(drivers.submissions) == 4)


def test_waiting_for_a_submission_makes_no_requests(drivers: Drivers) -> None:
    drivers.cluster.runs_tasks = False
    harness = drivers.start(submissions_per_hour=1, poll_seconds=3600.0, log_seconds=3600.0)
    harness.launch("talk")
    late = harness.launch("talk")
    harness.watch(lambda: bool(waits(harness, late)))
    harness.watch(lambda: len(drivers.cluster.requests) == 6)  # three lists, one job, its log
    asked, before = len(drivers.cluster.requests), time.process_time()
    harness.seen += harness.platform.poll(1.0)

    assert len(drivers.cluster.requests) == asked
    assert time.process_time() - before < 0.2
