"""Compile a sweep and run it."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from ..arguments import Arguments, program
from ..compiler import compile_sweep
from ..display import choose_display
from ..faults import print_findings
from ..history import History, read_history
from ..multirun import each
from ..registry import Registry
from ..saying import complain, say
from ..sweeps import Outcome, run_sweep
from ..tables import headline, summary, table
from ..wording import number


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
    say("\n".join(["", *_comparison(ran)]))
    return code


def conclude(outcome: Outcome, *, quiet: bool) -> int:
    """Tell what became of a sweep, and return its exit code."""
    history = read_history(outcome.folder)
    say(headline(history) if quiet else f"\n{summary(history, program())}")
    if outcome.state == "failed":
        complain(f"error: the sweep failed: {outcome.reason}")
    return outcome.exit_code


def _comparison(ran: Sequence[tuple[str, Path]]) -> list[str]:
    histories = [(overrides, read_history(folder)) for overrides, folder in ran]
    rows = [(h.sweep, h.state, _best(h), overrides) for overrides, h in histories]
    return table(("sweep", "state", "best", ""), rows)


def _best(history: History) -> str:
    return number(history.best.value if history.best else None)
