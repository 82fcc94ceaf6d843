"""Assignments: which part of which job each machine runs, and the commands to the machines.

The technique is fencing: a part belongs to the machine that it is assigned to. `find` returns
nothing for a part that is assigned elsewhere, so records of any other machine are ignored.
"""

from collections.abc import Sequence

from sweepwright.events import Json

from .active_job import ActiveJob, Part
from .fleet import Fleet, FleetMachine


class Assignments:
    """Maps machines to the parts that they run, and sends commands about these.

    A command to a machine that is not attached is dropped. When the machine is attached again,
    the state of each of its parts says what to tell it.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._parts: dict[str, dict[str, tuple[ActiveJob, Part]]] = {
            machine.name: {} for machine in fleet
        }

    def find(self, machine: str, part: str) -> tuple[ActiveJob, Part] | None:
        """Find a part by its name and by the machine that it is assigned to."""
        return self._parts[machine].get(part)

    def on_machine(self, machine: str) -> Sequence[tuple[ActiveJob, Part]]:
        """List the parts that are assigned to a machine and have not ended."""
        return list(self._parts[machine].values())

    def unaccepted(self, machine: str) -> int:
        """Count the parts that are assigned to a machine, and that it has not accepted yet."""
        return sum(not part.accepted for _, part in self._parts[machine].values())

    def assign(self, job: ActiveJob, part: Part) -> None:
        """Assign a part to its machine, and reserve the room there."""
        self._parts[part.machine][part.name] = job, part
        needs = [job.needs[index] for index in part.processes]
        self._fleet[part.machine].room.hold(job.name, needs)

    def release(self, job: ActiveJob, part: Part) -> None:
        """Take a part from its machine, because it has ended there or no longer counts."""
        self._parts[part.machine].pop(part.name, None)
        self._fleet[part.machine].room.release(job.name)

    def start(self, part: Part) -> None:
        """Let a machine start a part."""
        part.log = self._fleet[part.machine].log
        self.send(part.machine, {"launch": part.name, "submission": part.submission})

    def adopt(self, part: Part) -> None:
        """Let a machine send the records of a part that were not read yet."""
        machine = self._fleet[part.machine]
        if part.log != machine.log or part.offset > machine.known.get(part.name, part.offset):
            # It is another log, or its end was lost. The driver recognises repeated reports.
            part.offset = 0
        part.accepted, part.log = True, machine.log
        self.send(part.machine, {"adopt": {part.name: part.offset}})

    def cancel(self, machine: FleetMachine, part: str) -> None:
        """Let a machine end a part that is assigned to nobody."""
        machine.link.send({"cancel": part})

    def order(self, part: Part, command: str) -> None:
        """Send a command about a part: ``cancel`` or ``finish``."""
        self.send(part.machine, {command: part.name})

    def send(self, machine: str, message: Json) -> None:
        """Send a message to a machine, if it is attached."""
        self._fleet[machine].link.send(message)
