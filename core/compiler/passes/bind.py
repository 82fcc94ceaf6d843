"""Bind: the names of providers become providers, and their options are checked.

Before: ``tuner: {name: asha, etaa: 4}``.
After: a `Part` with the provider ``asha``, or a finding that knows no option ``etaa``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sweepwright.contracts import PluginError, Provider
from sweepwright.diagnostics import Code, Report

from ...plan.plan import Selection
from ...registry.options import check_options, option_defaults
from ...registry.registry import KINDS, DuplicateProvider, Registry, UnknownProvider
from ..settings import called_here
from ..stages import HOLE, Bound, KeyPath, Part, Resolved, dotted, holes_in, without_holes

OPTIONAL = frozenset({"assessor"})
"""Kinds of which a sweep may do without."""


def bind(resolved: Resolved, registry: Registry, report: Report) -> Bound:
    """Bind one provider of each kind."""
    return Bound(resolved, dict(_parts(resolved, registry, report)))


def _parts(resolved: Resolved, registry: Registry, report: Report) -> Iterator[tuple[str, Part]]:
    for kind in KINDS:
        section = resolved.tree.get(kind)
        if section is None:
            _report_absent(kind, resolved, registry, report)
        elif isinstance(section, Mapping):
            if part := _part(kind, section, resolved, registry, report):
                yield kind, part
                if sampler := bind_sampler(part, resolved, registry, report):
                    yield "sampler", sampler
        elif section is not HOLE:
            message = f"`{kind}` is {section!r}, not a mapping with a `name`"
            way_out = f"choose it in a defaults list, or give `{kind}={section}`"
            report.error(Code.WRONG_TYPE, message, resolved.places.value((kind,)), help=way_out)


def _report_absent(kind: str, resolved: Resolved, registry: Registry, report: Report) -> None:
    if kind not in OPTIONAL:
        known = ", ".join(f"`{name}`" for name in registry.names(kind))
        span = resolved.places.value((kind,))
        message = f"no `{kind}` is chosen"
        way_out = f"give `{kind}=<name>`; known are {known}"
        report.error(Code.MISSING_VALUE, message, span, help=way_out)


def bind_sampler(
    tuner: Part, resolved: Resolved, registry: Registry, report: Report
) -> Part | None:
    """Bind the tuner that chooses assignments for one that leaves it to another."""
    if not (tuner.sound and tuner.provider.has_sampler):
        return None
    options = tuner.selected.options
    wanted = Selection("tuner", options["sampler"], options["sampler_options"])
    part = bind_part(wanted, resolved, registry, report, sampler=True)
    if part and part.provider.uses_budget:
        message = f"`{part}` gives trials budgets, which is what `{tuner}` does itself"
        span = resolved.places.value(part.name_at)
        way_out = "take a tuner that only chooses assignments, such as `random` or `tpe`"
        report.error(Code.WRONG_OPTION, message, span, help=way_out)
        return None
    return part


def _part(
    kind: str, section: Mapping[str, Any], resolved: Resolved, registry: Registry, report: Report
) -> Part | None:
    span = resolved.places.value((kind, "name"))
    name = section.get("name")
    if name is HOLE:
        return None
    if not isinstance(name, str):
        message = f"`{kind}.name` is {name!r}, not the name of a provider"
        report.error(Code.UNKNOWN_PLUGIN, message, span)
        return None
    values = {key: value for key, value in section.items() if key != "name"}
    return bind_part(Selection(kind, name, values), resolved, registry, report)


def bind_part(
    wanted: Selection,
    resolved: Resolved,
    registry: Registry,
    report: Report,
    *,
    sampler: bool = False,
) -> Part | None:
    """Bind what is wanted, with options as they are given, to the provider of that name."""
    provider = _find(wanted, sampler, resolved, registry, report)
    if provider is None:
        return None
    options = {**option_defaults(provider.options), **without_holes(wanted.options)}
    source = registry.distribution(wanted.kind, wanted.name)
    selected = Selection(wanted.kind, wanted.name, options, source)
    part = Part(provider, selected, sound=True, sampler=sampler)
    return replace(part, sound=_options_sound(part, wanted.options, resolved, report))


def _find(
    wanted: Selection,
    sampler: bool,  # noqa: FBT001 - passed on
    resolved: Resolved,
    registry: Registry,
    report: Report,
) -> Provider[Any, Any] | None:
    span = resolved.places.value(("tuner", "sampler") if sampler else (wanted.kind, "name"))
    try:
        return registry.find(wanted.kind, wanted.name)
    except UnknownProvider as unknown:
        message = f"no {wanted.kind} is called `{wanted.name}`"
        report.error(Code.UNKNOWN_PLUGIN, message, span, help=unknown.help)
    except DuplicateProvider as error:
        report.error(Code.DUPLICATE_PLUGIN, error.fact, span, help="uninstall one of them")
    except PluginError as error:
        report.error(Code.BROKEN_PLUGIN, str(error), span)
    return None


def _options_sound(
    part: Part, values: Mapping[str, Any], resolved: Resolved, report: Report
) -> bool:
    """Report faults in options, except where a hole explains them."""
    holes = set(holes_in(values))
    faults = check_options(part.provider.options, without_holes(values))
    for fault in faults:
        path: KeyPath = (*part.options_at, *fault.path)
        if any(hole[: len(fault.path)] == fault.path for hole in holes):
            continue
        if fault.unknown:
            message = f"`{part}` has no option `{dotted(fault.path)}`"
            span = resolved.places.key(path)
            near = fault.help and fault.help.startswith("did you mean")
            way_out = fault.help if near else called_here(str(fault.path[-1])) or fault.help
            report.error(Code.UNKNOWN_OPTION, message, span, help=way_out)
        else:
            span = resolved.places.value(path)
            option = f"`{dotted(fault.path)}`"
            message = fault.message.replace(option, f"{option} of `{part}`", 1)
            report.error(Code.WRONG_OPTION, message, span, help=fault.help)
    return not faults and not holes
