"""Checks: whether the sections of a sweep fit together, although each section is valid by itself.

**Definition.** A check is a function ``check_…(assembled, report)`` that adds findings to the
report and has no other effect. `CHECKS` lists all checks. The order of the checks does not matter,
since a report sorts its findings by position.

**Preconditions.** Earlier passes have reported every value that is invalid by itself. A check must
not add a second finding for the same mistake. Therefore a check first tests whether the values
that it needs are valid:

- `assembled.bound.tuner` is None if no tuner is selected or the selected tuner was not found.
  `assembled.bound.tuner.options_valid` tells whether the tuner's functions may be called. The same
  holds for the other kinds of providers.
- `spaced.complete` tells whether all parameters of the space are valid.
- `resolved.is_valid("max_trials")` tells whether the setting is valid. If the user's value is
  invalid, a default replaces the value. `resolved.budget_valid` tells the same about the budget.
- `assembled.code` is None if the trial is invalid. `assembled.sources[role]` is None if nothing is
  known about the source of a role. Otherwise the facts about the source are certain (see
  `trial_analysis`).

A check calls functions of a provider only through `passes.provider_calls`.

**How to add a check.** Add a code to `sweepwright/diagnostics.py` (and to `WARNINGS` there, if the
finding can be a warning). Add the function to the module of its subject, and its name to `CHECKS`.
Add a case to ``tests/core/compiler/findings/`` and a page ``docs/diagnostics/<code>.md``.
"""

from collections.abc import Callable

from sweepwright.diagnostics import Report

from ..stages import Assembled
from .budget import check_budget
from .exposed_secrets import check_exposed_secrets
from .framework import check_packages, check_roles
from .options import check_assessor, check_deprecated_options
from .parameters import check_reads, check_structure, check_unread
from .platform import check_capabilities, check_platform, check_resources
from .reports import check_objective, check_reports
from .store import check_store
from .syntax import check_syntax
from .tuner import check_sampler, check_tuner

CHECKS: tuple[Callable[[Assembled, Report], None], ...] = (
    check_deprecated_options,
    check_tuner,
    check_sampler,
    check_assessor,
    check_platform,
    check_capabilities,
    check_resources,
    check_exposed_secrets,
    check_roles,
    check_packages,
    check_syntax,
    check_structure,
    check_budget,
    check_reads,
    check_unread,
    check_reports,
    check_objective,
    check_store,
)


def check(assembled: Assembled, report: Report) -> None:
    """Run all checks."""
    for run in CHECKS:
        run(assembled, report)
