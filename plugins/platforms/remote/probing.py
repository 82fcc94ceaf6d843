"""The probe: looks at all machines at the same time, before the first trial.

This module connects and collects facts; `judgement` derives findings from the facts.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sweepwright.contracts import Finding, ProbeRequest
from sweepwright.runner_client.bootstrap import COMMAND
from sweepwright.runner_client.kit import build_kit
from sweepwright.runner_client.runner_session import (
    PythonMissing,
    PythonTooOld,
    RemoteRefusal,
    RunnerError,
    RunnerSession,
)

from .judgement import Fault, Look, judge
from .options import Machine, RemoteOptions, resolve_machines
from .script_imports import script_imports
from .ssh.connect_error import ConnectError, Kind
from .ssh.connection import Connection, connect

_ANSWER_SECONDS = 30.0
"""Seconds without a message of a machine after which the probe gives up: ``nvidia-smi`` may take
20, and the runner does not wait longer for it."""
_KEYS: dict[Kind, str] = {
    "agent": "agent",
    "host_key_changed": "known_hosts",
    "host_key_unknown": "known_hosts",
    "key_file": "identity_file",
    "not_ssh": "port",
    "password_unset": "password_env",
    "refused": "port",
    "unresolved": "host",
}
"""Options to which faults of a connection are attributed."""


def probe(options: RemoteOptions, request: ProbeRequest) -> list[Finding]:
    """Connect to all machines, and return a finding for everything that trials lack there."""
    modules = [package.module for package in request.packages]
    imports = [name for name in script_imports(request.code) if name not in modules]
    looks = look_at_all(options, [*modules, *imports])
    return judge(looks, request.code.roles, request.packages, imports)


def look_at_all(options: RemoteOptions, modules: Sequence[str]) -> list[Look]:
    """Look at all machines that have the required tags, at the same time."""
    required = set(options.require)
    chosen = [
        (index, machine)
        for index, machine in enumerate(resolve_machines(options))
        if required <= set(machine.tags)
    ]
    if not chosen:
        return []
    with ThreadPoolExecutor(len(chosen)) as threads:
        looking = [
            threads.submit(_look_at, index, machine, options.connect_timeout, modules)
            for index, machine in chosen
        ]
        return [each.result() for each in looking]


def _look_at(
    index: int, machine: Machine, connect_seconds: float | None, modules: Sequence[str]
) -> Look:
    try:
        connection = connect(machine, connect_seconds)
    except ConnectError as error:
        return Look(index, machine, fault=_connection_fault(error))
    try:
        return _ask_runner(index, machine, connection, modules)
    except ConnectError as error:
        return Look(index, machine, fault=_connection_fault(error))
    except RunnerError as error:
        return Look(index, machine, fault=_runner_fault(error))
    finally:
        connection.close()


def _ask_runner(
    index: int, machine: Machine, connection: Connection, modules: Sequence[str]
) -> Look:
    session = RunnerSession(connection.open(COMMAND), _ANSWER_SECONDS)
    session.open(machine.python, machine.activate or "", machine.folder, build_kit().data)
    facts = session.probe(modules)
    # The runner reads its clock last, so only the way back lies between the two clocks.
    return Look(index, machine, facts, clock_ahead=facts["clock"] - time.time())


def _connection_fault(error: ConnectError) -> Fault:
    return Fault(error.message, error.help, _KEYS.get(error.kind))


def _runner_fault(error: RunnerError) -> Fault:
    """Explain why a machine cannot run the runner, although it accepts a connection."""
    match error:
        case PythonMissing() if "activation" in str(error):
            return Fault(str(error), "correct `activate`; try it in a shell there", "activate")
        case PythonMissing():
            help_ = "set `python` to the path of a Python 3.8 or newer there, or `activate` one"
            return Fault(str(error), help_, "python")
        case PythonTooOld():
            help_ = "set `python` to a newer one, or `activate` an environment that has one"
            return Fault(str(error), help_, "python")
        case RemoteRefusal(kind="full"):
            return Fault(str(error), "free some disk space, or choose another `folder`", "folder")
        case RemoteRefusal():
            help_ = "choose a `folder` of your own, to which nobody else can write"
            return Fault(str(error), help_, "folder")
    help_ = "check what the shell of the machine prints and starts when you log in"
    return Fault(f"it does not start the runner: {error}", help_)
