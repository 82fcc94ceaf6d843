"""Creation of objects: the sweep's inputs once, then one job object for each job.

If the API server does not grant a request, because a quota is used up or it cannot be reached, one
request at a time tries again, with a growing delay and at once when another job ends; all jobs
wait for it. Otherwise hundreds of waiting jobs would each ask on their own.
"""

from collections.abc import Callable
from itertools import islice
from typing import Protocol

from sweepwright.contracts import Ended, Refused
from sweepwright.events import Failure, FailureKind, Json

from ..api.errors import ApiError
from .actions import Actions
from .active_job import ActiveJob
from .create_refusals import (
    CreateRefusal,
    Exists,
    Hopeless,
    Repeat,
    Unfit,
    is_denial,
    judge_refusal,
)
from .job_view import read_job
from .start_waits import Wait

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
MOST_ASKED = 16
"""Number of creations that are asked for at the same time. They keep all threads of `Calls` busy.
If all waiting jobs were asked for at once, the deletion of a job would wait for hundreds of
creations, and a sweep that is interrupted would create them all only to delete them."""
PERMISSION_SECONDS = 120.0
"""Time for which permissions that a driver has had may be missing, as while they are rewritten."""
_NOT_FOUND = 404


class Creator(Protocol):
    """What the creation of a job leads to; the controller implements it."""

    def begin(self, job: ActiveJob, uid: str) -> None:
        """Go on with a job whose object exists."""
        ...

    def end(self, job: ActiveJob, event: Ended | Refused) -> None:
        """Report the end of a job that has no object."""
        ...

    def tell(self, job: ActiveJob) -> None:
        """Report what a job waits for, if that has changed."""
        ...


class Creation:
    """The jobs whose objects do not exist yet."""

    def __init__(self, actions: Actions, creator: Creator, now: Callable[[], float]) -> None:
        self._actions = actions
        self._creator = creator
        self._now = now
        self.owner: Json = None
        """Reference to the object of the inputs, which owns all jobs; None before it exists."""
        self._asked_inputs = False
        self._waiting: dict[str, ActiveJob] = {}
        """Jobs that are to be created, the longest-waiting first."""
        self._asked: dict[str, ActiveJob] = {}
        """Jobs about which an answer is awaited."""
        self.wait: Wait | None = None
        """Why the last request was not granted; None if it was."""
        self._delay = FIRST_DELAY
        self._retry_at = 0.0
        self._not_before = 0.0
        """Time until which the server has asked to be left alone."""
        self._allowed = False
        """Whether a job was ever created, so that the driver has, or had, the permission."""
        self._denied_at = float("inf")
        """Time at which the permission was first found missing."""

    @property
    def next_change(self) -> float:
        """Time at which `step` has something to do."""
        blocked = self.wait is not None and not self._asked and not self._asked_inputs
        return self._retry_at if blocked and self._waiting else float("inf")

    def add(self, job: ActiveJob) -> None:
        """Create the object of a job, once its turn has come."""
        self._waiting[job.name] = job

    def retry(self) -> None:
        """Try again soon, because a job has ended."""
        self._retry_at = max(self._now(), self._not_before)

    def step(self) -> None:
        """Send the requests that are due."""
        if not self._waiting or self._asked_inputs:
            return
        if self.wait is not None and (self._asked or self._now() < self._retry_at):
            return
        room = 1 if self.wait else MOST_ASKED - len(self._asked)
        if self.owner is None:
            self._asked_inputs = True
            self._actions.create_inputs()
            return
        for name in list(islice(self._waiting, max(0, room))):
            job = self._asked[name] = self._waiting.pop(name)
            if job.withdrawn:
                self._actions.read(job)
            else:
                self._actions.create(job, self.owner)

    def withdraw(self, job: ActiveJob) -> bool:
        """Forget a job; return False if its object may exist, or may come to exist."""
        if job.name in self._asked or job.unsure:
            return False
        return self._waiting.pop(job.name, None) is not None

    def on_inputs(self, owner: Json, error: ApiError | None) -> None:
        """Go on once the inputs exist."""
        self._asked_inputs = False
        if error is None:
            self.owner = owner
            self._grant()
            return
        match self._judge(error, "ConfigMap"):
            case Repeat() as repeat:
                self._block(repeat)
            case Hopeless(reason) | Unfit(reason):
                self._refuse_all(reason)
            case Exists():
                self._refuse_all(f"the inputs cannot be created: {error.message}")

    def on_created(self, job: ActiveJob, found: Json, error: ApiError | None) -> None:
        """Handle the answer to a request that creates a job."""
        if error is None:
            self._allowed = True
            self._grant()
            self._settle(job, found["metadata"]["uid"])
            return
        match self._judge(error, job.resource.kind):
            case Exists():
                self._ask(job)
            case Repeat() as repeat:
                job.unsure = job.unsure or error.transient
                self._repeat(job, repeat)
            case Hopeless(reason):
                self._end(job, Refused(job.name, reason))
            case Unfit(reason):
                self._end(job, Ended(job.name, Failure(FailureKind.LAUNCH, reason)))

    def on_read(self, job: ActiveJob, found: Json, error: ApiError | None) -> None:
        """Handle the object that has the name of a job: the job's own, another one, or none."""
        if error is not None:
            self._on_unread(job, error)
            return
        view = read_job(found, job.resource)
        if view.job != job.name:
            taken = f"the name `{view.name}` is taken by a {job.resource.kind} of somebody else"
            self._end(job, Refused(job.name, f"{taken}; delete it to let the sweep go on"))
        elif view.deleting:
            self._repeat(job, Repeat(Wait("the end of an earlier job of the same name")))
        else:
            self._grant()
            self._settle(job, view.uid)

    def _on_unread(self, job: ActiveJob, error: ApiError) -> None:
        if error.status == _NOT_FOUND and not job.withdrawn:
            job.unsure = False
            self._waiting[job.name] = self._asked.pop(job.name)
            return
        match self._judge(error, job.resource.kind):
            case Repeat() as repeat:
                self._repeat(job, repeat)
            case _:
                self._end(job, Refused(job.name, error.message))

    def _judge(self, error: ApiError, kind: str) -> CreateRefusal:
        """Judge a refusal; a permission that was there may soon be there again."""
        found = judge_refusal(error, kind)
        if self._allowed and isinstance(found, Hopeless) and is_denial(error):
            self._denied_at = min(self._denied_at, self._now())
            if self._now() < self._denied_at + PERMISSION_SECONDS:
                return Repeat(Wait("the permission to create its job", error.message))
        return found

    def _settle(self, job: ActiveJob, uid: str) -> None:
        self._asked.pop(job.name)
        self._creator.begin(job, uid)

    def _end(self, job: ActiveJob, event: Ended | Refused) -> None:
        del self._asked[job.name]
        self._creator.end(job, Ended(job.name, job.withdrawn) if job.withdrawn else event)

    def _ask(self, job: ActiveJob) -> None:
        self._asked[job.name] = job
        self._actions.read(job)

    def _repeat(self, job: ActiveJob, repeat: Repeat) -> None:
        """Let a job wait again, behind the others, so that another one is tried next."""
        self._asked.pop(job.name)
        self._waiting[job.name] = job
        self._block(repeat)
        self._creator.tell(job)

    def _grant(self) -> None:
        self._delay, self._denied_at = FIRST_DELAY, float("inf")
        self._set_wait(None)

    def _block(self, repeat: Repeat) -> None:
        self._not_before = max(self._not_before, self._now() + repeat.pause)
        if not self._asked:
            self._retry_at = max(self._now() + self._delay, self._not_before)
            self._delay = min(2 * self._delay, LONGEST_DELAY)
        self._set_wait(repeat.wait)

    def _set_wait(self, wait: Wait | None) -> None:
        """Tell the waiting jobs what they wait for, but only if it is new: there may be many."""
        if wait == self.wait:
            return
        self.wait = wait
        for job in self._waiting.values():
            self._creator.tell(job)

    def _refuse_all(self, reason: str) -> None:
        waiting, self._waiting = self._waiting, {}
        for job in waiting.values():
            self._creator.end(job, Refused(job.name, reason))
