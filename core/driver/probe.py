"""Probe: look for what a sweep needs of this machine and of others, before anything starts.

When a sweep begins, the compiler has checked everything except the store. A resume runs a plan
that was compiled before, perhaps on another day, so it checks again what may have changed: the
trial's files and variables, its interpreter and packages, the platform's resources, and the store.
The findings have the same codes and words as those of the compiler. This module does not import
the compiler, which takes longer to import than everything that a resume needs.

A platform whose trials run elsewhere looks there by itself (`PlatformProvider.probe`), both when a
sweep begins and when it is resumed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from sweepwright.contracts import (
    Finding,
    FrameworkProvider,
    Package,
    PlatformProvider,
    PluginError,
    ProbeRequest,
    TrialCode,
)
from sweepwright.diagnostics import Code, Diagnostic, Severity, Span, raise_errors

from ..plan.environment import unset_findings
from ..plan.machine_needs import (
    entry_finding,
    folder_finding,
    interpreter_finding,
    resource_findings,
    resource_needs,
    store_finding,
)
from ..plan.plan import Plan, Selection
from ..plan.source_syntax import syntax_findings
from ..registry.options import build_options
from ..registry.registry import Registry, UnknownProvider
from .runtime import attribute_errors


def probe_store(store: Path) -> None:
    """Check that a sweep can be recorded in a store.

    Raises
    ------
    CompileError
        With the finding, if there is one.
    """
    raise_errors(_located(store_finding(store), "store.path"))


def probe(plan: Plan, registry: Registry, folder: Path) -> list[Diagnostic]:
    """Check that the rest of a recorded sweep can run, on this machine and on the platform's.

    Returns
    -------
    list of Diagnostic
        The warnings, such as those about machines that are left out.

    Raises
    ------
    CompileError
        With all findings, if one of them is an error.
    PluginError
        When a plugin is not installed, or fails.
    """
    platform, framework = _providers(plan, registry)
    found = [
        *_located(store_finding(folder), "store.path"),
        *_variable_findings(plan.code),
        *_resource_findings(plan, platform),
        *_trial_findings(plan, platform, framework),
        *_option_findings(plan, platform),
    ]
    raise_errors(found)
    on_machines = probe_platform(plan, registry, folder, resumed=True)
    found += _diagnostics(Code.UNFIT_MACHINE, on_machines)
    raise_errors(found)
    return found


def probe_platform(
    plan: Plan, registry: Registry, folder: Path, *, resumed: bool = False
) -> list[Finding]:
    """Let the platform check its machines, and return its findings.

    Raises
    ------
    PluginError
        When a plugin is not installed, or fails.
    """
    platform, framework = _providers(plan, registry)
    if platform.probe is None:
        return []
    request = ProbeRequest(plan.code, _packages(plan, framework), folder.resolve(), resumed)
    with attribute_errors(plan.platform):
        options = build_options(platform.options, plan.platform.options)
        return list(platform.probe(options, request))


def _providers(
    plan: Plan, registry: Registry
) -> tuple[PlatformProvider[Any], FrameworkProvider[Any]]:
    try:
        return (
            registry.find("platform", plan.platform.name),
            registry.find("framework", plan.framework.name),
        )
    except UnknownProvider as error:
        raise PluginError(str(error)) from error


def _option_findings(plan: Plan, platform: PlatformProvider[Any]) -> list[Diagnostic]:
    if platform.check is None:
        return []
    with attribute_errors(plan.platform):
        options = build_options(platform.options, plan.platform.options)
        found = list(platform.check(options, plan.code))
    return _diagnostics(Code.REFUSED_OPTION, found)


def _diagnostics(code: Code, findings: Iterable[Finding]) -> list[Diagnostic]:
    return [
        Diagnostic(
            code,
            finding.message,
            Span(None, key=".".join(map(str, ("platform", *finding.path)))),
            help=finding.help,
            severity=Severity.WARNING if finding.warning else Severity.ERROR,
        )
        for finding in findings
    ]


def _variable_findings(code: TrialCode) -> Iterator[Diagnostic]:
    roles = {f"trial.roles.{role.name}": role.environment for role in code.roles}
    for place, environment in {"trial": code.environment, **roles}.items():
        for name, text in environment.items():
            key = f"{place}.environment.{name}"
            for found in unset_findings(text, key):
                yield from _located(found, key)


def _resource_findings(plan: Plan, platform: PlatformProvider[Any]) -> Iterator[Diagnostic]:
    if platform.slots is None:
        return
    with attribute_errors(plan.platform):
        available = dict(platform.slots(build_options(platform.options, plan.platform.options)))
    chosen = _override(plan.platform)
    for need, found in resource_findings(resource_needs(plan.code), available, chosen):
        yield from _located(found, f"trial.roles.{need.role}.resources.{need.resource}")


def _trial_findings(
    plan: Plan, platform: PlatformProvider[Any], framework: FrameworkProvider[Any]
) -> Iterator[Diagnostic]:
    """Report what the trial lacks to run, if it runs on this machine: files, packages."""
    if platform.python is None:
        return
    with attribute_errors(plan.platform):
        python = platform.python(build_options(platform.options, plan.platform.options))
    yield from _located(folder_finding(plan.code.folder), "trial.folder")
    for role in plan.code.roles:
        found = entry_finding(role.entry, Path(plan.code.folder))
        only = len(plan.code.roles) == 1
        key = f"entries.{plan.framework.name}" if only else f"roles.{role.name}.entry"
        yield from _located(found, f"trial.{key}")
    yield from syntax_findings(plan.code, python)
    packages = _packages(plan, framework)
    found = interpreter_finding(packages, python, _override(plan.framework))
    yield from _located(found, "platform.python")


def _packages(plan: Plan, framework: FrameworkProvider[Any]) -> Sequence[Package]:
    if framework.packages is None:
        return ()
    with attribute_errors(plan.framework):
        return list(framework.packages(build_options(framework.options, plan.framework.options)))


def _override(selection: Selection) -> str:
    return f"{selection.kind}={selection.name}"


def _located(found: Diagnostic | None, key: str) -> list[Diagnostic]:
    return [replace(found, span=Span(None, key=key))] if found else []
