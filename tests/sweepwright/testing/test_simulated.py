"""The simulated platform: hours in no time, jobs that outlive drivers, logs that lie."""

from collections.abc import Mapping
from math import inf
from typing import Any

from sweepwright.contracts import (
    Ended,
    Job,
    JobEvent,
    Launched,
    Output,
    PythonModule,
    Role,
    Waiting,
    Workspace,
)
from sweepwright.events import Attempt, Failure, FailureKind, Trial
from sweepwright.protocol import describe_attempt, read_line
from sweepwright.testing.fake_cluster import assignment_of
from sweepwright.testing.simulated import (
    Behavior,
    Cluster,
    Simulated,
    SimulatedOptions,
    duplicated,
    reordered,
    simulated_provider,
)

HOUR = 3600.0


def job(number: int = 0, **changes: Any) -> Job:
    attempt = Attempt("sweep", Trial(number, {"x": number + 1}), 1)
    environment = {"SWEEPWRIGHT_TRIAL": describe_attempt(attempt)}
    roles = (Role("main", PythonModule("none")),)
    return Job(attempt.job, roles, environment, trial=number, **changes)


def act(assignment: Mapping[str, Any], _job: Job) -> Behavior:
    return Behavior(seconds=HOUR * assignment["x"], reports=[0.1, {"default": 0.2}], result=0.3)


def watch(platform: Simulated, seconds: float = 10 * HOUR) -> list[JobEvent]:
    seen: list[JobEvent] = []
    while more := platform.poll(seconds):
        seen += more
    return seen


def kinds(seen: list[JobEvent]) -> list[type[JobEvent]]:
    return [type(event) for event in seen]


def launched(platform: Simulated, *jobs: Job) -> Simulated:
    for each in jobs:
        platform.launch(each, platform.render(each))
    return platform


def test_a_job_lasts_and_reports_as_its_assignment_says() -> None:
    cluster = Cluster(act)
    platform = launched(Simulated(cluster), job(1))
    seen = watch(platform)
    lines = [read_line(event.line) for event in seen if isinstance(event, Output)]

    assert kinds(seen) == [Launched, Output, Output, Output, Ended]
    assert [(line.final, line.metrics["default"]) for line in lines if line] == [
        (False, 0.1),
        (False, 0.2),
        (True, 0.3),
    ]


def test_time_passes_to_the_next_happening() -> None:
    cluster = Cluster(act)
    platform = launched(Simulated(cluster), job(0), job(1))
    ends: list[tuple[str, float]] = []
    while seen := platform.poll(inf):
        ends += [(s.job, cluster.now) for s in seen if isinstance(s, Ended)]
        if len(ends) == 2:
            break

    assert ends == [("sweep-0-1", HOUR), ("sweep-1-1", 2 * HOUR)]


def test_time_passes_where_nothing_happens() -> None:
    cluster = Cluster(act)

    assert Simulated(cluster).poll(5.0) == []
    assert cluster.now == 5.0


def test_jobs_wait_for_a_slot() -> None:
    platform = launched(Simulated(Cluster(act, slots=1)), job(0), job(1), job(2))
    first = platform.poll(0)
    platform.cancel(job(2).name)
    seen = watch(platform)
    of_second = [s for s in seen if s.job == job(1).name]

    assert kinds(list(first)) == [Launched, Waiting, Waiting]
    assert [s.failure for s in seen if isinstance(s, Ended) and s.job == job(2).name] == [
        Failure(FailureKind.KILLED, "it was cancelled")
    ]
    assert isinstance(of_second[0], Launched)
    assert isinstance(of_second[-1], Ended)


def test_jobs_fail_as_told() -> None:
    failure = Failure(FailureKind.MEMORY, "out of memory")
    cluster = Cluster(lambda _assignment, _job: Behavior(failure=failure, lines=["not JSON"]))
    seen = watch(launched(Simulated(cluster), job()))

    assert kinds(seen) == [Launched, Output, Ended]
    assert seen[-1] == Ended(job().name, failure)


def test_a_time_limit_cuts_a_job_short() -> None:
    seen = watch(launched(Simulated(Cluster(act)), job(0, time_limit=HOUR / 2)))

    assert kinds(seen) == [Launched, Output, Ended]
    assert seen[-1] == Ended(
        job().name, Failure(FailureKind.TIMEOUT, "ran over its time limit of 1800 s")
    )


def test_another_driver_takes_a_job_up_where_it_was_left() -> None:
    cluster = Cluster(act)
    first = launched(Simulated(cluster), job())
    handle = next(s.handle for s in first.poll(0) if isinstance(s, Launched))
    cursor = next(s.cursor for s in first.poll(HOUR) if isinstance(s, Output))
    first.close()
    cluster.advance(5 * HOUR)
    second = Simulated(cluster)

    assert second.reattach(job(), handle, cursor)
    assert kinds(watch(second)) == [Output, Output, Ended]


def test_another_driver_that_launches_a_known_name_adopts_it() -> None:
    """As after a crash between the launch and the record of its handle."""
    cluster = Cluster(act)
    launched(Simulated(cluster), job()).poll(HOUR)
    seen = watch(launched(Simulated(cluster), job()))

    assert kinds(seen) == [Launched, Output, Output, Output, Ended]
    assert len(cluster.runs) == 1


def test_a_lost_job_is_gone() -> None:
    cluster = Cluster(act)
    platform = launched(Simulated(cluster), job())
    handle = cluster.runs[job().name].handle
    cluster.lose(job().name)
    seen = watch(platform)

    assert seen[-1] == Ended(job().name, Failure(FailureKind.LOST, "its machine vanished"))
    assert not Simulated(cluster).reattach(job(), handle, None)


def test_mortal_jobs_die_with_their_driver() -> None:
    cluster = Cluster(act)
    options = SimulatedOptions(outlives=False)
    platform = launched(Simulated(cluster, options), job())
    handle = cluster.runs[job().name].handle
    platform.close()

    assert cluster.runs[job().name].ending is not None
    assert not Simulated(cluster, options).reattach(job(), handle, None)


def test_a_tick_sees_several_lines_at_once() -> None:
    platform = launched(Simulated(Cluster(act), SimulatedOptions(tick=2 * HOUR)), job())

    assert kinds(list(platform.poll(HOUR))) == [Launched, Output, Output, Output, Ended]


def test_lines_come_twice_or_out_of_order_on_demand() -> None:
    options = SimulatedOptions(tick=2 * HOUR)
    doubled = launched(Simulated(Cluster(act), options, duplicated), job()).poll(HOUR)
    turned = launched(Simulated(Cluster(act), options, reordered), job()).poll(HOUR)

    assert [s.cursor for s in doubled if isinstance(s, Output)] == [1, 1, 2, 2, 3, 3]
    assert [s.cursor for s in turned if isinstance(s, Output)] == [3, 2, 1]
    assert kinds(list(turned)) == [Launched, Output, Output, Output, Ended]


def test_a_cancelled_job_leaves_no_trace_on_the_clock() -> None:
    cluster = Cluster(act)
    platform = launched(Simulated(cluster), job())
    platform.cancel(job().name)
    platform.cancel("nobody")
    watch(platform)

    assert not cluster.advance(HOUR)


def test_the_provider_builds_platforms_on_one_cluster(tmp_path: Any) -> None:
    cluster = Cluster(act)
    provider = simulated_provider(cluster)
    platform = provider.build(provider.options(), Workspace("sweep", tmp_path))
    platform.launch(job(), platform.render(job()))

    assert list(cluster.runs) == [job().name]


def test_a_job_without_a_trial_has_no_assignment() -> None:
    assert assignment_of(Job("bare", ())) == {}
