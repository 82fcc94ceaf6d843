"""The end of a job: its outcome is saved, its object deleted, its pods awaited."""

from collections.abc import Callable
from math import inf

from ..api.errors import ApiError
from .actions import Actions
from .active_job import ActiveJob, Stage
from .start_waits import Wait, api_wait

AGAIN_SECONDS = 5.0
"""Time after which a request that was not granted is made again."""
SLOW_SECONDS = 15.0
"""Time after which users read that the pods of a job do not end."""
STUCK_SECONDS = 120.0
"""Time after which a job ends even though its pods were not seen to end, as on a lost node. The
usual grace period of a pod is 30 s."""
_GONE = (404, 409)
"""There is no object, or another one under its name."""


class Ending:
    """Takes decided jobs out of the cluster."""

    def __init__(self, actions: Actions, *, keep_finished: bool, now: Callable[[], float]) -> None:
        self._actions = actions
        self._keep_finished = keep_finished
        self._now = now

    def advance(self, job: ActiveJob) -> bool:
        """Do the next step; return whether nothing is left of the job."""
        now = self._now()
        if job.stage is Stage.DECIDED:
            job.stage = Stage.DELETING
            job.kept = self._keep_finished and job.launched and not job.withdrawn
            job.delete_at = now + SLOW_SECONDS if job.kept else now
        object_gone = job.kept or (job.view is None and job.seen)
        if (object_gone and job.pods_over) or now >= job.deleted_at + STUCK_SECONDS:
            return True
        if job.delete_at <= now and not job.tails and self._save(job):
            job.delete_at, job.kept = inf, False
            self._actions.delete(job.resource, job.object_name, job.uid, job.name)
        slow, stuck = job.deleted_at + SLOW_SECONDS, job.deleted_at + STUCK_SECONDS
        job.due = min(inf if job.tails else job.delete_at, slow if now < slow else stuck)
        return False

    def on_deletion(self, job: ActiveJob, error: ApiError | None) -> None:
        """Take in the answer to a deletion."""
        job.undeletable = None
        if error is None:
            job.deleted_at = job.check_at = self._now()
        elif error.status in _GONE:
            job.seen = True
            job.deleted_at = self._now()
        else:
            refused = Wait("the deletion of its job", error.message)
            job.undeletable = api_wait(error.message) if error.transient else refused
            job.delete_at = self._now() + AGAIN_SECONDS

    def find_wait(self, job: ActiveJob) -> Wait | None:
        """Say what keeps a job from ending; None if nothing unusual does."""
        if job.undeletable is not None or self._now() < job.deleted_at + SLOW_SECONDS:
            return job.undeletable
        left = next((pod for pod in job.pods.values() if not pod.over), None)
        if left is None:
            return Wait("the deletion of its job, which the cluster has not finished")
        return Wait(f"the end of its pod on {left.node}", f"{left.name} does not end")

    def _save(self, job: ActiveJob) -> bool:
        """Write the outcome to the disk, unless it is known there; return whether that is done.

        The outcome of a job that was cancelled before it ran is not needed: it may run again.
        """
        if not job.saved and (job.launched or not job.withdrawn):
            if fault := self._actions.save_outcome(job):
                job.undeletable = Wait("space to note its end", fault)
                job.delete_at = self._now() + AGAIN_SECONDS
                return False
            job.undeletable = None
        job.saved = True
        return True
