"""Show how a sweep went or goes."""

import shlex

from ...plan.plan_json import fingerprint
from ...store.catalog import Store
from ...store.history import read_history
from ...views.output import say
from ...views.summary import moment, summary
from ..arguments import Arguments, program, store_path


def main(arguments: Arguments) -> int:
    """Print what was planned and what came of it."""
    history = read_history(Store(store_path(arguments)).find(arguments.sweep))
    plan = history.plan
    say(
        f"{plan.code.name} with {plan.framework.name} on {plan.platform.name}, "
        f"tuned by {plan.tuner.name}, seed {plan.seed}; "
        f"began {moment(history.created)}, plan {fingerprint(plan)}"
    )
    if plan.overrides:
        say(f"composed with {shlex.join(plan.overrides)}")
    say(f"\n{summary(history, program())}")
    return 0
