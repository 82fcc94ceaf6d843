"""Names by which a trial's source knows the trial API, and what lies beneath it."""

from .facts import Path

APIS = frozenset({"sweepwright", "sweepwright.trial", "nni", "nni.trial"})
"""Modules that a trial may have the API from; the names in it are those of NNI."""
NEXT_PARAMETER = "get_next_parameter"
CURRENT_PARAMETER = "get_current_parameter"
REPORTERS = {"report_final_result": True, "report_intermediate_result": False}
"""What reports, and whether finally."""
REPORTERS_PACKAGE = "sweepwright.reporters"
"""Whose modules report for a script, and read nothing of what it receives."""
BUDGETS = frozenset({"TRIAL_BUDGET", "STEPS"})
"""Names under which a trial may look for its budget, whatever a sweep calls it; one is NNI's."""
GET_BUDGET = "get_budget"

TRIAL_VARIABLE = "SWEEPWRIGHT_TRIAL"
REPORTS_VARIABLE = "SWEEPWRIGHT_REPORTS"
RAW: Path = (TRIAL_VARIABLE,)
"""Stands, as a path, for the whole description of the trial, the assignment included."""


def is_reporter(module: str) -> bool:
    """Tell whether a module, or what is taken from one, is a reporter."""
    return module.startswith(f"{REPORTERS_PACKAGE}.")


def api_name(dotted: str) -> str | None:
    """Return which function of the API a dotted name means, None for anything else."""
    module, _, name = dotted.rpartition(".")
    return name if module in APIS else None
