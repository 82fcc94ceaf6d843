"""Find the recorded sweep that a command line names, and tell whose it is."""

from collections.abc import Iterable
from pathlib import Path

from sweepwright.diagnostics import plural

from ..registry.registry import Registry
from ..store.catalog import Store
from ..store.history import History
from ..store.leftovers import DeadDrivers
from ..store.salvage import recover_history
from ..store.store_errors import StoreError
from ..store.trust import foreign_owner, refuse_links
from ..views.output import echo_error
from ..views.summary import command_to_resume
from .arguments import Arguments, invocation, store_path


def find_sweep(arguments: Arguments) -> Path:
    """Return the folder of a sweep to show; a note tells if it belongs to another user.

    Raises
    ------
    StoreError
        When the store has no such sweep.
    """
    folder = Store(store_path(arguments)).find(arguments.sweep)
    if owner := foreign_owner(folder):
        echo_error(f"note: sweep {folder.name} belongs to {owner}")
    return folder


def read_sweep(arguments: Arguments) -> History:
    """Return the history of a sweep to show; a warning tells what of its journal is damaged.

    Raises
    ------
    StoreError
        When the store has no such sweep, or its journal cannot be read at all.
    """
    history, faults = recover_history(find_sweep(arguments))
    if faults:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        echo_error(
            f"warning: the journal of sweep {history.sweep} is damaged, and what is whole is "
            f"shown: {faults[0]}{more}; `check-store` tells all"
        )
    return history


def find_trusted_sweep(arguments: Arguments) -> Path:
    """Return the folder of a sweep on whose settings a command acts, as `resume` does.

    Raises
    ------
    StoreError
        When the store has no such sweep, when the sweep belongs to another user and the command
        line does not say that this user is trusted, or when links lead out of its folder.
    """
    folder = Store(store_path(arguments)).find(arguments.sweep)
    require_trust(folder, arguments)
    refuse_links(folder)
    return folder


def require_trust(folder: Path, arguments: Arguments) -> None:
    """Raise a `StoreError` if a sweep belongs to a user of whom it is not said to trust them."""
    owner = foreign_owner(folder)
    if owner and not arguments.has("--trust-owner"):
        raise StoreError(
            f"sweep {folder.name} belongs to {owner}, whose programs would run with your rights; "
            f"if you trust them: {arguments.command.name} --trust-owner"
        )


def note_leftovers(sweeps: Iterable[DeadDrivers | None]) -> None:
    """Tell for each sweep whether its drivers left processes running on this machine."""
    suspects = list(filter(None, sweeps))
    registry = Registry.load() if suspects else None
    for drivers in suspects:
        if registry and (count := drivers.count_leftovers(registry)):
            left = plural(count, "process", "processes")
            command = command_to_resume(drivers.folder, invocation())
            echo_error(
                f"note: the driver of {drivers.folder.name} left {left} running; "
                f"`{command}` ends {'it' if count == 1 else 'them'}"
            )
