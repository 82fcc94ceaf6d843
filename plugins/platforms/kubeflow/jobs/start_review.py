"""The review of jobs that have not started: what they wait for, and when they time out."""

from collections.abc import Callable, Iterable
from math import inf

from sweepwright.events import Json

from .actions import Actions
from .active_job import ActiveJob, Stage
from .reachability import Reachability
from .start_waits import QUIET_SECONDS, Events, Wait, explain_start, read_events

FIRST_EVENTS = 2.0
LONGEST_EVENTS = 60.0
"""Shortest and longest interval in seconds at which events are listed, for all jobs at once."""
LATE_SECONDS = 2.0
"""Delay that the driver does not have unless it was stopped."""
CATCH_UP_SECONDS = 10.0
"""Time in which a driver that was cut off, or stopped, hears what has happened meanwhile."""


class StartReview:
    """Explains jobs that do not start; events are listed only while one of them needs it."""

    def __init__(
        self,
        actions: Actions,
        timeout: float | None,
        reach: Reachability,
        now: Callable[[], float],
    ) -> None:
        self._actions = actions
        self._timeout = timeout
        self._reach = reach
        self._now = now
        self._events: Events = {}
        self._wanted = False
        self._asked = False
        self._interval = FIRST_EVENTS
        self._due = -inf
        self._informed_at = -inf
        """Time from which on the driver knows what has happened."""

    @property
    def next_change(self) -> float:
        """Time at which `step` has something to do."""
        return self._due if self._wanted and not self._asked else inf

    def step(self) -> None:
        """List the events of the namespace, if they are wanted and it is time."""
        if self.next_change <= self._now():
            self._wanted, self._asked = False, True
            self._due = self._now() + self._interval
            self._interval = min(2 * self._interval, LONGEST_EVENTS)
            self._actions.list_events()

    def on_events(self, items: Iterable[Json]) -> None:
        """Take in a list of warnings."""
        self._asked = False
        self._events = read_events(items)

    def all_started(self, job: ActiveJob) -> bool:
        """Tell whether all pods of a job have started."""
        return sum(pod.started or pod.ended for pod in job.pods.values()) >= job.pods_wanted

    def find_wait(self, job: ActiveJob) -> Wait | None:
        """Say what keeps a job, or some of its pods, from starting."""
        if job.stage is Stage.RUNNING and self.all_started(job):
            return None
        if job.pod and job.reporting_pod is None:
            return None  # it ran under an earlier driver, and is not seen yet or is gone
        age = self._now() - job.created_at
        idle = [pod for pod in job.pods.values() if not pod.started and not pod.ended]
        wait = explain_start(job.view, idle, job.resource.kind, self._events, age)
        if age >= QUIET_SECONDS and (wait is None or not wait.refusal):
            self._want_events(job)
        return wait

    def deadline(self, job: ActiveJob) -> float:
        """Return the time by which a job must have started, or at which it is judged."""
        unseen = self._reach.broken and job.stage is not Stage.CREATING
        if self._timeout is None or unseen:
            return inf
        return max(job.since + self._timeout, self._informed_at)

    def notice_delay(self, due: float) -> None:
        """Note when a review was due: one that comes late shows that the driver was stopped."""
        if self._now() > due + LATE_SECONDS:
            self.distrust()

    def distrust(self) -> None:
        """Judge no job for a while, because what is known of them is old."""
        self._informed_at = self._now() + CATCH_UP_SECONDS

    def time_out(self, job: ActiveJob) -> str:
        """Say why a job that has not started must end; empty if it may go on waiting."""
        if self._timeout is None or self._now() < self.deadline(job):
            return ""
        if job.outcome is not None or self.all_started(job):
            return ""
        wait = job.told
        reason = f"; it waited for {wait}" if wait else ""
        return f"it did not start within {self._timeout:g} s{reason}"

    def _want_events(self, job: ActiveJob) -> None:
        if not job.explained:
            job.explained, self._interval = True, FIRST_EVENTS
            self._due = min(self._due, self._now() + FIRST_EVENTS)
        self._wanted = True
