"""Report configs that several folders have, of which Hydra takes the first in silence."""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from sweepwright.diagnostics import Code, Report, Span

from ..shown import shown
from .askers import asker
from .overrides import Given
from .repository import Shelf


def report_shadowed(repository: Any, shelf: Shelf, given: Sequence[Given], report: Report) -> None:
    """Warn of each config in the sweep that hides another one of its name."""
    for path in shelf.sources:
        homes = list(dict.fromkeys(_homes(repository, path)))
        for hidden in homes[1:]:
            chosen = asker(path, shelf, given)
            span = chosen if chosen.file else Span(shown(hidden))
            message = f"`{shown(hidden)}` is hidden by another `{path}`"
            note = f"the first on the search path is `{shown(homes[0])}`"
            way_out = "give one of them another name"
            report.warn(Code.DUPLICATE_PLUGIN, message, span, notes=(note,), help=way_out)


def _homes(repository: Any, config_path: str) -> list[Path]:
    """List the files of a name; what plugins offer in memory is amended by a file, not hidden."""
    name = f"{config_path}.yaml"
    found = []
    for source in repository.get_sources():
        if source.scheme() == "file" and source.is_config(config_path):
            found.append(Path(source.path) / name)
        elif source.scheme() == "pkg" and source.is_config(config_path):
            found.append(Path(str(files(source.path).joinpath(name))))
    return [path.resolve() for path in found]
