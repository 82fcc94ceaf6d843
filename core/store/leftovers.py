"""Processes that dead drivers of a sweep left running on this machine.

The journal records with each session where its driver ran. Only sessions of this machine since
its last start are considered, and only if their driver is dead: a store may have been copied while
its driver was running. The platform knows how to find and end the processes.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sweepwright.contracts import PluginError

from ..plan.plan import Selection
from ..registry.options import build_options
from ..registry.registry import Registry
from .entries import SessionStarted
from .history import History
from .machine import machine_identity, process_start


@dataclass(frozen=True, slots=True)
class DeadDrivers:
    """The drivers that have worked on a sweep, none of which works on it now."""

    folder: Path
    platform: Selection
    sessions: Sequence[SessionStarted]
    """The first entry of each session."""

    @classmethod
    def of(cls, history: History) -> "DeadDrivers | None":
        """Return the drivers of a sweep if the last one died on this machine; otherwise None."""
        died = history.state == "interrupted" and history.ended is None
        if not died or not history.sessions:
            return None
        drivers = cls(history.folder, history.plan.platform, history.sessions)
        return drivers if drivers.here()[-1:] == [history.sessions[-1]] else None

    def here(self) -> list[SessionStarted]:
        """Return the sessions on this machine since it started."""
        machine = machine_identity()
        return [each for each in self.sessions if machine and each.machine == machine]

    def count_leftovers(self, registry: Registry) -> int:
        """Count the processes that they left running; 0 if that is not known."""
        with suppress(PluginError, LookupError):
            return self._leftovers(registry, end=False)
        return 0

    def end_leftovers(self, registry: Registry) -> int:
        """End the processes that they left running, and return the number of these processes.

        The caller holds the sweep's lock, so that no other driver begins.

        Raises
        ------
        PluginError
            When the platform fails.
        """
        return self._leftovers(registry, end=True)

    def _leftovers(self, registry: Registry, *, end: bool) -> int:
        provider = registry.find("platform", self.platform.name)
        here = self.here()
        # If the sweep is a copy, the driver of the original may be alive.
        if provider.leftovers is None or any(map(_is_alive, here)):
            return 0
        identities = [session.identity for session in here if session.identity]
        try:
            options = build_options(provider.options, self.platform.options)
            return provider.leftovers(options, self.folder, identities, end=end)
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            raise PluginError(f"platform `{self.platform.name}` failed: {what}") from error


def _is_alive(session: SessionStarted) -> bool:
    return session.process_start != 0 and process_start(session.process) == session.process_start
