"""Summarise a sweep, whether it is still running or not."""

import shlex

from ...plan.plan_json import fingerprint
from ...store.leftovers import DeadDrivers
from ...views.formatting import format_time
from ...views.output import echo
from ...views.summary import describe_sweep
from ..arguments import Arguments, invocation
from ..beliefs import find_belief
from ..recorded_sweep import note_leftovers, read_sweep


def main(arguments: Arguments) -> int:
    """Print the main settings of the sweep, and then its results."""
    history = read_sweep(arguments)
    note_leftovers([DeadDrivers.of(history)])
    plan = history.plan
    echo(
        f"{plan.code.name} with {plan.framework.name} on {plan.platform.name}, "
        f"tuned by {plan.tuner.name}, seed {plan.seed}; "
        f"began {format_time(history.created)}, plan {fingerprint(plan)}"
    )
    if plan.overrides:
        echo(f"composed with {shlex.join(plan.overrides)}")
    echo(f"\n{describe_sweep(history, invocation(), find_belief(history))}")
    return 0
