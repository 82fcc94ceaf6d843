"""Check that the space has what the trial's source reads.

Check that the trial's source reads what the space has.

Check that the parameters on which checkpoints depend are written as the space has them.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches

import numpy as np

from sweepwright.diagnostics import Code, Report, Span, did_you_mean
from sweepwright.expressions import references
from sweepwright.seeds import rng
from sweepwright.space import (
    NAME_KEY,
    Derived,
    Domain,
    InfeasibleError,
    Nested,
    Parameter,
    SearchSpace,
)

from ...plan.redaction import shown
from ..stages import Assembled, Spaced
from ..trial_analysis import BUDGETS, AnalyzedSource, ParameterPath, Read

DRAWS = 1024
"""Assignments that are drawn to see whether one lacks what is read."""


def check_reads(
    assembled: Assembled, sources: Mapping[str, AnalyzedSource | None], report: Report
) -> None:
    """Point into the source at each read that is sure to fail."""
    if assembled.spaced.complete and not assembled.spaced.nni_v0_format:
        for source in filter(None, sources.values()):
            _check_source(source, assembled.spaced, report)


def lacks(space: SearchSpace, path: ParameterPath) -> bool:
    """Tell whether no trial receives anything under a path."""
    return not any(_holds(part, path) for part in _delivered(space))


def meant(space: SearchSpace, path: ParameterPath) -> ParameterPath | None:
    """Tell which parameter a misspelt path is near to."""
    near = get_close_matches(path[-1], _beside(space, path), n=1)
    return (*path[:-1], near[0]) if near else None


def is_absent_at_times(space: SearchSpace, path: ParameterPath) -> bool:
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


def _check_source(source: AnalyzedSource, spaced: Spaced, report: Report) -> None:
    space = spaced.space
    missed: list[ParameterPath] = []
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


def _needed(source: AnalyzedSource, spaced: Spaced) -> Iterator[Read]:
    """Yield what every run reads, in order, apart from a budget, which comes from the sweep."""
    budget = spaced.bound.resolved.settings.budget
    given = {*BUDGETS, budget.name} if budget else BUDGETS
    for read in sorted(source.facts.reads, key=lambda read: (read.span.line, read.span.column)):
        if read.required and read.path[0] not in given:
            yield read


def _beside(space: SearchSpace, path: ParameterPath) -> list[str]:
    """List the keys that are there beside one that is not."""
    above = path[:-1]
    return sorted({part.path[-1] for part in _delivered(space) if part.path[:-1] == above})


def _delivered(space: SearchSpace) -> tuple[Parameter | Derived, ...]:
    return (*space.parameters, *space.derived)


def _holds(part: Parameter | Derived, path: ParameterPath) -> bool:
    """Tell whether a path leads to a value, to what it is in, or into it."""
    if isinstance(part, Parameter) and isinstance(part.domain, Nested):
        full = (*part.path, NAME_KEY)
        return full[: len(path)] == path
    shorter = min(len(path), len(part.path))
    return path[:shorter] == part.path[:shorter]


def _when(space: SearchSpace, path: ParameterPath) -> str:
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
    spans = spaced.bound.resolved.spans
    files = (spans.value(origin).file for origin in spaced.origins.values())
    if listed := ", ".join(f"`{file}`" for file in dict.fromkeys(files) if file):
        yield f"the space is written in {listed}"


def point_at(source: AnalyzedSource, read: Read) -> Span:
    """Point into a source at what is read there."""
    line = re.split(r"\r\n|\r|\n", source.text)[read.span.line - 1]
    span = read.span
    return Span(shown(source.path), span.line, span.column, span.length, line)


MOST = 12
"""Parameters that are warned of one by one."""
_ENOUGH = 6


def check_unread(
    assembled: Assembled, sources: Mapping[str, AnalyzedSource | None], report: Report
) -> None:
    """Warn of each parameter that is searched for nothing, unless a source may hide its use."""
    spaced = assembled.spaced
    known = [source for source in sources.values() if source]
    if not spaced.complete or spaced.nni_v0_format or not known or len(known) < len(sources):
        return
    unread = list(_unread(spaced.space, known))
    if len(unread) > MOST or (len(unread) == len(spaced.space) and not any(_reads(known))):
        _warn_of_all(unread, known, spaced, report)
        return
    strangers = [read for read in _reads(known) if lacks(spaced.space, read.path)]
    for parameter in unread:
        _warn(parameter, strangers, known, spaced, report)


def _warn_of_all(
    unread: list[Parameter], known: list[AnalyzedSource], spaced: Spaced, report: Report
) -> None:
    """Warn once of many, which have one cause."""
    whole = len(unread) == len(spaced.space)
    count = "reads none" if whole else f"never reads {len(unread)}"
    message = f"the trial {count} of its {len(spaced.space)} parameters"
    span = spaced.bound.resolved.spans.value(("space",))
    names = ", ".join(f"`{'.'.join(parameter.path)}`" for parameter in unread[:_ENOUGH])
    notes = () if whole else (f"{names} and {len(unread) - _ENOUGH} more are never read",)
    report.warn(Code.UNREAD_PARAMETER, message, span, notes=(*notes, *_notes(known)))


def _warn(
    parameter: Parameter,
    strangers: list[Read],
    known: list[AnalyzedSource],
    spaced: Spaced,
    report: Report,
) -> None:
    path = parameter.path
    beside = [read for read in strangers if read.path[:-1] == path[:-1]]
    if any(read.required and meant(spaced.space, read.path) == path for read in beside):
        return  # that read is an error by itself, which names this parameter
    near = get_close_matches(path[-1], [read.path[-1] for read in beside], n=1)
    span = spaced.bound.resolved.spans.key(spaced.origins[parameter.name])
    message = f"the trial never reads `{'.'.join(path)}`"
    way_out = f"did you mean `{near[0]}`?" if near else "leave it out, or read it"
    report.warn(Code.UNREAD_PARAMETER, message, span, notes=_notes(known), help=way_out)


def _unread(space: SearchSpace, known: list[AnalyzedSource]) -> Iterator[Parameter]:
    """Yield what nobody reads and nothing depends on, apart from what is inside another such."""
    asked = _asked(space)
    found: set[tuple[str, ...]] = set()
    for parameter in space.parameters:
        path = parameter.path
        used = parameter.name in asked or any(s.facts.may_read(path) for s in known)
        if not used and not any(path[:length] in found for length in range(1, len(path))):
            found.add(path)
            yield parameter


def _asked(space: SearchSpace) -> set[str]:
    """List what conditions and derived values are about."""
    said = [value.expression for value in space.derived]
    said += [p.condition for p in space.parameters if p.condition]
    said += [value.condition for value in space.derived if value.condition]
    parents = {p.when.parent for p in space.parameters if p.when}
    flat = {name for name in parents if not isinstance(_domain(space, name), Nested)}
    return flat | {reference.name for expression in said for reference in references(expression)}


def _domain(space: SearchSpace, name: str) -> Domain:
    return space.parameters[space.index[name]].domain


def _notes(known: list[AnalyzedSource]) -> tuple[str, ...]:
    """Say for each source what it does read."""
    return tuple(f"`{shown(source.path)}` reads {_listed(source)}" for source in known)


def _listed(source: AnalyzedSource) -> str:
    paths = {read.path for read in source.facts.reads if read.path[-1] != NAME_KEY}
    whole = paths - {path[:length] for path in paths for length in range(1, len(path))}
    names = sorted(f"`{'.'.join(path)}`" for path in whole)
    more = f" and {len(names) - _ENOUGH} more" if len(names) > _ENOUGH else ""
    return f"{', '.join(names[:_ENOUGH]) or 'nothing'}{more}"


def _reads(known: list[AnalyzedSource]) -> Iterator[Read]:
    return (read for source in known for read in source.facts.reads)


def check_structure(assembled: Assembled, report: Report) -> None:
    """Warn of a name that is nearly a parameter's; others may be for other spaces."""
    spaced = assembled.spaced
    if assembled.code is None or not spaced.complete:
        return
    known = [parameter.name for parameter in spaced.space.parameters]
    for place, name in enumerate(assembled.code.structure):
        near = get_close_matches(name, known, n=1)
        if name not in known and near and near[0] not in assembled.code.structure:
            span = spaced.bound.resolved.spans.value(("trial", "structure", place))
            message = f"no parameter is called `{name}`"
            note = "checkpoints depend on it, as `trial.structure` has it"
            way_out = f"did you mean `{near[0]}`?"
            report.warn(Code.UNKNOWN_STRUCTURE, message, span, notes=(note,), help=way_out)
