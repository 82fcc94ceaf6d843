"""The queue of jobs that wait for a machine."""

from bisect import insort
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sweepwright.runner.slots import Needs

from .machine_room import MachineRoom
from .placement import Kind, Share, choose_machines, find_target


class Placeable(Protocol):
    """What the queue needs to know of a job."""

    number: int
    """Number of jobs that were launched before this job."""

    @property
    def name(self) -> str:
        """Name of the job."""
        ...

    @property
    def needs(self) -> Needs:
        """The need of each process."""
        ...

    @property
    def kind(self) -> Kind:
        """The needs as a key."""
        ...

    @property
    def homes(self) -> Collection[str]:
        """Machines that hold the checkpoint that the job inherits."""
        ...


@dataclass(slots=True)
class _Entry:
    job: Placeable
    target: Sequence[str] = field(default_factory=tuple)
    """Machines that are kept free for the job."""


class PlacementQueue:
    """Decides which job is placed next, in the order in which the jobs were launched.

    A job that fits nowhere now keeps a target: the machines on which it will run. No job behind
    it is placed there, so that small jobs do not starve a large one. All other machines take jobs.
    The target stays the same until one of its machines is closed. A target that changed with the
    load might never become free.
    """

    def __init__(self, rooms: Sequence[MachineRoom]) -> None:
        self._rooms = {room.name: room for room in rooms}
        self._entries: list[_Entry] = []
        self._exhausted: object = None
        """State of the machines in which no job could be placed; None if one may be placed now."""

    def __contains__(self, job: Placeable) -> bool:
        return any(entry.job is job for entry in self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def jobs(self) -> list[Placeable]:
        """The jobs that wait, in order."""
        return [entry.job for entry in self._entries]

    def add(self, job: Placeable) -> None:
        """Add a job behind those that were launched before it."""
        self._exhausted = None
        insort(self._entries, _Entry(job), key=lambda entry: entry.job.number)

    def remove(self, job: Placeable) -> None:
        """Remove a job; do nothing if it does not wait."""
        self._exhausted = None  # machines may have been kept free for it
        self._entries = [entry for entry in self._entries if entry.job is not job]

    def take(self) -> tuple[Placeable, Sequence[Share]] | None:
        """Remove the next job that can be placed, and reserve its room; None if none can."""
        state = [(room.open, room.gains) for room in self._rooms.values()]
        if state == self._exhausted:
            return None
        free, failed = self._open(), set()
        for entry in self._entries:
            if entry.job.kind in failed:
                continue
            if not any(room.has_slot for room in free):
                break
            shares = choose_machines(entry.job.needs, free, entry.job.homes)
            if shares and self._keeps_together(entry.job, shares):
                self._hold(entry, shares)
                return entry.job, shares
            failed.add(entry.job.kind)
            kept = self._find_target(entry)
            free = [room for room in free if room.name not in kept]
        self._exhausted = state
        return None

    def _open(self) -> list[MachineRoom]:
        return [room for room in self._rooms.values() if room.open]

    def _keeps_together(self, job: Placeable, shares: Sequence[Share]) -> bool:
        """Tell whether these machines are one, or no open machine could hold the job alone."""
        together = len(shares) == 1
        return together or not any(room.could_hold(job.needs) for room in self._open())

    def _hold(self, entry: _Entry, shares: Sequence[Share]) -> None:
        self._entries.remove(entry)
        for share in shares:
            needs = [entry.job.needs[index] for index in share.processes]
            self._rooms[share.machine].hold(entry.job.name, needs)

    def _find_target(self, entry: _Entry) -> Sequence[str]:
        if not entry.target or not all(self._rooms[name].open for name in entry.target):
            entry.target = find_target(entry.job.needs, self._open(), entry.job.homes)
        return entry.target
