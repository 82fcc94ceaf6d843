"""The controller of the sweep's jobs, from their launch to the end of their pods.

It is level-triggered, as controllers in Kubernetes are: every notice about a job leads to the same
review of all that is known of it, so the order of notices from different watches, and lost or
repeated ones, make no difference.

A job is deleted only after what the driver may not have committed was written to the disk, and its
`Ended` is reported only when its pods are gone. So whenever a driver dies, the cluster or the disk
tells the next one how the job has ended.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import inf

from sweepwright.contracts import Ended, JobEvent, Launched, Refused, Waiting
from sweepwright.events import Failure, FailureKind, Json
from sweepwright.runner_client.pods.log_reader import Item

from ..api.errors import ApiError
from ..api.resources import POD, Resource
from .actions import Actions
from .active_job import ActiveJob, Outcome, Stage
from .causes import CANCELLED
from .creation import Creation
from .earlier_jobs import EarlierJobs
from .ending import Ending
from .log_reading import LogReading
from .pod_view import AttemptKey
from .reachability import Reachability
from .start_review import StartReview
from .start_waits import Wait
from .sweep_objects import SweepObjects
from .verdict import find_outcome

LOOK_SECONDS = 1.0
"""Interval at which a job is reviewed while something is expected to happen to it."""
CHECK_SECONDS = 10.0
"""Time after which an object that no watch has shown is looked for."""


class Controller:
    """Decides what happens to jobs, and reports their events."""

    def __init__(
        self,
        actions: Actions,
        *,
        start_timeout: float | None = None,
        keep_finished: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.jobs: dict[str, ActiveJob] = {}
        self.events: list[JobEvent] = []
        """Events that were not returned to the driver yet."""
        self.objects = SweepObjects()
        self._actions = actions
        self._now = now
        self._creation = Creation(actions, self, now)
        self._logs = LogReading(actions, self.events, now)
        self._ending = Ending(actions, keep_finished=keep_finished, now=now)
        self._earlier = EarlierJobs(actions, keep_finished=keep_finished, now=now)
        self._by_key: dict[AttemptKey, ActiveJob] = {}
        self._reach = Reachability(now)
        self._start = StartReview(actions, start_timeout, self._reach, now)

    def take_events(self) -> list[JobEvent]:
        """Return the new events, and forget them."""
        events, self.events[:] = list(self.events), []
        return events

    @property
    def unwanted(self) -> Collection[str]:
        """Jobs of earlier drivers that were cancelled, and that may still run."""
        return self._earlier.unwanted

    @property
    def next_change(self) -> float:
        """Time at which `step` has something to do even if no notice arrives."""
        parts = (self._creation, self._start, self._earlier)
        return min(*(job.due for job in self.jobs.values()), *(part.next_change for part in parts))

    def launch(self, job: ActiveJob) -> None:
        """Create a job's object, or go on with the one that an earlier driver has created."""
        self._enter(job)
        self._creation.add(job)
        self.tell(job)

    def take_over(self, job: ActiveJob, uid: str, pod: str) -> None:
        """Follow a job that an earlier driver has seen run, with the pod that ran it then."""
        self._enter(job)
        job.launched, job.pod = True, pod
        self.begin(job, uid)

    def replay(self, job: ActiveJob, uid: str, outcome: Outcome) -> None:
        """End a job whose outcome an earlier driver has written to the disk."""
        self._enter(job)
        job.uid, job.outcome, job.saved, job.launched = uid, outcome, True, True
        job.stage, job.check_at = Stage.DECIDED, self._now()
        self._review(job)

    def cancel(self, name: str) -> None:
        """End a job; `Ended` follows if it was launched or taken over here."""
        job = self.jobs.get(name)
        if job is None:
            self._earlier.discard(name, self.objects.jobs.values())
            return
        job.withdrawn = job.withdrawn or CANCELLED
        self._review(job)

    def step(self) -> None:
        """Do what is due by now."""
        self._start.notice_delay(min((job.due for job in self.jobs.values()), default=inf))
        for job in [job for job in self.jobs.values() if job.due <= self._now()]:
            self._review(job)
        self._creation.step()
        self._start.step()
        self._earlier.step(self.objects.jobs.values())

    def begin(self, job: ActiveJob, uid: str) -> None:
        """Go on with a job whose object exists."""
        job.uid, job.stage, job.created_at = uid, Stage.PENDING, self._now()
        job.check_at = job.created_at + CHECK_SECONDS
        self._review(job)

    def end(self, job: ActiveJob, event: Ended | Refused) -> None:
        """Report the last event of a job."""
        del self.jobs[job.name]
        del self._by_key[job.key]
        self._logs.close(job)
        self.objects.forget(job.key)
        self._earlier.on_end(job, self.objects.jobs.get(job.key))
        self._creation.retry()
        self.events.append(event)

    def tell(self, job: ActiveJob) -> None:
        """Report what a job waits for, if that has changed."""
        wait = self._find_wait(job)
        if wait != job.told:
            job.told = wait
            self.events.append(
                Waiting(job.name, wait.wants, wait.refusal) if wait else Waiting(job.name, "")
            )

    def on_listed(self, resource: Resource, objects: Mapping[str, Json]) -> None:
        """Take in all objects of a kind that the sweep has."""
        self._on_news(self.objects.on_listed(resource, objects))

    def on_changed(self, resource: Resource, found: Json) -> None:
        """Take in an object that is new or has changed."""
        self._on_news(self.objects.on_changed(resource, found))

    def on_deleted(self, resource: Resource, found: Json) -> None:
        """Take in that an object is gone."""
        self._on_news(self.objects.on_deleted(resource, found))

    def on_interrupted(self, resource: Resource, reason: str, status: int = 0) -> None:
        """Note that a watch is broken; jobs whose objects it shows go on all the same."""
        self._reach.on_interrupted(resource.kind, reason, status)
        for job in self.jobs.values():
            job.due = min(job.due, self._reach.told_at)

    def on_resumed(self, resource: Resource) -> None:
        """Note that a watch works again."""
        if self._reach.on_resumed(resource.kind):
            self._start.distrust()
            for job in list(self.jobs.values()):
                job.deleted_at = max(job.deleted_at, self._now())
                self._review(job)

    def on_inputs(self, owner: Json, error: ApiError | None) -> None:
        """Take in the answer to `Actions.create_inputs`."""
        self._creation.on_inputs(owner, error)

    def on_created(self, name: str, found: Json, error: ApiError | None) -> None:
        """Take in the answer to `Actions.create`."""
        self._creation.on_created(self.jobs[name], found, error)

    def on_read(self, name: str, found: Json, error: ApiError | None) -> None:
        """Take in the answer to `Actions.read`."""
        job = self.jobs.get(name)
        if job is not None and job.stage is Stage.CREATING:
            self._creation.on_read(job, found, error)
        elif job is not None and job.is_gone(found, error):
            job.seen = True
            self._review(job)

    def on_deletion(self, name: str, error: ApiError | None) -> None:
        """Take in the answer to `Actions.delete`."""
        if job := self.jobs.get(name):
            self._ending.on_deletion(job, error)
            self._review(job)
        else:
            self._earlier.on_deletion(name, error)

    def on_events(self, items: Iterable[Json], error: ApiError | None) -> None:
        """Take in the answer to `Actions.list_events`."""
        self._start.on_events(items if error is None else ())
        for job in list(self.jobs.values()):
            if job.stage in (Stage.PENDING, Stage.RUNNING):
                self._review(job)

    def on_tail(self, name: str) -> None:
        """Take in that the end of a log was saved, or could not be read."""
        if job := self.jobs.get(name):
            job.tails -= 1
            self._review(job)

    def on_log(self, name: str, items: Sequence[Item]) -> None:
        """Take in new items of the log of a job."""
        if job := self.jobs.get(name):
            self._logs.on_items(job, items)
            self._review(job)

    def on_log_ended(self, name: str, reason: str | None) -> None:
        """Take in that no more will be read of the log of a job."""
        if job := self.jobs.get(name):
            job.log.closed, job.log.fault = True, reason or ""
            self._review(job)

    def _enter(self, job: ActiveJob) -> None:
        job.since = self._now()
        job.due = self._start.deadline(job)
        self.jobs[job.name] = self._by_key[job.key] = job
        job.pods = self.objects.pods(job.key)
        self._earlier.enter(job, self.objects.jobs.values())

    def _on_news(self, keys: Iterable[AttemptKey]) -> None:
        for key in set(keys):
            if job := self._by_key.get(key):
                self._review(job)
            elif view := self.objects.jobs.get(key):
                self._earlier.consider(view)
            else:
                self.objects.forget(key)

    def _review(self, job: ActiveJob) -> None:
        """Do what follows from all that is known of a job."""
        job.due = inf
        if late := self._start.time_out(job):
            job.withdrawn = job.withdrawn or Failure(FailureKind.LAUNCH, late)
        if job.stage is Stage.CREATING:
            job.due = inf if job.withdrawn else self._start.deadline(job)
            if job.withdrawn and self._creation.withdraw(job):
                self.end(job, Ended(job.name, job.withdrawn))
            return
        self._look_up(job)
        if job.stage in (Stage.PENDING, Stage.RUNNING):
            self._follow(job)
            self._logs.save_tails(job)
            self._decide(job)
        if job.stage in (Stage.DECIDED, Stage.DELETING) and self._ending.advance(job):
            self.end(job, Ended(job.name, job.outcome.failure if job.outcome else None))
            return
        self.tell(job)
        if not job.seen and not self._reach.broken:
            job.due = min(job.due, job.check_at)
        if self._now() < self._reach.told_at:
            job.due = min(job.due, self._reach.told_at)

    def _look_up(self, job: ActiveJob) -> None:
        """Update what is known of a job's object."""
        job.pods_listed = POD.kind in self.objects.listed
        view = self.objects.jobs.get(job.key)
        job.view = view if view is not None and view.uid == job.uid else None
        job.seen = job.seen or job.view is not None
        if not job.seen and self._now() >= job.check_at and not self._reach.broken:
            job.check_at = self._now() + CHECK_SECONDS
            self._actions.read(job)

    def _follow(self, job: ActiveJob) -> None:
        """Report the start of a job, and read the log of its reporting pod."""
        pod = job.reporting_pod
        if pod is not None and pod.started and not job.withdrawn:
            job.pod = pod.uid
            self._logs.follow(job, pod)
            if not job.launched:
                job.launched = True
                self.events.append(Launched(job.name, job.handle))
            job.stage = Stage.RUNNING
        if not self._start.all_started(job):
            job.due = min(self._now() + LOOK_SECONDS, self._start.deadline(job))

    def _decide(self, job: ActiveJob) -> None:
        outcome = find_outcome(job, self._now())
        if outcome is not None:
            job.outcome, job.stage = outcome, Stage.DECIDED
            if job.seen and (job.view is None or job.view.deleting):
                self._creation.owner = None  # it may have been deleted, and the job with it
        elif job.failed_at < inf:
            job.due = self._now() + LOOK_SECONDS

    def _find_wait(self, job: ActiveJob) -> Wait | None:
        if wait := self._reach.wait:
            return wait
        if job.stage is Stage.CREATING:
            return self._creation.wait
        if job.stage in (Stage.DECIDED, Stage.DELETING):
            return self._ending.find_wait(job)
        return job.stall or self._start.find_wait(job)
