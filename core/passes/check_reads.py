"""Check that the space has what the trial's source reads."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

import numpy as np

from sweepwright.diagnostics import Code, Report, Span, did_you_mean
from sweepwright.seeds import rng
from sweepwright.space import (
    NAME_KEY,
    Derived,
    InfeasibleError,
    Nested,
    Parameter,
    SearchSpace,
)

from ..shown import shown
from ..stages import Assembled, Spaced
from ..trial_source import BUDGETS, Path, Read, Source

DRAWS = 1024
"""Assignments that are drawn to see whether one lacks what is read."""


def check_reads(
    assembled: Assembled, sources: Mapping[str, Source | None], report: Report
) -> None:
    """Point into the source at each read that is sure to fail."""
    if assembled.spaced.whole and not assembled.spaced.oldest:
        for source in filter(None, sources.values()):
            _check_source(source, assembled.spaced, report)


def lacks(space: SearchSpace, path: Path) -> bool:
    """Tell whether no trial receives anything under a path."""
    return not any(_holds(part, path) for part in _delivered(space))


def meant(space: SearchSpace, path: Path) -> Path | None:
    """Tell which parameter a misspelt path is near to."""
    near = get_close_matches(path[-1], _beside(space, path), n=1)
    return (*path[:-1], near[0]) if near else None


def is_absent_at_times(space: SearchSpace, path: Path) -> bool:
    """Tell whether some assignment is seen that has nothing under a path."""
    holders = [i for i, p in enumerate(space.parameters) if p.path == path]
    limited = all(space.parameters[i].when or space.parameters[i].condition for i in holders)
    if not holders or not limited or any(value.path == path for value in space.derived):
        return False
    try:
        matrix = space.sample(rng(0, "reads"), DRAWS)
    except InfeasibleError:
        return False
    return bool(np.isnan(matrix[:, holders]).all(axis=1).any())


def _check_source(source: Source, spaced: Spaced, report: Report) -> None:
    space = spaced.space
    missed: list[Path] = []
    for read in _needed(source, spaced):
        if any(read.path[: len(path)] == path for path in missed):
            continue
        name = f"`{'.'.join(read.path)}`"
        notes = tuple(_where(spaced))
        if lacks(space, read.path):
            message = f"the trial reads {name}, which the space lacks"
            way_out = did_you_mean(read.path[-1], _beside(space, read.path))
        elif is_absent_at_times(space, read.path):
            message = f"the trial always reads {name}, which is not always there"
            notes = (f"it is there where {_when(space, read.path)}", *notes)
            way_out = "look first whether it is there, or give a default with `get`"
        else:
            continue
        missed.append(read.path)
        report.error(Code.UNKNOWN_READ, message, point_at(source, read), notes=notes, help=way_out)


def _needed(source: Source, spaced: Spaced) -> Iterator[Read]:
    """Yield what every run reads, in order, apart from a budget, which comes from the sweep."""
    budget = spaced.bound.resolved.settings.budget
    given = {*BUDGETS, budget.name} if budget else BUDGETS
    for read in sorted(source.facts.reads, key=lambda read: (read.spot.line, read.spot.column)):
        if read.certain and read.path[0] not in given:
            yield read


def _beside(space: SearchSpace, path: Path) -> list[str]:
    """List the keys that are there beside one that is not."""
    above = path[:-1]
    return sorted({part.path[-1] for part in _delivered(space) if part.path[:-1] == above})


def _delivered(space: SearchSpace) -> tuple[Parameter | Derived, ...]:
    return (*space.parameters, *space.derived)


def _holds(part: Parameter | Derived, path: Path) -> bool:
    """Tell whether a path leads to a value, to what it is in, or into it."""
    if isinstance(part, Parameter) and isinstance(part.domain, Nested):
        full = (*part.path, NAME_KEY)
        return full[: len(path)] == path
    shorter = min(len(path), len(part.path))
    return path[:shorter] == part.path[:shorter]


def _when(space: SearchSpace, path: Path) -> str:
    """Say where there is something under a path, as conditions and branches have it."""
    ways = [_limits(p, space) for p in space.parameters if p.path == path]
    return " or where ".join(" and ".join(limits) for limits in ways)


def _limits(parameter: Parameter, space: SearchSpace) -> Iterator[str]:
    if when := parameter.when:
        choice = space.parameters[space.index[when.parent]].domain
        branches = " or ".join(f"`{choice.value(index)}`" for index in when.choices)
        yield f"`{when.parent}` is {branches}"
    if parameter.condition:
        yield f"`{parameter.condition}` holds"


def _where(spaced: Spaced) -> Iterator[str]:
    """Say where the space is written."""
    places = spaced.bound.resolved.places
    files = (places.value(origin).file for origin in spaced.origins.values())
    if listed := ", ".join(f"`{file}`" for file in dict.fromkeys(files) if file):
        yield f"the space is written in {listed}"


def point_at(source: Source, read: Read) -> Span:
    """Point into a source at what is read there."""
    line = re.split(r"\r\n|\r|\n", source.text)[read.spot.line - 1]
    spot = read.spot
    return Span(shown(source.path), spot.line, spot.column, spot.length, line)
