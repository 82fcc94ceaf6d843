"""The platform ``kubeflow``: runs jobs in a cluster, and follows them through its API server.

The `Controller` makes all decisions, in the driver's thread. Other threads make requests, watch
objects and read logs; they put a notice of what happened into one queue.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Protocol

from sweepwright.contracts import Ended, Job, JobEvent, Launched, Output, Refused
from sweepwright.events import Failure, FailureKind, Json

from .api.cluster import Cluster
from .api.errors import ApiError, MissingClientError, NoClusterError
from .api.notices import (
    Answered,
    Changed,
    Deleted,
    Interrupted,
    Listed,
    LogEnded,
    LogItems,
    Notice,
    Resumed,
)
from .api.reflector import Reflector
from .api.resources import JOB_KINDS, POD, Resource
from .cleaning import delete_inputs, delete_jobs
from .cluster_actions import ClusterActions
from .jobs.active_job import ActiveJob, active_job
from .jobs.controller import Controller
from .store_output import SavedEnd, StoreOutput

SETTLE_SECONDS = 30.0
"""Seconds for which a resume waits until the API server has listed the jobs of earlier drivers."""
CLOSE_SECONDS = 10.0
"""Seconds for which `close` waits for answers to deletions."""
_BATCH = 500
"""Number of notices that are handled before `poll` returns their events."""


class Manifests(Protocol):
    """Renders the objects of one sweep (`building.SweepManifests`)."""

    selector: str
    """Selects all objects of the sweep."""

    def render(self, job: Job) -> Json:
        """Return the manifest of a job."""
        ...

    def inputs(self) -> Json:
        """Return the manifest of what the jobs share, after the first `render`."""
        ...


class Kubeflow:
    """Runs jobs in a cluster. They outlive it: a later driver of the sweep takes them over.

    No request is sent before the first job is launched or taken over.
    """

    def __init__(
        self,
        manifests: Manifests,
        open_cluster: Callable[[], Cluster],
        store: StoreOutput,
        *,
        resumed: bool = False,
        start_timeout: float | None = None,
        keep_finished: bool = False,
    ) -> None:
        self._resumed = resumed
        self._manifests = manifests
        self._open_cluster = open_cluster
        self._store = store
        self._keep_finished = keep_finished
        self._notices: SimpleQueue[Notice] = SimpleQueue()
        self._cluster: Cluster | None = None
        self._actions = ClusterActions(self._notices, store, manifests.inputs)
        self._controller = Controller(
            self._actions, start_timeout=start_timeout, keep_finished=keep_finished
        )
        self._reflectors: dict[str, Reflector] = {}
        """Watches of the sweep's objects, by their kind."""
        self._interrupted: set[str] = set()
        """Kinds whose watches are broken."""
        self._names: set[str] = set()
        """Jobs that were launched or taken over; a refused one may be launched again."""
        self._events: list[JobEvent] = []
        """Events that do not come from the controller."""
        self._ended: list[str] = []
        """Jobs whose end the last poll has returned, so that the journal has it by the next."""
        self._settle_by = float("-inf")
        self._closed = False

    def render(self, job: Job) -> Json:
        """Return a job's manifest, or why there cannot be one."""
        try:
            return self._manifests.render(job)
        except ValueError as error:
            return {"unfit": str(error)}

    def launch(self, job: Job, submission: Json) -> None:
        """Create a job's object; the cluster starts its pods when it has room for them."""
        if job.name in self._names:
            return
        if "unfit" in submission:
            failure = Failure(FailureKind.LAUNCH, submission["unfit"])
            self._events.append(Ended(job.name, failure))
            return
        active = active_job(job, submission)
        try:
            self._connect(active.resource)
        except (NoClusterError, MissingClientError) as error:
            self._events.append(Refused(job.name, str(error)))
            return
        self._names.add(job.name)
        saved = self._store.read_end(job.name)
        if saved is not None and saved.uid:
            if saved.handle is not None:
                self._events.append(Launched(job.name, saved.handle))
            self._replay(active, saved.uid, saved, None)
        else:
            self._controller.launch(active)

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Wait at most `seconds` for an event, and return all events that have happened."""
        for name in self._ended:
            self._store.forget_end(name)
        self._ended = []
        until = time.monotonic() + seconds
        while True:
            self._controller.step()
            ready = bool(self._controller.events or self._events)
            self._receive(0.0 if ready else min(until, self._controller.next_change))
            if self._controller.events or self._events or time.monotonic() >= until:
                return self._take_events()

    def cancel(self, job: str) -> None:
        """End a job and its pods, or a job of an earlier driver when it is found."""
        if self._resumed and job not in self._names:
            self._store.note_cancelled(job)
        self._controller.cancel(job)

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:
        """Take over a job from an earlier driver, unless it is gone from the cluster.

        If the API server cannot be reached, the job is taken over nevertheless, because it may
        still run.
        """
        match handle:
            case {"job": str(), "uid": str(uid), "pod": str(pod)}:
                active = active_job(job, self._manifests.render(job))
            case _:
                return False
        saved = self._store.read_end(job.name)
        self._connect(active.resource)
        if saved is not None and saved.uid in ("", uid):
            self._names.add(job.name)
            self._replay(active, uid, saved, cursor)
            return True
        self._settle(active.resource)
        view = self._controller.objects.jobs.get(active.key)
        listed = active.resource.kind in self._controller.objects.listed
        if listed and (view is None or view.uid != uid):
            return False
        self._names.add(job.name)
        if cursor is not None:
            active.log.go_on(cursor)
        self._controller.take_over(active, uid, pod)
        return True

    def close(self) -> None:
        """Leave the jobs to the cluster; if there are none, delete what they shared."""
        if self._closed:
            return
        self._closed = True
        with suppress(NoClusterError, MissingClientError, ApiError):
            if self._controller.unwanted and self._cluster is None:
                self._open()
            if self._cluster is not None:
                self._clean(self._cluster)
        self._actions.close()
        for reflector in self._reflectors.values():
            reflector.close()

    def _clean(self, cluster: Cluster) -> None:
        """Delete what no later driver needs."""
        until = time.monotonic() + CLOSE_SECONDS
        while self._actions.deletions and time.monotonic() < until:
            self._receive(until)
        if unwanted := self._controller.unwanted:
            for resource in JOB_KINDS.values():
                delete_jobs(cluster, resource, self._manifests.selector, unwanted)
        objects = self._controller.objects
        if not self._controller.jobs and not objects.jobs and objects.listed:
            delete_inputs(cluster, self._manifests.selector)

    def _replay(self, active: ActiveJob, uid: str, saved: SavedEnd, cursor: Json) -> None:
        for at, line in saved.lines_after(cursor):
            self._events.append(Output(active.name, line, at))
        self._controller.replay(active, uid, saved.outcome)

    def _take_events(self) -> Sequence[JobEvent]:
        events, self._events = [*self._events, *self._controller.take_events()], []
        for event in events:
            if isinstance(event, Refused):
                self._names.discard(event.job)
            elif isinstance(event, Ended):
                self._ended.append(event.job)
        return events

    def _open(self) -> Cluster:
        if self._cluster is None:
            self._cluster = self._open_cluster()
            self._actions.cluster = self._cluster
            self._settle_by = time.monotonic() + SETTLE_SECONDS
        return self._cluster

    def _connect(self, resource: Resource) -> None:
        """Watch the objects of a kind, and the pods."""
        cluster = self._open()
        for each in (resource, POD):
            if each.kind not in self._reflectors:
                selector = self._manifests.selector
                reflector = Reflector(cluster, each, selector, self._notices.put)
                self._reflectors[each.kind] = reflector
                reflector.start()

    def _settle(self, resource: Resource) -> None:
        """Wait a while until all jobs of a kind, and all pods, are known."""
        kinds = {resource.kind, POD.kind}
        while time.monotonic() < self._settle_by:
            if kinds <= self._controller.objects.listed or kinds & self._interrupted:
                return
            self._receive(self._settle_by)

    def _receive(self, until: float) -> None:
        """Wait until a time for a notice, and handle all notices that have arrived."""
        wait = min(until - time.monotonic(), threading.TIMEOUT_MAX)
        with suppress(Empty):
            self._handle(
                self._notices.get(timeout=wait) if wait > 0 else self._notices.get_nowait()
            )
            for _ in range(_BATCH):
                self._handle(self._notices.get_nowait())

    def _handle(self, notice: Notice) -> None:
        match notice:
            case Listed(resource, objects):
                self._controller.on_listed(resource, objects)
            case Changed(resource, found):
                self._controller.on_changed(resource, found)
            case Deleted(resource, found):
                self._controller.on_deleted(resource, found)
            case Interrupted(resource, reason, status):
                self._interrupted.add(resource.kind)
                self._controller.on_interrupted(resource, reason, status)
            case Resumed(resource):
                self._interrupted.discard(resource.kind)
                self._controller.on_resumed(resource)
            case LogItems(pod, items):
                self._controller.on_log(self._actions.job_of(pod), items)
                self._actions.on_handled(pod)
            case LogEnded(pod, reason):
                self._controller.on_log_ended(self._actions.job_of(pod), reason)
            case Answered():
                self._on_answer(notice)

    def _on_answer(self, answer: Answered) -> None:
        """Pass on the answer to a request; an error that no server sends is a fault of ours."""
        result, error = answer.result, answer.error
        match answer.key:
            case ("tail", str(name)):
                self._controller.on_tail(name)  # whether it was saved or not
                return
        if error is not None and not isinstance(error, ApiError):
            raise error
        match answer.key:
            case ("inputs",):
                self._controller.on_inputs(result, error)
            case ("events",):
                self._controller.on_events(result or (), error)
            case ("create", str(name)):
                self._controller.on_created(name, result, error)
            case ("read", str(name)):
                self._controller.on_read(name, result, error)
            case ("delete", str(name)):
                self._actions.deletions -= 1
                self._controller.on_deletion(name, error)
