"""Go on with a sweep where its journal ends."""

from collections.abc import Sequence
from pathlib import Path

from ...driver.sweep import resume_sweep
from ...plan.plan import Limits, Plan, Selection
from ...registry.registry import Registry
from ...store.catalog import Store
from ...store.history import current_plan, read_history
from ...store.journal import JournalReader
from ...views.display import choose_display
from ...views.output import echo_error
from ...views.summary import COMPLETED_SWEEP_STATES, resume_command
from ..arguments import Arguments, program, store_path
from ..conclude import conclude


def main(arguments: Arguments) -> int:
    """Resume a sweep under the limits it was recorded with, or changed ones."""
    folder = Store(store_path(arguments)).find(arguments.sweep)
    changes = [o for o in arguments.overrides if not o.startswith("store.path=")]
    registry = Registry.load()
    limits, platform = _changed(changes, folder, registry) if changes else (None, None)
    with choose_display(quiet=arguments.quiet) as display:
        outcome = resume_sweep(folder, limits, platform, registry, display)
    code = conclude(outcome, quiet=arguments.quiet)
    if outcome.state in COMPLETED_SWEEP_STATES and not outcome.launched:
        said = resume_command(read_history(folder), program())
        echo_error(f"nothing was left to do; for more trials: {said}")
    return code


def _changed(
    overrides: Sequence[str], folder: Path, registry: Registry
) -> tuple[Limits, Selection]:
    # Overrides need Hydra's parser and the settings of the compiler, which take longer to
    # import than all that a resume without overrides imports.
    from ..resume_overrides import read_changes  # noqa: PLC0415 - said above

    return read_changes(overrides, _plan(folder), registry)


def _plan(folder: Path) -> Plan:
    reader = JournalReader(folder)
    try:
        return current_plan(reader)
    finally:
        reader.close()
