"""Report what Lightning logs: ``Trainer(callbacks=[Report(monitor="val_accuracy")])``.

It is for ``lightning.pytorch`` and for ``pytorch_lightning``: for the one that is installed, or
of both for the one that was imported before.
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
    """Reports what was logged after each validation, and after the last as the trial's result.

    Of several processes the first reports. The check of validation that comes before training
    is not reported, nor what is validated by itself.

    Parameters
    ----------
    monitor : str
        What is reported as ``default``; every number that was logged goes beside it under its
        own name, with ``epoch``, counted from 1, and ``step``.
    final : bool
        Whether the end of training is the trial's result; False for who reports that himself.

    Raises
    ------
    KeyError
        After a validation without what is monitored, or a training without validation.
    """

    def __init__(self, monitor: str = "val_accuracy", *, final: bool = True) -> None:
        super().__init__()
        self._monitor = monitor
        self._final = final
        self._latest: dict[str, float] = {}

    def on_fit_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Forget what an earlier training came to."""
        self._latest = {}

    def on_validation_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
        """Report a validation."""
        if trainer.state.fn != "fit" or trainer.sanity_checking:
            return
        # By all processes, since those metrics may have yet to be reduced among them.
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
    """Take the numbers out of the tensors that hold a single one."""
    return {name: value.item() for name, value in metrics.items() if value.numel() == 1}


def _missing(monitor: str, logged: Mapping[str, float]) -> KeyError:
    there = ", ".join(logged) or "nothing"
    return KeyError(f"no metric is called {monitor}; after validation Lightning has {there}")
