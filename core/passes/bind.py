"""Bind: the names of providers become providers, and their options are checked.

Before: ``tuner: {name: asha, etaa: 4}``.
After: a `Part` with the provider ``asha``, or a finding that knows no option ``etaa``.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sweepwright.contracts import PluginError
from sweepwright.diagnostics import Code, Report

from ..called_here import called_here
from ..ir import Selected
from ..options import check_options, option_defaults
from ..registry import KINDS, DuplicateProvider, Registry, UnknownProvider
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
    try:
        provider = registry.find(kind, name)
    except UnknownProvider as unknown:
        message = f"no {kind} is called `{name}`"
        report.error(Code.UNKNOWN_PLUGIN, message, span, help=unknown.help)
        return None
    except DuplicateProvider as error:
        report.error(Code.DUPLICATE_PLUGIN, error.fact, span, help="uninstall one of them")
        return None
    except PluginError as error:
        report.error(Code.BROKEN_PLUGIN, str(error), span)
        return None
    values = {key: value for key, value in section.items() if key != "name"}
    sound = _options_sound(kind, name, provider.options, values, resolved, report)
    options = {**option_defaults(provider.options), **without_holes(values)}
    source = registry.distribution(kind, name)
    return Part(provider, Selected(kind, name, options, source), sound)


def _options_sound(
    kind: str,
    name: str,
    options: type[Any],
    values: Mapping[str, Any],
    resolved: Resolved,
    report: Report,
) -> bool:
    """Report faults in options, except where a hole explains them."""
    holes = set(holes_in(values))
    faults = check_options(options, without_holes(values))
    for fault in faults:
        path: KeyPath = (kind, *fault.path)
        if any(hole[: len(fault.path)] == fault.path for hole in holes):
            continue
        if fault.unknown:
            message = f"`{kind}={name}` has no option `{dotted(fault.path)}`"
            span = resolved.places.key(path)
            near = fault.help and fault.help.startswith("did you mean")
            way_out = fault.help if near else called_here(str(fault.path[-1])) or fault.help
            report.error(Code.UNKNOWN_OPTION, message, span, help=way_out)
        else:
            span = resolved.places.value(path)
            option = f"`{dotted(fault.path)}`"
            message = fault.message.replace(option, f"{option} of `{kind}={name}`", 1)
            report.error(Code.WRONG_OPTION, message, span, help=fault.help)
    return not faults and not holes
