"""Reporter for your own training loop in PyTorch, in one process or in several processes.

Only the first process reports, so a loop calls these functions without testing its rank.
"""

from __future__ import annotations

import os
from typing import Any

from torch import distributed

from sweepwright.trial import report_final_result, report_intermediate_result


def report(metric: Any, /, **others: Any) -> None:
    """Report the current value of the metric, for example once an epoch.

    Parameters
    ----------
    metric : number or tensor
        The metric to optimise, reported as ``default``: a number, or a tensor of a single
        number, on any device, with a gradient or without.
    **others : number or tensor
        Further metrics by name, such as ``loss=loss, epoch=epoch``.

    Raises
    ------
    TypeError
        If a metric is not a single number.
    """
    if _is_first():
        report_intermediate_result(dict(default=metric, **others))


def report_final(metric: Any, /, **others: Any) -> None:
    """Report the trial's result, once; the parameters are the same as those of `report`."""
    if _is_first():
        report_final_result(dict(default=metric, **others))


def _is_first() -> bool:
    """Tell whether this process is the first or the only process of the trial."""
    if distributed.is_available() and distributed.is_initialized():
        return bool(distributed.get_rank() == 0)
    return os.environ.get("RANK", "0") == "0"
