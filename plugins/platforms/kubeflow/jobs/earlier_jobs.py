"""Jobs of earlier drivers that the cluster still has, and that this driver has not taken over.

Such a job is deleted if this driver has cancelled it, or runs another attempt of its trial. All
others are left alone, because the driver may still launch or take over each of them.
"""

from collections.abc import Callable, Iterable
from math import inf

from ..api.errors import ApiError
from .actions import Actions
from .active_job import ActiveJob
from .job_view import JobView
from .pod_view import AttemptKey

AGAIN_SECONDS = 5.0
"""Time after which a deletion that was not granted is requested again."""
_ANSWERED = (404, 409)


class EarlierJobs:
    """Finds the jobs that no attempt of this driver owns, and deletes them."""

    def __init__(self, actions: Actions, *, keep_finished: bool, now: Callable[[], float]) -> None:
        self._actions = actions
        self._keep_finished = keep_finished
        self._now = now
        self._active: set[AttemptKey] = set()
        """Attempts that this driver runs, or has run to their end."""
        self._ended: dict[AttemptKey, str] = {}
        """Uids of the objects of the attempts that have ended; empty if one was not seen."""
        self._trials: set[int] = set()
        """Trials of which this driver has run an attempt."""
        self.unwanted: set[str] = set()
        """Jobs that this driver has cancelled, and that may still run."""
        self._deleting: set[str] = set()
        """Uids of objects whose deletion was requested."""
        self.next_change = inf
        """Time at which `step` has something to do."""

    def enter(self, job: ActiveJob, views: Iterable[JobView]) -> None:
        """Note a job of this driver, and delete the other attempts of its trial."""
        self._active.add(job.key)
        self._ended.pop(job.key, None)
        self._trials.add(job.trial)
        self.unwanted.discard(job.name)
        for view in list(views):
            if view.attempt and view.attempt[0] == job.trial:
                self.consider(view)

    def discard(self, name: str, views: Iterable[JobView]) -> None:
        """Cancel a job of an earlier driver, now or when it is seen."""
        self.unwanted.add(name)
        for view in list(views):
            self.consider(view)

    def on_end(self, job: ActiveJob, view: JobView | None) -> None:
        """Note that a job has ended, and what stands under its name, which may be another object.

        The name may be launched again if the job was refused.
        """
        self._deleting.discard(job.uid)
        self._ended[job.key] = job.uid
        if view is not None:
            self.consider(view)

    def step(self, views: Iterable[JobView]) -> None:
        """Request again what was not granted, if it is time."""
        if self.next_change <= self._now():
            self.next_change = inf
            for view in list(views):
                self.consider(view)

    def consider(self, view: JobView) -> None:
        """Delete an object that nobody wants."""
        if view.deleting or view.uid in self._deleting or view.attempt is None:
            return
        stale = view.attempt[0] in self._trials and not self._is_ours(view)
        if view.job in self.unwanted or (stale and not (view.finished and self._keep_finished)):
            self._deleting.add(view.uid)
            self._actions.delete(view.resource, view.name, view.uid, view.job)

    def on_deletion(self, name: str, error: ApiError | None) -> None:
        """Note that a deletion was granted; if not, it is repeated later."""
        if error is None or error.status in _ANSWERED:
            self.unwanted.discard(name)
        else:
            self._deleting.clear()
            self.next_change = self._now() + AGAIN_SECONDS

    def _is_ours(self, view: JobView) -> bool:
        """Tell whether an object is that of an attempt which this driver runs or has run.

        Where a request to create it was not answered and given up, it may appear after its end.
        """
        if view.attempt is None or view.attempt not in self._active:
            return False
        return self._ended.get(view.attempt, view.uid) == view.uid
