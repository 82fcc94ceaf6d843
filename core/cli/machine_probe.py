"""Probe the machines of a compiled sweep, and convert the platform's findings to diagnostics."""

from pathlib import Path

from sweepwright.diagnostics import Diagnostic

from ..compiler.compiler import Compiled
from ..driver.probe import probe_platform
from ..registry.registry import Registry


def probe_machines(compiled: Compiled, registry: Registry) -> list[Diagnostic]:
    """Let the platform check its machines; return its findings, which may be errors.

    Raises
    ------
    PluginError
        When the platform fails.
    """
    plan = compiled.plan
    return compiled.diagnose(probe_platform(plan, registry, Path(plan.store)))
