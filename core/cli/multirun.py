"""Multirun: run one sweep for each combination of values, one after the other.

Hydra's grammar defines the combinations, but Hydra does not run them: its sweeper would write its
own folders, and would stop at the first combination that does not compose. This module composes,
compiles and runs each combination separately, so that an error in one does not stop the others.
"""

import shlex
from collections.abc import Callable, Sequence
from itertools import product

from hydra import initialize_config_dir
from hydra.core.config_loader import ConfigLoader
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf.errors import OmegaConfBaseException
from yaml import YAMLError

from sweepwright.diagnostics import CompileError, Report

from ..compiler.compose import CONFIG_FOLDER, CONFIG_NAME, register_groups
from ..compiler.compose.argument_spans import MultirunOverride, argument_span
from ..compiler.compose.hydra_compat import VERSION_BASE
from ..compiler.compose.overrides import read_overrides
from ..plan.redaction import mask_override
from ..registry.registry import Registry
from ..views.output import echo_error
from .arguments import Arguments
from .error_handling import run_reporting_errors

INTERRUPTED = (130, 143)
"""Exit codes of an interrupted sweep and of a terminated sweep."""


def run_each(
    arguments: Arguments, registry: Registry, run_one: Callable[[Sequence[str]], int]
) -> int:
    """Run one sweep, or one sweep per combination with ``-m``; return the highest exit code."""
    if not arguments.has("--multirun"):
        return run_one(arguments.overrides)
    return run_combinations(expand(arguments.overrides, registry), run_one)


def run_combinations(
    combinations: Sequence[Sequence[str]], run_one: Callable[[Sequence[str]], int]
) -> int:
    """Run the combinations in turn until one is interrupted; return the highest exit code."""
    highest = 0
    for number, combination in enumerate(combinations, 1):
        shown = shlex.join(map(mask_override, combination))
        echo_error(f"[{number} of {len(combinations)}] {shown}".rstrip())
        code = run_reporting_errors(lambda overrides=combination: run_one(overrides))  # type: ignore[misc]  # bound now
        highest = max(highest, code)
        if code in INTERRUPTED:
            break
    return highest


def expand(overrides: Sequence[str], registry: Registry) -> list[tuple[str, ...]]:
    """List the combinations of overrides; the value of the last key varies fastest.

    Raises
    ------
    CompileError
        If an override cannot be parsed, or is an unquoted domain such as
        ``space.hidden=choice(1,2)``, for which Hydra would run two sweeps.
    """
    report = Report()
    read_overrides(overrides, report, multirun=True)
    if report.failed:
        raise CompileError(list(report))
    register_groups(registry)
    with initialize_config_dir(str(CONFIG_FOLDER), **VERSION_BASE):
        return list(product(*_choices(overrides, GlobalHydra.instance().config_loader())))


def _choices(overrides: Sequence[str], loader: ConfigLoader) -> list[list[str]]:
    """List the alternative overrides of each key; a later argument replaces an earlier one."""
    parser = OverridesParser.create(config_loader=loader)
    given = parser.parse_overrides(list(overrides))
    configured = parser.parse_overrides(_configured(given, loader))
    # Overrides from the command line have their position as number; all other overrides have 0.
    numbered = [*((0, override) for override in configured), *enumerate(given, 1)]
    choices = {override.get_key_element(): _values(override, n) for n, override in numbered}
    return list(choices.values())


def _configured(overrides: Sequence[Override], loader: ConfigLoader) -> list[str]:
    """Return the overrides in `hydra.sweeper.params`, over which the configuration sweeps."""
    fixed = [o.input_line for o in overrides if o.input_line and not o.is_sweep_override()]
    try:
        composed = loader.load_configuration(CONFIG_NAME, fixed, RunMode.MULTIRUN)
    except (HydraException, OmegaConfBaseException, YAMLError):
        # Each combination is composed again later, and that composition reports the error.
        return []
    params = composed.hydra.sweeper.get("params") or {}
    return [f"{key}={value}" for key, value in params.items()]


def _values(override: Override, number: int) -> list[str]:
    """Split an override into overrides with single values, each with its source position."""
    line = override.input_line or ""
    argument = argument_span(line, number)
    # An interval has no list of values. It is passed on unchanged, and compiling it reports it.
    if not override.is_sweep_override() or not override.is_discrete_sweep():
        return [MultirunOverride.of(line, argument)]
    key = override.get_key_element()
    values = [f"{key}={value}" for value in override.sweep_string_iterator()]
    return [
        MultirunOverride.of(*pair)
        for pair in zip(values, argument.alternatives(len(values)), strict=True)
    ]
