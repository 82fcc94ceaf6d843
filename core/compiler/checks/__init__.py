"""Checks: whether sections of a sweep that are valid by themselves fit together.

**What a check is.** A function ``check_…(assembled, report)`` that adds findings and changes
nothing. `CHECKS` lists them. Their order is free, since a report sorts findings by place; only
what a check reports may depend on the report so far.

**What a check may rely on.** Earlier passes have reported whatever is invalid by itself, and a
check must not add a second finding for the same mistake. So it looks before it judges:

- `assembled.bound` has None for a provider that is not selected or was not found; its
  `options_valid` tells whether its functions may be called.
- `spaced.complete` tells whether the space has all of its parameters.
- `resolved.is_valid("max_trials")` tells whether a setting is the user's own, and not the default
  that stands in for an invalid one. `resolved.budget_valid` says the same of the budget.
- `assembled.code` is None if the trial is invalid. `assembled.sources` has None for a source of
  which nothing is known; what its facts say is certain (see `trial_analysis`).

Functions of a provider are called through `passes.provider_calls` alone.

**How to add one.** Add a code to `sweepwright/diagnostics.py` (and to `WARNINGS` there, if it can
be a warning), the function in the module of its subject, its name in `CHECKS`, a case in
``tests/core/compiler/findings/`` and a page ``docs/diagnostics/<code>.md``.
"""

from collections.abc import Callable

from sweepwright.diagnostics import Report

from ..stages import Assembled
from .budget import check_budget
from .framework import check_packages, check_roles
from .options import check_assessor, check_deprecated_options
from .parameters import check_reads, check_structure, check_unread
from .platform import check_capabilities, check_resources
from .reports import check_objective, check_reports
from .tuner import check_sampler, check_tuner

CHECKS: tuple[Callable[[Assembled, Report], None], ...] = (
    check_deprecated_options,
    check_tuner,
    check_sampler,
    check_assessor,
    check_capabilities,
    check_resources,
    check_roles,
    check_packages,
    check_structure,
    check_budget,
    check_reads,
    check_unread,
    check_reports,
    check_objective,
)


def check(assembled: Assembled, report: Report) -> None:
    """Run every check."""
    for run in CHECKS:
        run(assembled, report)
