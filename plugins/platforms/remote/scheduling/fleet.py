"""The machines of a sweep, as the platform sees them: link, state, room, and known jobs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sweepwright.events import Json
from sweepwright.runner.capacity import Capacity

from .checkpoints import Reach
from .machine_room import MachineRoom
from .machine_state import MachineState, Status


class Link(Protocol):
    """The methods of a link to a machine (`MachineLink`) that the platform uses."""

    def start(self) -> None:
        """Begin to connect."""
        ...

    def send(self, message: Json) -> None:
        """Send a message, unless the machine is not attached."""
        ...

    def on_handled(self) -> None:
        """Note that the platform has handled a notice with messages."""
        ...

    def close(self) -> None:
        """End the connection, without waiting for it."""
        ...

    def join(self, seconds: float) -> None:
        """Wait for the end of the link."""
        ...


ACCEPT_SECONDS = 60.0
"""Seconds within which a machine must accept a part, before it starts the part."""


@dataclass(slots=True)
class FleetMachine:
    """One machine of the sweep."""

    name: str
    address: Callable[[], str]
    """Returns the address at which the other machines reach this machine."""
    link: Link
    state: MachineState
    room: MachineRoom
    slots: int | None = None
    """Number of parts that run at the same time; None for the number of CPUs."""
    memory: float | None = None
    """Bytes of memory that parts can request; None for all memory of the machine."""
    log: str | None = None
    """Id of the log of the machine's daemon; None before the machine was first attached."""
    known: Mapping[str, int] = field(default_factory=dict)
    """Jobs that the daemon knew when it was last attached, with a position in its log."""
    trouble: str = ""
    """Why the daemon cannot record anything at present; empty if it can."""
    mute_since: float = float("inf")
    """Time since which the machine has not accepted a part; infinity if it has accepted all."""
    ended: set[str] = field(default_factory=set)
    """Parts that have ended on the machine while this driver ran."""
    stale: set[str] = field(default_factory=set)
    """Parts that the machine knows, and that were cancelled there or will be."""
    unclaimed: dict[int, set[str]] = field(default_factory=dict)
    """By trial, parts that an earlier driver has launched, and that no job has claimed."""

    def on_attached(self, hello: Json) -> None:
        """Note what a daemon says of itself."""
        self.log, self.known, self.trouble = hello["log"], hello["known"], ""
        capacity = hello["capacity"]
        memory = min(self.memory or float("inf"), capacity["memory"])
        slots = self.slots or max(1, int(capacity["cpus"]))
        amounts = Capacity(capacity["cpus"], tuple(capacity["gpus"]), memory)
        self.room.set_capacity(slots, amounts)
        self.state.on_attached()
        self.update_room()

    def is_mute(self, now: float, unaccepted: int) -> bool:
        """Tell whether the machine, although it is attached, has accepted nothing for too long."""
        if not unaccepted or self.trouble or not self.state.attached:
            self.mute_since = float("inf")
            return False
        self.mute_since = min(self.mute_since, now)
        return now - self.mute_since > ACCEPT_SECONDS

    def on_failure(self, reason: str) -> None:
        """Note that the machine itself failed a job."""
        self.state.on_failure(reason)
        self.update_room()

    def on_loss(self, reason: str) -> None:
        """Note that the machine lost a job."""
        self.state.on_loss(reason)
        self.update_room()

    def update_room(self) -> None:
        """Open or close the machine for further jobs, according to its state."""
        status = self.state.status
        self.room.open = status is Status.READY
        self.room.closed, self.room.reason = status.value, self.state.reason


class Fleet:
    """All machines of a sweep, in the order of the options."""

    def __init__(self, machines: Sequence[FleetMachine]) -> None:
        self._machines = {machine.name: machine for machine in machines}

    def __getitem__(self, name: str) -> FleetMachine:
        return self._machines[name]

    def __contains__(self, name: str) -> bool:
        return name in self._machines

    def __iter__(self) -> Iterator[FleetMachine]:
        return iter(self._machines.values())

    @property
    def rooms(self) -> list[MachineRoom]:
        """The rooms of all machines."""
        return [machine.room for machine in self]

    @property
    def settled(self) -> bool:
        """Whether each machine was attached, or failed to be attached, at least once."""
        return all(machine.state.settled for machine in self)

    @property
    def unfit(self) -> str:
        """Why no machine can run trials until somebody changes something; empty if one may."""
        if any(machine.state.status is not Status.UNFIT for machine in self):
            return ""
        return "; ".join(f"{machine.name}: {machine.state.reason}" for machine in self)

    @property
    def unheard(self) -> bool:
        """Whether a machine has not yet listed the jobs that it knows, and may still do so."""
        return any(machine.log is None and not machine.state.given_up for machine in self)

    def reach(self, name: str) -> Reach:
        """Tell whether copies can be made from a machine."""
        state = self._machines[name].state
        if state.attached:
            return Reach.NOW
        return Reach.NEVER if state.given_up else Reach.LATER

    @property
    def next_change(self) -> float:
        """Time at which the next machine is given up or is no longer set aside."""
        times = ((machine.state.gives_up_at, machine.state.changes_at) for machine in self)
        return min((time for pair in times for time in pair), default=float("inf"))
