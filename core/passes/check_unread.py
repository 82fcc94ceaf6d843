"""Check that the trial's source reads what the space has."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches

from sweepwright.diagnostics import Code, Report
from sweepwright.expressions import references
from sweepwright.space import NAME_KEY, Domain, Nested, Parameter, SearchSpace

from ..shown import shown
from ..stages import Assembled, Spaced
from ..trial_source import Read, Source
from .check_reads import lacks, meant

MOST = 12
"""Parameters that are warned of one by one."""
_ENOUGH = 6


def check_unread(
    assembled: Assembled, sources: Mapping[str, Source | None], report: Report
) -> None:
    """Warn of each parameter that is searched for nothing, unless a source may hide its use."""
    spaced = assembled.spaced
    known = [source for source in sources.values() if source]
    if not spaced.whole or spaced.oldest or not known or len(known) < len(sources):
        return
    unread = list(_unread(spaced.space, known))
    if len(unread) > MOST or (len(unread) == len(spaced.space) and not any(_reads(known))):
        _warn_of_all(unread, known, spaced, report)
        return
    strangers = [read for read in _reads(known) if lacks(spaced.space, read.path)]
    for parameter in unread:
        _warn(parameter, strangers, known, spaced, report)


def _warn_of_all(
    unread: list[Parameter], known: list[Source], spaced: Spaced, report: Report
) -> None:
    """Warn once of many, which have one cause."""
    whole = len(unread) == len(spaced.space)
    count = "reads none" if whole else f"never reads {len(unread)}"
    message = f"the trial {count} of its {len(spaced.space)} parameters"
    span = spaced.bound.resolved.places.value(("space",))
    names = ", ".join(f"`{'.'.join(parameter.path)}`" for parameter in unread[:_ENOUGH])
    notes = () if whole else (f"{names} and {len(unread) - _ENOUGH} more are never read",)
    report.warn(Code.UNREAD_PARAMETER, message, span, notes=(*notes, *_notes(known)))


def _warn(
    parameter: Parameter,
    strangers: list[Read],
    known: list[Source],
    spaced: Spaced,
    report: Report,
) -> None:
    path = parameter.path
    beside = [read for read in strangers if read.path[:-1] == path[:-1]]
    if any(read.certain and meant(spaced.space, read.path) == path for read in beside):
        return  # that read is an error by itself, which names this parameter
    near = get_close_matches(path[-1], [read.path[-1] for read in beside], n=1)
    span = spaced.bound.resolved.places.key(spaced.origins[parameter.name])
    message = f"the trial never reads `{'.'.join(path)}`"
    way_out = f"did you mean `{near[0]}`?" if near else "leave it out, or read it"
    report.warn(Code.UNREAD_PARAMETER, message, span, notes=_notes(known), help=way_out)


def _unread(space: SearchSpace, known: list[Source]) -> Iterator[Parameter]:
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


def _notes(known: list[Source]) -> tuple[str, ...]:
    """Say for each source what it does read."""
    return tuple(f"`{shown(source.path)}` reads {_listed(source)}" for source in known)


def _listed(source: Source) -> str:
    paths = {read.path for read in source.facts.reads if read.path[-1] != NAME_KEY}
    whole = paths - {path[:length] for path in paths for length in range(1, len(path))}
    names = sorted(f"`{'.'.join(path)}`" for path in whole)
    more = f" and {len(names) - _ENOUGH} more" if len(names) > _ENOUGH else ""
    return f"{', '.join(names[:_ENOUGH]) or 'nothing'}{more}"


def _reads(known: list[Source]) -> Iterator[Read]:
    return (read for source in known for read in source.facts.reads)
