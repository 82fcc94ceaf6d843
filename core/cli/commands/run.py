"""Compile a sweep and run it."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from ...compiler.compiler import compile_sweep
from ...driver.sweep import run_sweep
from ...registry.registry import Registry
from ...store.history import History, read_history
from ...views.display import choose_display
from ...views.formatting import format_number, format_table
from ...views.output import echo
from ..arguments import Arguments
from ..conclude import conclude
from ..error_handling import print_findings
from ..multirun import each


def main(arguments: Arguments) -> int:
    """Run one sweep, or with ``-m`` one for each combination."""
    registry = Registry.load()
    ran: list[tuple[str, Path]] = []

    def work(overrides: Sequence[str]) -> int:
        compiled = compile_sweep(overrides, registry)
        print_findings(compiled.warnings)
        with choose_display(quiet=arguments.quiet) as display:
            outcome = run_sweep(compiled.plan, registry, display)
        ran.append((shlex.join(overrides), outcome.folder))
        return conclude(outcome, quiet=arguments.quiet)

    if not arguments.multirun:
        return work(arguments.overrides)
    code = each(arguments.overrides, registry, work)
    echo("\n".join(["", *_comparison(ran)]))
    return code


def _comparison(ran: Sequence[tuple[str, Path]]) -> list[str]:
    histories = [(overrides, read_history(folder)) for overrides, folder in ran]
    rows = [(h.sweep, h.state, _best(h), overrides) for overrides, h in histories]
    return format_table(("sweep", "state", "best", ""), rows)


def _best(history: History) -> str:
    return format_number(history.best.value if history.best else None)
