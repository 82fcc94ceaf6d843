"""The follower: converts the records of machines to events of jobs, with one `Ended` for each job.

A refusal is charged to the machine. A job that has not begun then waits for a machine again,
unless every machine is set aside; only then is the job refused.
"""

from collections.abc import Callable

from sweepwright.contracts import Ended, JobEvent, Launched, Output, Refused, Waiting
from sweepwright.events import Failure, FailureKind, Json

from .active_job import CANCELLED, ActiveJob, Part, Stage
from .assignments import Assignments
from .checkpoints import Checkpoints
from .fleet import Fleet, FleetMachine
from .machine_state import Status
from .placement import Wait
from .splitting import checkpoint_of


class Follower:
    """Follows the parts of jobs on their machines."""

    def __init__(
        self,
        fleet: Fleet,
        assignments: Assignments,
        checkpoints: Checkpoints,
        events: list[JobEvent],
        end: Callable[[ActiveJob, JobEvent], None],
        requeue: Callable[[ActiveJob], None],
    ) -> None:
        self._events = events
        self._fleet = fleet
        self._assignments = assignments
        self._checkpoints = checkpoints
        self._end = end
        self._requeue = requeue

    def on_record(self, machine: FleetMachine, record: Json) -> None:
        """Read a record of a machine's log, unless it was read before or no longer counts."""
        found = self._assignments.find(machine.name, record["job"])
        if found is None or record["at"] <= found[1].offset:
            return
        if machine.trouble:
            machine.trouble = ""
            self.tell_stalls(machine)
        job, part = found
        part.offset, part.accepted = record["at"], True
        machine.mute_since = float("inf")
        match record:
            case {"event": "launched"}:
                self._on_launched(job)
            case {"event": "waiting", "wants": wants, "refusal": refusal}:
                self._on_waiting(machine, job, Wait(f"{wants} on {machine.name}", refusal))
            case {"event": "output", "line": line}:
                self._events.append(Output(job.name, line, [part.log, part.offset]))
            case {"event": "ended", "failure": failure}:
                machine.ended.add(part.name)
                self._on_ended(machine, job, part, _failure(failure))
            case {"event": "refused", "reason": reason}:
                self._on_refused(machine, job, part, reason)

    def on_unknown(self, machine: FleetMachine, name: str) -> None:
        """Handle that a machine does not know a part that was to be followed or ended."""
        if found := self._assignments.find(machine.name, name):
            self.lose(*found, f"{machine.name} no longer knows the job")

    def on_trouble(self, machine: FleetMachine, text: str) -> None:
        """Report that a machine cannot record what happens to its jobs at present."""
        machine.trouble = text
        self.tell_stalls(machine)

    def tell_stalls(self, machine: FleetMachine) -> None:
        """Report which placed jobs wait for a machine, and which no longer do."""
        for job, _ in self._assignments.on_machine(machine.name):
            stall = self._find_stall(job)
            if job.stage is Stage.PLACED and stall != job.stalled:
                job.stalled = stall
                wait = stall or job.told or Wait("")
                self._events.append(Waiting(job.name, wait.wants, wait.refusal))

    def lose(self, job: ActiveJob, part: Part, reason: str) -> None:
        """End a part whose machine will never report its end."""
        self._assignments.release(job, part)
        job.on_part_ended(part, Failure(FailureKind.LOST, reason))
        self.advance(job)

    def advance(self, job: ActiveJob) -> None:
        """Act on the state of a job's parts: end other parts, or end the job."""
        for part, command in job.due_commands():
            self._assignments.order(part, command)
        if not job.over:
            return
        if job.refusal and job.failure is None:
            self._end_refused(job)
        else:
            self._end(job, Ended(job.name, job.failure))

    def _on_launched(self, job: ActiveJob) -> None:
        job.told = None
        if not job.launched:
            job.launched = True
            self._events.append(Launched(job.name, job.handle))

    def _on_waiting(self, machine: FleetMachine, job: ActiveJob, wait: Wait) -> None:
        """Report what a job waits for on its machine, or let it wait for another machine.

        The disk of a machine may stay full. If another machine is open, a job that has not begun
        does not wait for this one.
        """
        job.told = wait
        self._events.append(Waiting(job.name, wait.wants, wait.refusal))
        others = [other for other in self._fleet if other is not machine and other.room.open]
        if wait.refusal and others and not job.launched and len(job.parts) == 1:
            machine.on_failure(wait.refusal)
            self._requeue(job)

    def _on_ended(
        self, machine: FleetMachine, job: ActiveJob, part: Part, failure: Failure | None
    ) -> None:
        self._assignments.release(job, part)
        if failure is None:
            machine.state.on_success()
            if ref := checkpoint_of(part.name):
                self._checkpoints.add_home(ref, machine.name)
        elif failure.kind is FailureKind.LOST:
            machine.on_loss(failure.message)
        elif failure == CANCELLED and not part.cancelled and not job.launched:
            # An earlier driver took the job back before it knew that the machine had it.
            part.ended = True
            self._requeue(job)
            return
        job.on_part_ended(part, failure)
        self.advance(job)

    def _find_stall(self, job: ActiveJob) -> Wait | None:
        for machine in (self._fleet[part.machine] for part in job.parts if not part.ended):
            if not machine.state.attached:
                return Wait(
                    f"{machine.name}, which {machine.state.status.value}", machine.state.reason
                )
            if machine.trouble:
                return Wait(f"the log of {machine.name}", machine.trouble)
        return None

    def _on_refused(self, machine: FleetMachine, job: ActiveJob, part: Part, reason: str) -> None:
        self._assignments.release(job, part)
        machine.on_failure(reason)
        job.on_part_refused(part, reason)
        self.advance(job)

    def _end_refused(self, job: ActiveJob) -> None:
        others = any(machine.state.status in _HOPEFUL for machine in self._fleet)
        if others and not job.launched:
            self._requeue(job)
        elif others:
            # Under the same name, new reports would count as repetitions of the old ones.
            self._end(job, Ended(job.name, Failure(FailureKind.LOST, job.refusal)))
        else:
            self._end(job, Refused(job.name, job.refusal))


_HOPEFUL = (Status.READY, Status.CONNECTING, Status.UNREACHABLE)


def _failure(failure: Json) -> Failure | None:
    return failure and Failure(FailureKind(failure["kind"]), failure["message"])
