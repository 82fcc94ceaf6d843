"""A multirun: one sweep for each combination of values, one after the other.

Hydra's grammar says what the combinations are. Each is then composed, compiled and run for
itself, so that one which is broken stops no other, and nothing is written but the sweeps.
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
from ..compiler.compose.argument_spans import MultirunOverride, typed
from ..compiler.compose.hydra_compat import BASE
from ..compiler.compose.overrides import read_overrides
from ..registry.registry import Registry
from ..views.output import echo_error
from .error_handling import guarded

INTERRUPTED = (130, 143)


def each(
    overrides: Sequence[str], registry: Registry, work: Callable[[Sequence[str]], int]
) -> int:
    """Work on every combination in turn, and return the worst exit code.

    An interruption ends the multirun as well.
    """
    combinations = expand(overrides, registry)
    worst = 0
    for index, combination in enumerate(combinations, 1):
        echo_error(f"[{index} of {len(combinations)}] {shlex.join(combination)}".rstrip())
        code = guarded(lambda chosen=combination: work(chosen))  # type: ignore[misc]  # bound now
        worst = max(worst, code)
        if code in INTERRUPTED:
            break
    return worst


def expand(overrides: Sequence[str], registry: Registry) -> list[tuple[str, ...]]:
    """List the combinations of overrides.

    Raises
    ------
    CompileError
        When an override cannot be read, or would be multiplied though it was meant as a domain.
    """
    report = Report()
    read_overrides(overrides, report, multirun=True)
    if report.failed:
        raise CompileError(list(report))
    register_groups(registry)
    with initialize_config_dir(str(CONFIG_FOLDER), **BASE):
        return list(product(*_choices(overrides, GlobalHydra.instance().config_loader())))


def _choices(overrides: Sequence[str], loader: ConfigLoader) -> list[list[str]]:
    """List the values of every key; an override replaces an earlier one of its key."""
    parser = OverridesParser.create(config_loader=loader)
    given = parser.parse_overrides(list(overrides))
    recorded = parser.parse_overrides(_recorded(given, loader))
    numbered = [*((0, override) for override in recorded), *enumerate(given, 1)]
    chosen = {override.get_key_element(): _values(override, n) for n, override in numbered}
    return list(chosen.values())


def _recorded(overrides: Sequence[Override], loader: ConfigLoader) -> list[str]:
    """Return what the configuration itself wants varied, ``hydra.sweeper.params``."""
    fixed = [o.input_line for o in overrides if o.input_line and not o.is_sweep_override()]
    try:
        composed = loader.load_configuration(CONFIG_NAME, fixed, RunMode.MULTIRUN)
    except (HydraException, OmegaConfBaseException, YAMLError):
        return []
    params = composed.hydra.sweeper.get("params") or {}
    return [f"{key}={value}" for key, value in params.items()]


def _values(override: Override, number: int) -> list[str]:
    """List the overrides that one argument stands for, each with its place in the argument."""
    line = override.input_line or ""
    argument = typed(line, number)
    # A sweep over an interval has no list of values; it stays as it is, and does not compile.
    if not override.is_sweep_override() or not override.is_discrete_sweep():
        return [MultirunOverride.of(line, argument)]
    key = override.get_key_element()
    values = [f"{key}={value}" for value in override.sweep_string_iterator()]
    return [
        MultirunOverride.of(*pair)
        for pair in zip(values, argument.varied(len(values)), strict=True)
    ]
