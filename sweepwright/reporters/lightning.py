"""Report the logs of Lightning: ``Trainer(callbacks=[Report(monitor="val_accuracy")])``.

Works with ``lightning.pytorch`` and ``pytorch_lightning``: with the one that is installed, or, if
both are, with the one that was imported before.
"""

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
    """Reports the logs after each validation, and those after the last as the trial's result.

    Of several processes only the first reports. The sanity check before training and validations
    outside of training are not reported.

    Parameters
    ----------
    monitor : str
        The metric to report as ``default``. Every logged number is reported too, under its own
        name, with ``epoch``, which counts from 1, and ``step``.
    final : bool
        Whether to report the last values as the trial's result; with False, the script does so.

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
        """Forget the values of an earlier training."""
        self._latest = {}

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Report a validation."""
        if trainer.state.fn != "fit" or trainer.sanity_checking:
            return
        # In all processes: reading the metrics may reduce them across processes.
        logged = _numbers(trainer.callback_metrics)
        if self._monitor not in logged:
            raise _missing(self._monitor, logged)
        place = {"epoch": trainer.current_epoch + 1, "step": trainer.global_step}
        self._latest = {**logged, **place, "default": logged[self._monitor]}
        if trainer.is_global_zero:
            report_intermediate_result(self._latest)

    def on_fit_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Report the result."""
        if not self._latest:
            raise _missing(self._monitor, {})
        if self._final and trainer.is_global_zero:
            report_final_result(self._latest)


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    """Convert tensors of a single number to numbers, and leave out others."""
    return {name: value.item() for name, value in metrics.items() if value.numel() == 1}


def _missing(monitor: str, logged: Mapping[str, float]) -> KeyError:
    there = ", ".join(logged) or "nothing"
    return KeyError(f"no metric is called {monitor}; after validation Lightning has {there}")
