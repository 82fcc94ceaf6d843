"""Builds the platform from its options: one link, one state and one room for each machine."""

import os
from collections.abc import Mapping, Sequence
from queue import SimpleQueue

from sweepwright.contracts import Workspace
from sweepwright.events import Json
from sweepwright.runner_client.runner_session import RunnerSession
from sweepwright.runner_client.submission import Renderer

from .attaching import Attacher, CodeSupply, Connect
from .machine_link import MachineLink
from .options import Machine, RemoteOptions, eligible_machines
from .platform import Remote
from .scheduling.fleet import Fleet, FleetMachine
from .scheduling.machine_room import MachineRoom
from .scheduling.machine_state import MachineState
from .sweep_folders import sweep_folder
from .transfers import Notice, Transfers


def build_remote(options: RemoteOptions, workspace: Workspace, connect: Connect) -> Remote:
    """Build the platform for one sweep; nothing is connected yet.

    Parameters
    ----------
    connect
        Makes the connection to a machine.
    """
    machines = eligible_machines(options)
    notices: SimpleQueue[Notice] = SimpleQueue()
    code = CodeSupply(workspace.folder)
    attachers = {
        machine.name: Attacher(
            machine,
            connect,
            sweep_folder(workspace.sweep, machine.name),
            code,
            _settings(options, machine, workspace),
        )
        for machine in machines
    }

    def open_session(name: str) -> RunnerSession:
        return attachers[name].open_session()

    fleet = Fleet(
        [
            _fleet_machine(options, machine, attachers[machine.name], notices)
            for machine in machines
        ]
    )
    return Remote(
        Renderer.for_other_machines(_threads(machines)).render,
        fleet,
        code,
        Transfers(workspace.sweep, workspace.folder, open_session, notices),
        notices,
        os.urandom(4).hex(),
        resumed=workspace.resumed,
        fetch=options.fetch,
    )


def _fleet_machine(
    options: RemoteOptions, machine: Machine, attacher: Attacher, notices: SimpleQueue[Notice]
) -> FleetMachine:
    return FleetMachine(
        machine.name,
        lambda: attacher.address,
        MachineLink(machine.name, attacher.attach, notices, options.heartbeat_seconds),
        MachineState(options.lost_after),
        MachineRoom(machine.name),
        machine.slots,
        None if machine.memory is None else float(machine.memory << 20),
    )


def _settings(
    options: RemoteOptions, machine: Machine, workspace: Workspace
) -> Mapping[str, Json]:
    """Return the settings of a machine's daemon."""
    limit = options.max_output_mib
    return {
        "slots": machine.slots,
        "concurrency": workspace.concurrency,
        "cpus": machine.cpus,
        "gpus": list(machine.gpus) if isinstance(machine.gpus, tuple) else machine.gpus,
        "max_output": None if limit is None else limit << 20,
        "orphan_seconds": options.orphan_seconds,
    }


def _threads(machines: Sequence[Machine]) -> int:
    """Return the number of threads of a process, which is a share of its machine's CPUs.

    A machine that does not say how many CPUs and slots it has runs as many trials as it has CPUs.
    """
    shares = [
        int(machine.cpus // machine.slots) if machine.cpus and machine.slots else 1
        for machine in machines
    ]
    return max(1, min(shares, default=1))
