"""Check that the space has what the trial's source reads."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from sweepwright.diagnostics import Code, Report, Span, did_you_mean
from sweepwright.space import NAME_KEY, Nested, Parameter, SearchSpace

from ..shown import shown
from ..stages import Assembled, Spaced
from ..trial_source import BUDGETS, Path, Read, Source


def check_reads(
    assembled: Assembled, sources: Mapping[str, Source | None], report: Report
) -> None:
    """Point into the source at each read that is sure to fail."""
    if assembled.spaced.whole:
        for source in filter(None, sources.values()):
            _check_source(source, assembled.spaced, report)


def lacks(space: SearchSpace, path: Path) -> bool:
    """Tell whether no trial receives anything under a path."""
    return not any(_holds(parameter, path) for parameter in space.parameters)


def meant(space: SearchSpace, path: Path) -> Path | None:
    """Tell which parameter a misspelt path is near to."""
    near = get_close_matches(path[-1], _beside(space, path), n=1)
    return (*path[:-1], near[0]) if near else None


def _check_source(source: Source, spaced: Spaced, report: Report) -> None:
    space = spaced.space
    missed: list[Path] = []
    for read in _needed(source, spaced):
        name = f"`{'.'.join(read.path)}`"
        if any(read.path[: len(path)] == path for path in missed):
            continue
        if lacks(space, read.path):
            missed.append(read.path)
            message = f"the trial reads {name}, which the space lacks"
            way_out = did_you_mean(read.path[-1], _beside(space, read.path))
        elif branches := _branches_without(space, read.path):
            listed = " and ".join(f"`{branch}`" for branch in branches)
            message = f"the trial always reads {name}, which {listed} lacks"
            way_out = "look at `_name` first, or give a default with `get`"
        else:
            continue
        notes = tuple(_where(spaced))
        report.error(Code.UNKNOWN_READ, message, _span(source, read), notes=notes, help=way_out)


def _needed(source: Source, spaced: Spaced) -> Iterator[Read]:
    """Yield what every run reads, in order; a budget comes from the tuner, if it has any."""
    tuner = spaced.bound.parts.get("tuner")
    given = BUDGETS if tuner is None or tuner.provider.uses_budget else frozenset()
    for read in sorted(source.facts.reads, key=lambda read: (read.spot.line, read.spot.column)):
        if read.certain and read.path[0] not in given:
            yield read


def _beside(space: SearchSpace, path: Path) -> list[str]:
    """List the keys that are there beside one that is not."""
    above = path[:-1]
    return sorted({p.path[len(above)] for p in space.parameters if p.path[:-1] == above})


def _holds(parameter: Parameter, path: Path) -> bool:
    """Tell whether a path leads to a parameter, to what it is in, or into its value."""
    if isinstance(parameter.domain, Nested):
        full = (*parameter.path, NAME_KEY)
        return full[: len(path)] == path
    shorter = min(len(path), len(parameter.path))
    return path[:shorter] == parameter.path[:shorter]


def _branches_without(space: SearchSpace, path: Path) -> list[str]:
    """List the branches of the choice around a path in which there is nothing under it."""
    around = [p for p in space.parameters if p.path == path[:-1] and isinstance(p.domain, Nested)]
    conditions = [p.when for p in space.parameters if p.path == path]
    if len(around) != 1 or not all(when and when.parent == around[0].name for when in conditions):
        return []
    taken = {choice for when in conditions if when for choice in when.choices}
    branches = around[0].domain.branches if isinstance(around[0].domain, Nested) else ()
    return [name for choice, name in enumerate(branches) if choice not in taken] if taken else []


def _where(spaced: Spaced) -> Iterator[str]:
    """Say where the space is written."""
    places = spaced.bound.resolved.places
    files = (places.value(origin).file for origin in spaced.origins.values())
    if listed := ", ".join(f"`{file}`" for file in dict.fromkeys(files) if file):
        yield f"the space is written in {listed}"


def _span(source: Source, read: Read) -> Span:
    line = re.split(r"\r\n|\r|\n", source.text)[read.spot.line - 1]
    spot = read.spot
    return Span(shown(source.path), spot.line, spot.column, spot.length, line)
