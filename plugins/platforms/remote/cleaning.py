"""Cleaning: ends the jobs that a sweep has left on its machines, and removes its files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sweepwright.contracts import Workspace
from sweepwright.runner_client.runner_session import RunnerError

from .attaching import CODE_FILE, Connect, open_session
from .options import Machine
from .sweep_folders import sweep_folder


def clean_machines(
    machines: Sequence[Machine], workspace: Workspace, connect: Connect
) -> Iterator[str]:
    """End all jobs of a sweep, remove its files, and yield a line for each thing done.

    Cleans all machines that can be reached, and then raises a `ConnectionError` for the others.
    """
    codes = _own_codes(workspace.folder)
    unreachable = []
    for machine in machines:
        try:
            done = _clean(machine, workspace.sweep, codes, connect)
        except (RunnerError, ConnectionError) as error:
            unreachable.append(f"{machine.name}: {error}")
        else:
            yield from (f"{machine.name}: {line}" for line in done)
    if unreachable:
        raise ConnectionError("; ".join(unreachable))
    # What this sweep has sent must not keep the cleanup of another one from removing it.
    (workspace.folder / CODE_FILE).unlink(missing_ok=True)


def _clean(machine: Machine, sweep: str, codes: Sequence[str], connect: Connect) -> Sequence[str]:
    connection = connect(machine)
    try:
        session = open_session(connection, machine)
        return session.cleanup(sweep_folder(sweep, machine.name), codes)
    finally:
        connection.close()


def _own_codes(folder: Path) -> Sequence[str]:
    """List the versions of the code that this sweep, and no other sweep of its store, has sent."""
    others = {
        code
        for path in folder.parent.glob(f"*/{CODE_FILE}")
        if path.parent != folder
        for code in path.read_text("utf-8").split()
    }
    own = folder / CODE_FILE
    sent = own.read_text("utf-8").split() if own.exists() else []
    return sorted(set(sent) - others)
