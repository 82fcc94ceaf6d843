"""The limits of OpenPAI are kept, on a virtual clock: no request is one too many."""

from collections.abc import Callable
from typing import Any

import pytest

from sweepwright.contracts import Ended, Job, Launched
from sweepwright.plugins.platforms.pai.rate_budget import RateBudget
from sweepwright.testing.openpai.cluster import OpenPai
from sweepwright.testing.openpai.exit_specs import exited
from sweepwright.testing.openpai.rate_limits import Limits
from sweepwright.testing.platform_harness import PlatformHarness
from tests.plugins.platforms.pai.conftest import Drivers, waits

HOUR = 3600.0


def test_a_budget_permits_so_many_requests_in_any_period() -> None:
    now = [0.0]
    budget = RateBudget(3, 60.0, lambda: now[0])
    times: list[float] = []
    while len(times) < 10:
        now[0] += budget.wait()
        budget.take()
        times.append(now[0])
        now[0] += 7.0

    assert all(later - earlier >= 60.0 for earlier, later in zip(times, times[3:], strict=False))
    assert times[3] == 60.0


def test_a_budget_is_held_after_a_refusal() -> None:
    now = [0.0]
    budget = RateBudget(3, 60.0, lambda: now[0])
    budget.hold(25.0)

    assert budget.wait() == 25.0
    now[0] = 25.0
    assert budget.wait() == 0.0


def test_a_budget_remembers_the_requests_of_others() -> None:
    budget = RateBudget(2, 60.0, lambda: 100.0)
    budget.take()
    budget.remember([30.0, 70.0])

    assert budget.wait() == 30.0


@pytest.mark.parametrize(
    ("limit", "count", "step"),
    [(6, 15, 60.0), pytest.param(60, 150, 20.0, marks=pytest.mark.ci_only)],
)
def test_a_sweep_takes_as_many_hours_as_its_plan_says(
    make_cluster: Callable[..., OpenPai], drivers: Drivers, limit: int, count: int, step: float
) -> None:
    """No request is one too many, and each job that waits says for what."""
    cluster = make_cluster(limits=Limits(submissions_per_hour=limit))
    cluster.runs_tasks = False
    harness = drivers.start(
        cluster,
        submissions_per_hour=limit,
        lists_per_minute=60,
        requests_per_minute=600,
        poll_seconds=10.0,
        log_seconds=1000.0,
    )
    jobs: list[Job] = []
    begin = cluster.clock()
    while len(ended := _ended(harness)) < count and cluster.clock() - begin < 4 * HOUR:
        while len(jobs) < min(count, len(ended) + 10):
            jobs.append(harness.launch("talk"))
        for event in harness.platform.poll(0.02):
            harness.seen.append(event)
            if isinstance(event, Launched):
                cluster.stop(cluster.jobs["alice", event.handle["job"]], exited(9))
        # No request may take as long as the clock leaps: it would arrive in another window.
        if not _waits_for_answers(harness):
            cluster.clock.advance(step)

    planned = (count - 1) // limit
    requests = len([path for _, path, _ in cluster.requests if path.startswith("/api/")])
    lists = cluster.requests.count(("GET", "/api/v2/jobs", 200))
    assert len(ended) == count
    assert planned <= (cluster.clock() - begin) / HOUR < planned + 1
    assert 429 not in {status for _, _, status in cluster.requests}
    assert (f"a submission; OpenPAI allows {limit} an hour", "") in waits(harness, jobs[limit])
    # A submission, two looks at the job, and a few at its log.
    assert requests - lists <= 6 * count


def _waits_for_answers(harness: PlatformHarness) -> bool:
    """Tell whether a request that OpenPAI limits is under way; polls alone send requests."""
    scheduler: Any = harness.platform._scheduler  # type: ignore[attr-defined]  # of OpenPAI's
    return bool(scheduler._listing or scheduler._submissions._submitting)


def _ended(harness: PlatformHarness) -> set[str]:
    return {event.job for event in harness.seen if isinstance(event, Ended)}
