"""Checks of parameters: whether the space has what the trial reads, and the trial reads all of it.

`check_reads` reports the reads that always fail. `check_unread` reports the parameters that are
never read. Both checks compare the search space with the facts about the trial's sources, which
are certain. If a source may read parameters that its facts do not contain, `check_unread` reports
nothing.
"""

import re
from collections.abc import Iterator

import numpy as np

from sweepwright.diagnostics import Code, Report, Span, did_you_mean, nearest_name
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

from ...plan.redaction import display_path
from ..stages import Assembled, Spaced
from ..trial_analysis import BUDGETS, AnalyzedSource, ParameterPath, Read

DRAWS = 1024
"""Number of assignments that are drawn in search of one that lacks the value.

If one assignment in a hundred lacks the value, the search fails in about one of 30,000 sweeps.
Drawing the assignments takes a few milliseconds.
"""
MOST_WARNINGS = 12
"""Maximum number of unread parameters that have separate warnings.

If there are more, they probably have a common cause, so they share one warning.
"""
MOST_LISTED = 6
"""Maximum number of names that a note lists."""


def check_reads(assembled: Assembled, report: Report) -> None:
    """Report, with its position, each access to a parameter that fails in every run."""
    spaced = assembled.spaced
    # NNI before version 0.8 delivered branches in another form, which this check does not support.
    if not spaced.complete or spaced.nni_v0_format:
        return
    for source in filter(None, assembled.sources.values()):
        _check_source(source, spaced, report)


def _check_source(source: AnalyzedSource, spaced: Spaced, report: Report) -> None:
    space = spaced.space
    missing: list[ParameterPath] = []
    for read in _required_reads(source, spaced):
        # If a path is missing, all paths below it are missing, too.
        if any(read.path[: len(path)] == path for path in missing):
            continue
        name = f"`{'.'.join(read.path)}`"
        notes = tuple(_files_of_space(spaced))
        if lacks(space, read.path):
            message = f"the trial reads {name}, which is not in the space"
            way_out = did_you_mean(read.path[-1], _siblings(space, read.path))
        elif is_absent_at_times(space, read.path):
            message = f"the trial always reads {name}, which only some assignments have"
            notes = (f"{name} is present when {_presence(space, read.path)}", *notes)
            way_out = f"test whether {name} is present, or read it with `get` and a default"
        else:
            continue
        missing.append(read.path)
        span = span_of(source, read)
        report.error(Code.UNKNOWN_READ, message, span, notes=notes, help=way_out)


def _required_reads(source: AnalyzedSource, spaced: Spaced) -> Iterator[Read]:
    """Yield the required reads in source order, except reads of a budget (see `check_budget`)."""
    budget = spaced.bound.resolved.settings.budget
    budget_names = {*BUDGETS, budget.name} if budget else BUDGETS
    for read in sorted(source.facts.reads, key=lambda read: (read.span.line, read.span.column)):
        if read.required and read.path[0] not in budget_names:
            yield read


def lacks(space: SearchSpace, path: ParameterPath) -> bool:
    """Tell whether no assignment has a value at a path."""
    return not any(_holds(value, path) for value in _delivered(space))


def _delivered(space: SearchSpace) -> tuple[Parameter | Derived, ...]:
    return (*space.parameters, *space.derived)


def _holds(value: Parameter | Derived, path: ParameterPath) -> bool:
    """Tell whether a path leads to a value, to a part of it, or to a mapping that contains it."""
    if isinstance(value, Parameter) and isinstance(value.domain, Nested):
        full = (*value.path, NAME_KEY)
        return full[: len(path)] == path
    shorter = min(len(path), len(value.path))
    return path[:shorter] == value.path[:shorter]


def _siblings(space: SearchSpace, path: ParameterPath) -> list[str]:
    """List the keys that assignments may have next to the last key of a path."""
    parent = path[:-1]
    return sorted({value.path[-1] for value in _delivered(space) if value.path[:-1] == parent})


def is_absent_at_times(space: SearchSpace, path: ParameterPath) -> bool:
    """Draw assignments, and tell whether one of them lacks a value at a path."""
    columns = [i for i, p in enumerate(space.parameters) if p.path == path]
    conditional = all(space.parameters[i].when or space.parameters[i].condition for i in columns)
    if not columns or not conditional or any(value.path == path for value in space.derived):
        return False
    try:
        matrix = space.sample(rng(0, "reads"), DRAWS)
    except InfeasibleError:
        return False
    # NaN marks a parameter that is inactive in an assignment.
    return bool(np.isnan(matrix[:, columns]).all(axis=1).any())


def _presence(space: SearchSpace, path: ParameterPath) -> str:
    """Describe the assignments that have a value at this path."""
    ways = [_conditions(p, space) for p in space.parameters if p.path == path]
    return " or when ".join(" and ".join(conditions) for conditions in ways)


def _conditions(parameter: Parameter, space: SearchSpace) -> Iterator[str]:
    if when := parameter.when:
        choice = _domain(space, when.parent)
        branches = " or ".join(f"`{choice.value(index)}`" for index in when.choices)
        yield f"`{when.parent}` is {branches}"
    if parameter.condition:
        yield f"`{parameter.condition}` holds"


def _files_of_space(spaced: Spaced) -> Iterator[str]:
    spans = spaced.bound.resolved.spans
    files = (spans.value(origin).file for origin in spaced.origins.values())
    if listed := ", ".join(f"`{file}`" for file in dict.fromkeys(files) if file):
        yield f"the space is defined in {listed}"


def span_of(source: AnalyzedSource, read: Read) -> Span:
    """Return the span of a read, together with its line in the source."""
    line = re.split(r"\r\n|\r|\n", source.text)[read.span.line - 1]
    span = read.span
    return Span(display_path(source.path), span.line, span.column, span.length, line)


def check_unread(assembled: Assembled, report: Report) -> None:
    """Warn of each parameter that no role reads.

    There is no warning if a role's source might read the parameter in a way that the analysis
    cannot see.
    """
    spaced = assembled.spaced
    known = [source for source in assembled.sources.values() if source]
    if not spaced.complete or spaced.nni_v0_format:
        return
    if not known or len(known) < len(assembled.sources):
        return
    unread = list(_unread(spaced.space, known))
    reads = [read for source in known for read in source.facts.reads]
    # Many unread parameters indicate that the space and the trial do not belong together.
    if len(unread) > MOST_WARNINGS or (len(unread) == len(spaced.space) and not reads):
        _warn_of_all(unread, known, assembled, report)
        return
    unknown = [read for read in reads if lacks(spaced.space, read.path)]
    for parameter in unread:
        _warn_of_unread(parameter, unknown, known, assembled, report)


def _unread(space: SearchSpace, known: list[AnalyzedSource]) -> Iterator[Parameter]:
    """Yield the parameters without effect, except parameters inside an unread nested choice."""
    used = _used_in_space(space)
    found: set[ParameterPath] = set()
    for parameter in space.parameters:
        path = parameter.path
        has_effect = parameter.name in used or any(s.facts.may_read(path) for s in known)
        if not has_effect and not any(path[:length] in found for length in range(1, len(path))):
            found.add(path)
            yield parameter


def _used_in_space(space: SearchSpace) -> set[str]:
    """Return the parameters on which conditions and derived values of the space depend.

    A nested choice is included only if an expression refers to it. Otherwise its only effect is to
    deliver a branch, which the trial must read.
    """
    expressions = [value.expression for value in space.derived]
    expressions += [p.condition for p in space.parameters if p.condition]
    expressions += [value.condition for value in space.derived if value.condition]
    parents = {p.when.parent for p in space.parameters if p.when}
    flat = {name for name in parents if not isinstance(_domain(space, name), Nested)}
    return flat | {name.name for expression in expressions for name in references(expression)}


def _domain(space: SearchSpace, name: str) -> Domain:
    return space.parameters[space.index[name]].domain


def _warn_of_all(
    unread: list[Parameter], known: list[AnalyzedSource], assembled: Assembled, report: Report
) -> None:
    """Warn of many unread parameters in a single finding."""
    total = len(assembled.spaced.space)
    reads_none = len(unread) == total
    count = "reads none" if reads_none else f"never reads {len(unread)}"
    message = f"the trial {count} of its {total} parameters"
    span = assembled.spans.value(("space",))
    names = ", ".join(f"`{'.'.join(parameter.path)}`" for parameter in unread[:MOST_LISTED])
    rest = f"{names} and {len(unread) - MOST_LISTED} more are never read"
    notes = (*([] if reads_none else [rest]), *_reads_of(known))
    report.warn(Code.UNREAD_PARAMETER, message, span, notes=notes)


def _warn_of_unread(
    parameter: Parameter,
    unknown: list[Read],
    known: list[AnalyzedSource],
    assembled: Assembled,
    report: Report,
) -> None:
    path, space = parameter.path, assembled.spaced.space
    siblings = [read for read in unknown if read.path[:-1] == path[:-1]]
    if any(read.required and _nearest(space, read.path) == path for read in siblings):
        return  # `check_reads` reports this read, and suggests the parameter
    # The name in an optional read, such as `get("layres")`, may be a misspelling of the parameter.
    near = nearest_name(path[-1], [read.path[-1] for read in siblings])
    span = assembled.spans.key(assembled.spaced.origins[parameter.name])
    message = f"the trial never reads `{'.'.join(path)}`"
    way_out = (
        f"did you mean `{near}`?" if near else "remove it from the space, or read it in the trial"
    )
    report.warn(Code.UNREAD_PARAMETER, message, span, notes=_reads_of(known), help=way_out)


def _nearest(space: SearchSpace, path: ParameterPath) -> ParameterPath | None:
    """Return the path of the parameter that a misspelt path probably means."""
    near = nearest_name(path[-1], _siblings(space, path))
    return (*path[:-1], near) if near else None


def _reads_of(known: list[AnalyzedSource]) -> tuple[str, ...]:
    """Describe the reads of each source in a note."""
    return tuple(f"`{display_path(source.path)}` reads {_listed(source)}" for source in known)


def _listed(source: AnalyzedSource) -> str:
    paths = {read.path for read in source.facts.reads if read.path[-1] != NAME_KEY}
    prefixes = {path[:length] for path in paths for length in range(1, len(path))}
    names = sorted(f"`{'.'.join(path)}`" for path in paths - prefixes)
    more = f" and {len(names) - MOST_LISTED} more" if len(names) > MOST_LISTED else ""
    return f"{', '.join(names[:MOST_LISTED]) or 'nothing'}{more}"


def check_structure(assembled: Assembled, report: Report) -> None:
    """Warn of a name in `trial.structure` that looks like a misspelt parameter.

    There is no warning of a name that resembles no parameter, since the trial may also be used
    with other spaces.
    """
    spaced = assembled.spaced
    if assembled.code is None or not spaced.complete:
        return
    known = [parameter.name for parameter in spaced.space.parameters]
    for index, name in enumerate(assembled.code.structure):
        near = nearest_name(name, known)
        if name not in known and near and near not in assembled.code.structure:
            span = assembled.spans.value(("trial", "structure", index))
            message = f"no parameter is called `{name}`"
            note = "`trial.structure` lists the parameters that checkpoints depend on"
            way_out = f"did you mean `{near}`?"
            report.warn(Code.UNKNOWN_STRUCTURE, message, span, notes=(note,), help=way_out)
