"""The starter: prepares a job that was placed, and lets its machines start it.

First the checkpoint that the job inherits is copied to the machines that lack it. If the job has
several parts, each machine then reserves the ports on which its processes are to listen. When all
ports are known, the addresses of all processes are filled in, and each machine gets its part.
"""

from collections.abc import Sequence

from sweepwright.contracts import JobEvent, Waiting
from sweepwright.events import Json

from .active_job import ActiveJob, Part, Stage
from .assignments import Assignments
from .checkpoints import Checkpoints, Copied
from .fleet import Fleet
from .placement import Share, Wait
from .splitting import listening_members, split, wire


class Starter:
    """Starts placed jobs. A job is in `_copying` exactly in the stage COPYING."""

    def __init__(
        self,
        fleet: Fleet,
        assignments: Assignments,
        checkpoints: Checkpoints,
        token: str,
        events: list[JobEvent],
    ) -> None:
        self._fleet = fleet
        self._assignments = assignments
        self._checkpoints = checkpoints
        self._token = token
        self._events = events
        self._copying: dict[str, ActiveJob] = {}

    @property
    def copying(self) -> bool:
        """Whether a job waits for a checkpoint."""
        return bool(self._copying)

    def begin(self, job: ActiveJob, shares: Sequence[Share]) -> None:
        """Begin to start a job on the machines that were chosen for it."""
        job.shares = shares
        job.placements += 1
        if self._checkpoints.begin(job, (share.machine for share in shares)):
            job.stage = Stage.COPYING
            self._copying[job.name] = job
        else:
            self._split(job)

    def forget(self, job: ActiveJob) -> None:
        """Forget a job that was taken back or has ended."""
        self._checkpoints.forget(job)
        self._copying.pop(job.name, None)

    def on_copied(self, job: ActiveJob, copied: Copied) -> None:
        """Start a job if its last copy has arrived, or no machine has its checkpoint."""
        job.copy_fault = copied.failed and f"{copied.failed}: {copied.reason}"
        self._checkpoints.on_copied(job, copied)
        if not copied.failed:  # otherwise it is ordered again after a while
            self._checkpoints.order_due(job)
        self._go_on(job)

    def order_copies(self) -> None:
        """Order the copies that can be made, and start jobs whose checkpoint is lost."""
        for job in list(self._copying.values()):
            self._checkpoints.order_due(job)
            if self._checkpoints.is_lost(job):
                self._tell_loss(job)
                self._checkpoints.forget(job)
                self._go_on(job)

    def describe_wait(self, job: ActiveJob) -> Wait:
        """Say from which machine a job in the stage COPYING gets its checkpoint."""
        assert job.inherits, "only jobs that inherit need copies"
        homes = self._checkpoints.homes(job.inherits)
        wants = f"the checkpoint of trial {job.inherits.trial}"
        if not homes:
            return Wait(f"{wants}, which may be on a machine that cannot be reached")
        rooms = [self._fleet[home].room for home in homes]
        closed = next((room for room in rooms if not self._fleet[room.name].state.attached), None)
        if closed is None or len(rooms) > 1:
            return Wait(f"{wants} from {homes[0]}", job.copy_fault)
        return Wait(f"{wants} from {closed.name}, which {closed.closed}", closed.reason)

    def resume(self, job: ActiveJob, part: Part) -> None:
        """Continue with a part that its machine, which is attached again, does not know."""
        if job.stage is Stage.RESERVING:
            part.ports = None
            self._reserve(part, listening_members(job.parts)[part.name])
        else:
            self._assignments.start(part)

    def on_reserved(self, job: ActiveJob, part: Part, ports: Json) -> bool:
        """Start the parts of a job when the ports of all its processes are known.

        Return False if a machine has not reserved the ports that it was asked for.
        """
        if job.stage is not Stage.RESERVING:
            return True
        wanted = listening_members(job.parts)[part.name]
        if ports is None or sorted(wanted) != sorted((role, rank) for role, rank, _ in ports):
            return False
        part.ports = [(role, rank, port) for role, rank, port in ports]
        if all(other.ports is not None for other in job.parts):
            wire(job.parts, {machine.name: machine.address() for machine in self._fleet})
            self._start(job)
        return True

    def _go_on(self, job: ActiveJob) -> None:
        if self._checkpoints.is_complete(job):
            self.forget(job)
            self._split(job)

    def _split(self, job: ActiveJob) -> None:
        token = f"{self._token}{job.placements:x}"
        first = job.placements == 1
        job.parts = split(job.name, token, job.submission, job.shares, first=first)
        for part in job.parts:
            self._assignments.assign(job, part)
        if len(job.parts) == 1:
            self._start(job)
            return
        job.stage = Stage.RESERVING
        members = listening_members(job.parts)
        for part in job.parts:
            self._reserve(part, members[part.name])

    def _reserve(self, part: Part, members: Sequence[tuple[str, int]]) -> None:
        wanted = [list(member) for member in members]
        self._assignments.send(part.machine, {"reserve": part.name, "members": wanted})

    def _start(self, job: ActiveJob) -> None:
        job.stage = Stage.PLACED
        for part in job.parts:
            self._assignments.start(part)

    def _tell_loss(self, job: ActiveJob) -> None:
        assert job.inherits, "only jobs that inherit need copies"
        reason = f"no machine can provide the checkpoint of trial {job.inherits.trial} any longer"
        self._events.append(Waiting(job.name, "a start without its checkpoint", reason))
