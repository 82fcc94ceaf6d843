"""Report from a training loop in PyTorch, of however many processes.

The first process reports for all, so that a loop need not ask which of them it is in.
"""

import os
from typing import Any

from torch import distributed

from sweepwright.trial import report_final_result, report_intermediate_result


def report(metric: Any, /, **others: Any) -> None:
    """Report how the metric stands, once an epoch for instance.

    Parameters
    ----------
    metric : number or tensor
        What is optimised, reported as ``default``: a number, or a tensor that holds a single
        one, on any device and with a gradient or without.
    **others : number or tensor
        Further metrics by name, such as ``loss=loss, epoch=epoch``.

    Raises
    ------
    TypeError
        When a metric is no single number.
    """
    if _is_first():
        report_intermediate_result(dict(default=metric, **others))


def report_final(metric: Any, /, **others: Any) -> None:
    """Report the trial's result, once; see `report` for what it may be."""
    if _is_first():
        report_final_result(dict(default=metric, **others))


def _is_first() -> bool:
    """Tell whether this is the first process of all, or the only one."""
    if distributed.is_available() and distributed.is_initialized():
        return bool(distributed.get_rank() == 0)
    return os.environ.get("RANK", "0") == "0"
