"""A job of the remote platform between its launch and its end, and its parts on machines.

A job whose processes all run on one machine has one part. A job on several machines
has one part on each. It fails with the first part that fails, and its other parts are then
cancelled. It succeeds once all parts with deciding processes have succeeded, and its other parts
are then finished. Everything here is pure: the platform sends what `due_commands` returns.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from sweepwright.events import CheckpointRef, Failure, FailureKind, Json
from sweepwright.runner.slots import Needs

from .placement import Kind, Share, Wait, kind_of

CANCELLED = Failure(FailureKind.KILLED, "cancelled")


class Stage(Enum):
    """What a job is doing; a job goes through the stages in this order."""

    WAITING = "waits for machines"
    COPYING = "waits for the checkpoint that it inherits"
    RESERVING = "waits for the ports of its processes"
    PLACED = "is with its machines"


@dataclass(slots=True)
class Part:
    """The processes of a job that run on one machine, as a job of that machine."""

    machine: str
    name: str
    """Name of the part on its machine."""
    submission: Json = None
    processes: tuple[int, ...] = ()
    """Indexes of the part's processes in the job's submission."""
    decides: bool = True
    """Whether the job cannot succeed before this part has succeeded."""
    log: str | None = None
    """Id of the machine's log that the part is recorded in; None if it is not known yet."""
    offset: int = 0
    """Position in the log up to which the part's records have been read."""
    accepted: bool = False
    """Whether the machine has recorded the part, so that it must not be launched again."""
    ports: Sequence[tuple[str, int, int]] | None = None
    """Role, rank and port of the processes that listen; None if they are not reserved."""
    cancelled: bool = False
    finishing: bool = False
    """Whether the part is asked to end because its job has succeeded."""
    ended: bool = False


@dataclass(slots=True)
class ActiveJob:
    """A job between its launch and its end.

    Invariants: it has parts exactly from the stage RESERVING on; `failure` is set by the first
    part that fails, and is not changed any more.
    """

    name: str
    number: int
    """Number of jobs that were launched before this job."""
    trial: int
    attempt: int
    submission: Json
    inherits: CheckpointRef | None = None
    homes: Sequence[str] = ()
    """Machines that hold the checkpoint that the job inherits."""
    stage: Stage = Stage.WAITING
    shares: Sequence[Share] = ()
    """The machines that were chosen for the job, and their processes."""
    parts: list[Part] = field(default_factory=list)
    launched: bool = False
    """Whether the `Launched` event has been reported, by this driver or an earlier one."""
    told: Wait | None = None
    """What the last report says that the job waits for; None if it does not wait."""
    stalled: Wait | None = None
    """What the last report says that a placed job waits for on its machine; None if nothing."""
    failure: Failure | None = None
    refusal: str = ""
    """Why a machine has refused a part for good; empty if none has."""
    copy_fault: str = ""
    """Why a machine has not given or taken the checkpoint; empty if nothing failed."""
    placements: int = 0
    """Number of times that machines were chosen for the job."""

    needs: Needs = field(init=False)
    """The resources that each process needs."""
    kind: Kind = field(init=False)
    """The needs as a key: a machine with room for one job has room for any other of its kind."""

    def __post_init__(self) -> None:
        self.needs = [process["resources"] for process in self.submission["processes"]]
        self.kind = kind_of(self.needs)

    @property
    def over(self) -> bool:
        """Whether all parts have ended."""
        return bool(self.parts) and all(part.ended for part in self.parts)

    @property
    def begun(self) -> bool:
        """Whether a machine has accepted a part of the job."""
        return any(part.accepted for part in self.parts)

    def is_placed_on(self, machine: str) -> bool:
        """Tell whether a machine was chosen for processes of the job."""
        return any(share.machine == machine for share in self.shares)

    @property
    def handle(self) -> Json:
        """The handle of the job: where each part runs, and in which log it is recorded."""
        first = self.parts[0]
        handle = {"machine": first.machine, "log": first.log}
        if len(self.parts) == 1 and first.name == self.name:
            return handle
        return {**handle, "parts": [_describe(part) for part in self.parts]}

    def reset(self) -> None:
        """Let the job wait for machines again, once none of its processes counts any longer."""
        self.stage, self.shares, self.parts = Stage.WAITING, (), []
        self.refusal, self.copy_fault, self.told, self.stalled = "", "", None, None

    def on_part_ended(self, part: Part, failure: Failure | None) -> None:
        """Note that a part has ended; the failure of a part that was told to finish is ignored."""
        part.ended = True
        if failure is not None and not part.finishing and not self.refusal:
            self.failure = self.failure or failure

    def on_part_refused(self, part: Part, reason: str) -> None:
        """Note that a machine has refused a part; none of its processes is left."""
        part.ended = True
        self.refusal = self.refusal or f"{part.machine}: {reason}"

    def cancel(self) -> None:
        """Let the job end as cancelled."""
        self.failure = self.failure or CANCELLED

    def due_commands(self) -> list[tuple[Part, str]]:
        """Return the parts that must be told to end, each with the command; once for each part."""
        if self.failure is not None or self.refusal:
            due = [part for part in self.parts if not part.ended and not part.cancelled]
            for part in due:
                part.cancelled = True
            return [(part, "cancel") for part in due]
        if not self._succeeded:
            return []
        due = [part for part in self.parts if not part.ended and not part.finishing]
        for part in due:
            part.finishing = True
        return [(part, "finish") for part in due]

    @property
    def _succeeded(self) -> bool:
        deciding = [part for part in self.parts if part.decides]
        return bool(deciding) and all(part.ended for part in deciding)


def _describe(part: Part) -> Json:
    return {
        "machine": part.machine,
        "log": part.log,
        "name": part.name,
        "decides": part.decides,
        "processes": list(part.processes),
    }


def parts_from_handle(job: str, submission: Json, handle: Json, cursor: Json) -> list[Part]:
    """Make the parts of a job that an earlier driver launched; none from an unknown handle."""
    match handle:
        case {"machine": str(), "log": str(), "parts": [*entries]}:
            given = entries
        case {"machine": str(machine), "log": str(log)}:
            everything = list(range(len(submission["processes"])))
            whole = {"name": job, "decides": True, "processes": everything}
            given = [{"machine": machine, "log": log, **whole}]
        case _:
            return []
    return [
        Part(
            machine=entry["machine"],
            name=entry["name"],
            submission=submission,
            processes=tuple(entry["processes"]),
            decides=entry["decides"],
            log=entry["log"],
            offset=_offset(cursor, entry["log"]),
            accepted=True,
        )
        for entry in given
    ]


def _offset(cursor: Json, log: str) -> int:
    match cursor:
        case [str(of), int(offset)] if of == log:
            return offset
    return 0
