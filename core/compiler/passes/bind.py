"""Bind the provider names in the configuration to providers, and check the providers' options.

Before: ``tuner: {name: asha, etaa: 4}``.
After: a `BoundProvider` of the provider ``asha``, and a finding about the unknown option ``etaa``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sweepwright.contracts import PluginError, Provider
from sweepwright.diagnostics import Code, Report

from ...plan.plan import Selection
from ...registry.options import check_options, option_defaults
from ...registry.registry import KINDS, DuplicateProvider, Registry, UnknownProvider
from ..error_recovery import INVALID, contains_invalid
from ..settings import called_here
from ..spans import KeyPath, dotted
from ..stages import Bound, BoundProvider, BoundTuner, Resolved

OPTIONAL = frozenset({"assessor"})
"""Kinds of providers that a sweep may leave out."""


def bind(resolved: Resolved, registry: Registry, report: Report) -> Bound:
    """Bind the provider that the configuration selects for each kind."""
    return Bound(resolved, dict(_bound_providers(resolved, registry, report)))


def _bound_providers(
    resolved: Resolved, registry: Registry, report: Report
) -> Iterator[tuple[str, BoundProvider[Any]]]:
    for kind in KINDS:
        section = resolved.tree.get(kind)
        if section is None:
            _report_absent(kind, resolved, registry, report)
        elif isinstance(section, Mapping):
            if chosen := _bind_section(kind, section, resolved, registry, report):
                yield kind, chosen
                if kind == "tuner" and (
                    sampler := bind_sampler(chosen, resolved, registry, report)
                ):
                    yield "sampler", sampler
        elif section is not INVALID:
            message = f"`{kind}` is {section!r}, not a mapping with a `name`"
            way_out = f"choose it in a defaults list, or give `{kind}={section}`"
            report.error(Code.WRONG_TYPE, message, resolved.spans.value((kind,)), help=way_out)


def _report_absent(kind: str, resolved: Resolved, registry: Registry, report: Report) -> None:
    if kind not in OPTIONAL:
        known = ", ".join(f"`{name}`" for name in registry.names(kind))
        span = resolved.spans.value((kind,))
        message = f"no `{kind}` is chosen"
        way_out = f"give `{kind}=<name>`; known are {known}"
        report.error(Code.MISSING_VALUE, message, span, help=way_out)


def bind_sampler(
    tuner: BoundTuner, resolved: Resolved, registry: Registry, report: Report
) -> BoundTuner | None:
    """Bind the sampler: the tuner that chooses the assignments for a tuner with budgets."""
    # Unless the options are valid, `sampler` may be missing or no text.
    if not (tuner.options_valid and tuner.provider.has_sampler):
        return None
    options = tuner.selection.options
    wanted = Selection("tuner", options["sampler"], options["sampler_options"])
    chosen = bind_provider(wanted, resolved, registry, report, sampler=True)
    if chosen and chosen.provider.uses_budget:
        message = f"both `{chosen}` and `{tuner}` give trials budgets"
        span = resolved.spans.value(chosen.name_path)
        way_out = "choose a tuner without budgets, such as `random` or `tpe`"
        report.error(Code.WRONG_OPTION, message, span, help=way_out)
        return None
    return chosen


def _bind_section(
    kind: str, section: Mapping[str, Any], resolved: Resolved, registry: Registry, report: Report
) -> BoundProvider[Any] | None:
    span = resolved.spans.value((kind, "name"))
    name = section.get("name")
    if name is INVALID:
        return None
    if not isinstance(name, str):
        message = f"`{kind}.name` is {name!r}, not a name"
        report.error(Code.UNKNOWN_PLUGIN, message, span)
        return None
    values = {key: value for key, value in section.items() if key != "name"}
    return bind_provider(Selection(kind, name, values), resolved, registry, report)


def bind_provider(
    wanted: Selection,
    resolved: Resolved,
    registry: Registry,
    report: Report,
    *,
    sampler: bool = False,
) -> BoundProvider[Any] | None:
    """Bind a selection to the provider that it names, and check the options of the selection.

    The options are given as the user wrote them, without defaults.
    """
    provider = _find(wanted, sampler, resolved, registry, report)
    if provider is None:
        return None
    # The plan records the defaults too, so that a later version with other defaults resumes the
    # same sweep.
    options = {**option_defaults(provider.options), **wanted.options}
    source = registry.distribution(wanted.kind, wanted.name)
    selected = Selection(wanted.kind, wanted.name, options, source)
    # The check of the options needs the name and the paths of the bound provider, so it comes
    # second.
    chosen = BoundProvider(provider, selected, options_valid=True, sampler=sampler)
    return replace(
        chosen, options_valid=_are_options_valid(chosen, wanted.options, resolved, report)
    )


def _find(
    wanted: Selection,
    sampler: bool,  # noqa: FBT001 - passed on
    resolved: Resolved,
    registry: Registry,
    report: Report,
) -> Provider | None:
    span = resolved.spans.value(("tuner", "sampler") if sampler else (wanted.kind, "name"))
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


def _are_options_valid(
    chosen: BoundProvider[Any], values: Mapping[str, Any], resolved: Resolved, report: Report
) -> bool:
    """Report the faults in options; tell whether all options are valid."""
    faults = check_options(chosen.provider.options, values)
    for fault in faults:
        path: KeyPath = (*chosen.options_path, *fault.path)
        if fault.unknown:
            message = f"`{chosen}` has no option `{dotted(fault.path)}`"
            span = resolved.spans.key(path)
            # A misspelling is likelier than an option of another system, so it is suggested first.
            translated = None if fault.is_near else called_here(str(fault.path[-1]))
            way_out = translated or fault.help
            report.error(Code.UNKNOWN_OPTION, message, span, help=way_out)
        else:
            span = resolved.spans.value(path)
            option = f"`{dotted(fault.path)}`"
            # "`eta` is 1.5" becomes "`eta` of `tuner=asha` is 1.5".
            message = fault.message.replace(option, f"{option} of `{chosen}`", 1)
            report.error(Code.WRONG_OPTION, message, span, help=fault.help)
    return not faults and not contains_invalid(values)
