"""The room of a machine: its capacity, and how much of it the parts of jobs hold."""

from sweepwright.runner.capacity import Capacity
from sweepwright.runner.slots import Grant, Needs, Slots

from .machine_state import Status


class MachineRoom:
    """Reserves the slots and the resources of one machine.

    The driver counts what it has placed on a machine. The engine on the machine counts the same
    and decides: a job that does not fit waits there.

    A slot is held by each part of a job that the machine runs. Until the machine is connected its
    capacity is unknown, and everything is assumed to fit.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.open = False
        """Whether jobs may be placed on the machine now."""
        self.closed = Status.CONNECTING.value
        """Why the machine is not open, as the predicate of a sentence."""
        self.reason = ""
        """Why the machine is not open, in the words of the system or of the machine."""
        self.gains = 0
        """Number of times that the machine may have got more room."""
        self._slots: int | None = None
        self._capacity: Capacity | None = None
        self._resources: Slots | None = None
        self._held: dict[str, tuple[Needs, Grant | None]] = {}

    @property
    def load(self) -> float:
        """Number of parts on the machine, relative to its slots."""
        return len(self._held) / (self._slots or 1)

    @property
    def has_slot(self) -> bool:
        """Whether a slot is free."""
        return self._slots is None or len(self._held) < self._slots

    def set_capacity(self, slots: int, capacity: Capacity) -> None:
        """Replace the capacity by what the connected machine says."""
        self._slots = slots
        self.gains += 1
        if capacity == self._capacity:
            return
        self._capacity = capacity
        self._resources = Slots(capacity)
        for job, (needs, _) in self._held.items():
            self._held[job] = (needs, self._resources.acquire(needs))

    def could_hold(self, needs: Needs) -> bool:
        """Tell whether the machine could run these processes at once if it were idle."""
        return not self.never(needs)

    def fits(self, needs: Needs) -> bool:
        """Tell whether the machine can run these processes now."""
        return self.could_hold(needs) and not self.lacking(needs)

    def never(self, needs: Needs) -> str:
        """Describe the needs that exceed the idle machine; empty if there are none."""
        return self._resources.impossible(needs) if self._resources else ""

    def lacking(self, needs: Needs) -> str:
        """Describe what is needed and held by other jobs, as in ``a slot``; empty if nothing."""
        if not self.has_slot:
            return "a slot"
        return self._resources.lacking(needs) if self._resources else ""

    def hold(self, job: str, needs: Needs) -> None:
        """Reserve a slot and the needs of a part, even if an earlier driver has overbooked it."""
        self.release(job)
        grant = self._resources.acquire(needs) if self._resources else None
        self._held[job] = needs, grant

    def release(self, job: str) -> None:
        """Give back what a part holds; do nothing if it holds nothing."""
        self.gains += 1
        _, grant = self._held.pop(job, ((), None))
        if grant is not None and self._resources is not None:
            self._resources.release(grant)
