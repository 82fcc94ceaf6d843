"""What the controller asks the platform to do; the answers come back as notices."""

from typing import Protocol

from sweepwright.events import Json

from ..api.resources import Resource
from .active_job import ActiveJob
from .pod_view import Pod


class Actions(Protocol):
    """The effects of the controller's decisions. No method waits, except for the disk."""

    def create_inputs(self) -> None:
        """Create the object that holds the sweep's code; `on_inputs` follows."""
        ...

    def create(self, job: ActiveJob, owner: Json) -> None:
        """Create the object of a job, owned by that of the sweep; `on_created` follows."""
        ...

    def read(self, job: ActiveJob) -> None:
        """Read the object of a job; `on_read` follows."""
        ...

    def delete(self, resource: Resource, name: str, uid: str, key: str) -> None:
        """Delete an object and, before that, all that it owns; `on_deletion` follows."""
        ...

    def list_events(self) -> None:
        """List the warnings of the namespace; `on_events` follows."""
        ...

    def follow(self, job: ActiveJob, pod: Pod) -> None:
        """Follow the log of a job's reporting pod, from `job.log.position` on."""
        ...

    def finish_log(self, job: ActiveJob) -> None:
        """Read the rest of a log, because its pod has ended; `on_log_ended` follows."""
        ...

    def close_log(self, job: ActiveJob) -> None:
        """Stop reading a log."""
        ...

    def save_tail(self, job: ActiveJob, pod: Pod) -> None:
        """Save the end of the log of a pod that has failed."""
        ...

    def keep_text(self, job: ActiveJob, offset: int, data: bytes) -> None:
        """Write what the trial has printed to its file on this machine, at a place in it."""
        ...

    def save_outcome(self, job: ActiveJob) -> str:
        """Write to the disk how a job has ended; return why that failed, or an empty text."""
        ...
