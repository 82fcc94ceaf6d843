"""Read the sources that a trial's roles start, for what is certain of them."""

from pathlib import Path

from sweepwright.contracts import Command, Role

from ..stages import Assembled
from ..trial_source import Source, read_trial
from .find_entry import find_entry, locate_module


def read_sources(assembled: Assembled) -> dict[str, Source | None]:
    """Read each role's source, by the role's name; None for one that cannot be followed."""
    code = assembled.code
    if code is None:
        return {}
    return {role.name: _read(role, Path(code.folder)) for role in code.roles}


def _read(role: Role, folder: Path) -> Source | None:
    """Read a Python file or module; what a program of another language does is not known."""
    if isinstance(role.entry, Command):
        return None
    path = find_entry(role.entry, folder)
    assert path, "an entry that is not there is a finding"
    return read_trial(path, lambda name: locate_module(name, [path.parent, folder]))
