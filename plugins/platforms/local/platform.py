"""The platform ``local``: runs the engine of the runner in this process."""

from collections.abc import Sequence

from sweepwright.contracts import Job, JobEvent, Workspace
from sweepwright.events import Json
from sweepwright.runner.capacity import Capacity
from sweepwright.runner.engine import Engine
from sweepwright.runner.settings import Settings
from sweepwright.runner_client.job_events import job_event
from sweepwright.runner_client.submission import Renderer


class Local:
    """Runs jobs as processes of this machine, with one thread and one selector (`Engine`)."""

    def __init__(
        self, capacity: Capacity, python: str, workspace: Workspace, max_output: int | None = None
    ) -> None:
        self._renderer = Renderer.for_this_machine(workspace, capacity.cpus, python)
        folder = str(workspace.folder.absolute())
        self._engine = Engine(
            Settings(folder, capacity, workspace.concurrency, workspace.session, max_output)
        )

    def render(self, job: Job) -> Json:
        """Describe a job's processes and the interpreter that starts them."""
        return self._renderer.render(job)

    def launch(self, job: Job, submission: Json) -> None:
        """Start a job, or queue it until its resources are free."""
        self._engine.launch(job.name, submission)

    def poll(self, seconds: float) -> Sequence[JobEvent]:
        """Wait at most `seconds` for an event, and return all events that have happened."""
        return [job_event(event) for event in self._engine.poll(seconds)]

    def cancel(self, job: str) -> None:
        """Ask a job to end, and kill it if it still runs after two seconds."""
        self._engine.cancel(job)

    def reattach(self, job: Job, handle: Json, cursor: Json) -> bool:  # noqa: ARG002 - the contract's
        """Return False: a job dies with its driver."""
        return False

    def close(self) -> None:
        """Stop every job and every fork server; a second call does nothing."""
        self._engine.close()
