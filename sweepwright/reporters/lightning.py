"""Reporter for Lightning: ``Trainer(callbacks=[Report(monitor="val_accuracy")])``.

It works with ``lightning.pytorch`` and with ``pytorch_lightning``. If both packages are installed,
it works with the package that the script imports before this module.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from sweepwright.trial import report_final_result, report_intermediate_result

if "pytorch_lightning" in sys.modules and "lightning.pytorch" not in sys.modules:
    from pytorch_lightning import Callback
else:
    try:
        from lightning.pytorch import Callback
    except ImportError:
        from pytorch_lightning import Callback


class Report(Callback):
    """Reports the logs of each validation, and those of the last validation as the trial's result.

    If several processes train together, only the first process reports. The sanity check before
    training and validations outside of training are not reported.

    Parameters
    ----------
    monitor : str
        The metric to report as ``default``. Every logged number is also reported under its own
        name, and so are ``step`` and ``epoch``, which counts from 1.
    final : bool
        Whether to report the last values as the trial's result; if False, the script itself
        must report the result.

    Raises
    ------
    KeyError
        After a validation without the metric, or a training without validation.
    """

    def __init__(self, monitor: str = "val_accuracy", *, final: bool = True) -> None:
        super().__init__()
        self._monitor = monitor
        self._final = final
        self._latest: dict[str, float] = {}

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Forget the values of a previous training."""
        self._latest = {}

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Report the logs of a validation."""
        if trainer.state.fn != "fit" or trainer.sanity_checking:
            return
        # Every process must read the metrics, because this may reduce them across processes.
        logged = _numbers(trainer.callback_metrics)
        if self._monitor not in logged:
            raise _missing(self._monitor, logged)
        place = {"epoch": trainer.current_epoch + 1, "step": trainer.global_step}
        self._latest = {**logged, **place, "default": logged[self._monitor]}
        if trainer.is_global_zero:
            report_intermediate_result(self._latest)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Report the logs of the last validation as the trial's result."""
        if not self._latest:
            raise _missing(self._monitor, {})
        if self._final and trainer.is_global_zero:
            report_final_result(self._latest)


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Convert tensors of a single number to numbers, and omit all other metrics."""
    return {name: value.item() for name, value in metrics.items() if value.numel() == 1}


def _missing(monitor: str, logged: Mapping[str, float]) -> KeyError:
    there = ", ".join(logged) or "nothing"
    return KeyError(f"no metric is called {monitor}; after validation Lightning has {there}")
