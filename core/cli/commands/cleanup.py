"""End what a sweep left running, and remove its files outside the store."""

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sweepwright.diagnostics import plural

from ...plan.plan import Selection
from ...registry.registry import Registry
from ...store.attempts.cleanup import clean_up, cleans_up, loses_checkpoints
from ...store.history import History
from ...store.leftovers import DeadDrivers
from ...store.lock import LockHeldError, take_lock
from ...store.salvage import recover_history
from ...store.store_errors import StoreError
from ...views.output import echo, echo_error
from ...views.summary import COMPLETED_SWEEP_STATES
from ..arguments import Arguments, UsageError, invocation
from ..recorded_sweep import find_trusted_sweep


def main(arguments: Arguments) -> int:
    """Clean up after one sweep, and print a line for each thing that was done."""
    folder, registry = find_trusted_sweep(arguments), Registry.load()
    with _holding(folder):
        history, _ = recover_history(folder)
        platforms = _platforms(history)
        elsewhere = [each for each in platforms if cleans_up(each, registry)]
        unfinished = history.state not in COMPLETED_SWEEP_STATES
        if elsewhere and unfinished and not arguments.has("--unfinished"):
            raise UsageError(_refusal(folder.name, loses=loses_checkpoints(elsewhere, registry)))
        done = 0
        for line in _clean(history, elsewhere, registry):
            echo(line)
            done += 1
    if not done:
        echo(f"sweep {folder.name} left nothing to clean up")
    elif unfinished and loses_checkpoints(elsewhere, registry):
        echo_error(f"note: a resume of sweep {folder.name} will find no checkpoints")
    return 0


def _refusal(sweep: str, *, loses: bool) -> str:
    command = f"{invocation()} {shlex.join(['cleanup', sweep])} --unfinished"
    lost = "its checkpoints would be lost, and a resume would start its trials over"
    ended = "its jobs would be ended, and a resume would run them again"
    return (
        f"sweep {sweep} is unfinished: {lost if loses else ended}; to clean up anyway: {command}"
    )


@contextmanager
def _holding(folder: Path) -> Iterator[None]:
    """Keep drivers away from the sweep."""
    try:
        lock = take_lock(folder)
    except LockHeldError as error:
        raise StoreError(f"{error}; stop it first, then clean up") from error
    try:
        yield
    finally:
        os.close(lock)


def _platforms(history: History) -> list[Selection]:
    """List the platforms of all sessions, since a resume may have changed the options."""
    platforms = [history.plan.platform]
    for session in reversed(history.sessions):
        if session.platform not in platforms:
            platforms.append(session.platform)
    return platforms


def _clean(history: History, elsewhere: list[Selection], registry: Registry) -> Iterator[str]:
    drivers = DeadDrivers(history.folder, history.plan.platform, history.sessions)
    if ended := drivers.end_leftovers(registry):
        yield f"ended {plural(ended, 'process', 'processes')} that a driver left running"
    for platform in elsewhere:
        yield from clean_up(platform, history.folder, history.plan, registry)
