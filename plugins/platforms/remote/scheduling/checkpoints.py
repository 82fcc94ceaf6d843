"""Checkpoints of jobs: on which machines they are, and which copies jobs wait for.

A job that inherits a checkpoint is placed on a machine that holds it, if that is possible. If it
is placed elsewhere, the checkpoint is copied there from a machine that holds it, through the
driver, before the job starts. What happens if that fails:

- The machine that holds the checkpoint cannot be reached: the job waits for it, until the
  machine is given up (option `lost_after`).
- No machine holds it any longer: the job starts without the checkpoint, as on every platform if
  the earlier attempt has left none, and this is reported once.
- The machine that is to run the job fails: another machine is chosen.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from sweepwright.events import CheckpointRef

from .active_job import ActiveJob


@dataclass(frozen=True, slots=True)
class Copy:
    """The order to copy the checkpoint of an attempt from one machine to another."""

    job: str
    placement: int
    """Number of the job's placement that needs the copy."""
    ref: CheckpointRef
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a copy.

    `failed` names the machine that failed, or is empty if none did. Then `missing` tells whether
    the source has no such checkpoint.
    """

    copy: Copy
    missing: bool = False
    failed: str = ""
    reason: str = ""


class Reach(Enum):
    """Whether copies can be made from a machine."""

    NOW = "it is attached"
    LATER = "it cannot be reached at present"
    NEVER = "it has been given up"


class Checkpoints:
    """Records where checkpoints are, and orders the copies that jobs need.

    Invariant: a job is in `_missing` while it waits for copies, with each machine that still needs
    one; the machine is also in `_ordered` while its copy is under way.
    """

    def __init__(
        self,
        order: Callable[[Copy], None],
        reach: Callable[[str], Reach],
        unheard: Callable[[], bool],
    ) -> None:
        self._order = order
        self._reach = reach
        self._unheard = unheard
        """Whether a machine that may hold checkpoints has not yet listed what it knows."""
        self._homes: dict[CheckpointRef, list[str]] = {}
        self._missing: dict[str, set[str]] = {}
        self._ordered: set[tuple[str, str]] = set()

    def add_home(self, ref: CheckpointRef, machine: str) -> None:
        """Note that a machine may hold the checkpoint of an attempt."""
        homes = self._homes.setdefault(ref, [])
        if machine not in homes:
            homes.append(machine)

    def homes(self, ref: CheckpointRef | None) -> Sequence[str]:
        """List the machines that may hold a checkpoint; the list grows when others do."""
        return self._homes.setdefault(ref, []) if ref else ()

    def begin(self, job: ActiveJob, targets: Iterable[str]) -> bool:
        """Order the copies that a job needs on its machines; return whether it needs any."""
        homes = self.homes(job.inherits)
        missing = set(targets).difference(homes)
        if job.inherits is None or not missing or not (homes or self._unheard()):
            return False
        self._missing[job.name] = missing
        self.order_due(job)
        return True

    def is_complete(self, job: ActiveJob) -> bool:
        """Tell whether a job waits for no copy."""
        return not self._missing.get(job.name)

    def is_lost(self, job: ActiveJob) -> bool:
        """Tell whether all machines that may hold the job's checkpoint have been given up."""
        homes = self.homes(job.inherits)
        gone = all(self._reach(home) is Reach.NEVER for home in homes)
        return gone and (bool(homes) or not self._unheard())

    def forget(self, job: ActiveJob) -> None:
        """Forget the copies of a job; a copy that is under way is finished but not used."""
        for target in self._missing.pop(job.name, ()):
            self._ordered.discard((job.name, target))

    def order_due(self, job: ActiveJob) -> None:
        """Order each copy that is missing and not under way, if a machine can give it."""
        homes = self.homes(job.inherits)
        source = next((home for home in homes if self._reach(home) is Reach.NOW), None)
        if source is None or job.inherits is None:
            return
        for target in sorted(self._missing.get(job.name, ())):
            if (job.name, target) not in self._ordered:
                self._ordered.add((job.name, target))
                self._order(Copy(job.name, job.placements, job.inherits, source, target))

    def on_copied(self, job: ActiveJob, copied: Copied) -> None:
        """Note what became of a copy; `order_due` may order another one."""
        copy = copied.copy
        self._ordered.discard((job.name, copy.target))
        homes = self._homes.setdefault(copy.ref, [])
        if copy.source in homes and (copied.missing or copied.failed):
            homes.remove(copy.source)
            if copied.failed:
                homes.append(copy.source)  # another machine is asked first
        elif not (copied.missing or copied.failed):
            self.add_home(copy.ref, copy.target)
            self._missing.get(job.name, set()).discard(copy.target)
        if not homes and not self._unheard():
            # No machine holds the checkpoint, so that the job starts without it.
            self._missing.pop(job.name, None)
