"""Summarise a sweep, whether it is still running or not."""

import shlex

from ...plan.plan_json import fingerprint
from ...store.catalog import Store
from ...store.history import read_history
from ...views.formatting import format_time
from ...views.output import echo
from ...views.summary import describe_sweep
from ..arguments import Arguments, invocation, store_path


def main(arguments: Arguments) -> int:
    """Print the main settings of the sweep, and then its results."""
    history = read_history(Store(store_path(arguments)).find(arguments.sweep))
    plan = history.plan
    echo(
        f"{plan.code.name} with {plan.framework.name} on {plan.platform.name}, "
        f"tuned by {plan.tuner.name}, seed {plan.seed}; "
        f"began {format_time(history.created)}, plan {fingerprint(plan)}"
    )
    if plan.overrides:
        echo(f"composed with {shlex.join(plan.overrides)}")
    echo(f"\n{describe_sweep(history, invocation())}")
    return 0
