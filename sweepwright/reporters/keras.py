"""Reporter for Keras: ``model.fit(..., callbacks=[Report(metric="val_accuracy")])``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import keras

from sweepwright.trial import report_final_result, report_intermediate_result


class Report(keras.callbacks.Callback):
    """Reports the logs of each epoch, and the logs of the last epoch as the trial's result.

    If several processes train together, only the first process reports. ``TF_CONFIG`` or ``RANK``
    shows which process is the first.

    Parameters
    ----------
    metric : str
        The metric to report as ``default``. Every number in the logs is also reported under its
        own name, and so is ``epoch``, which counts from 1.
    final : bool
        Whether to report the last values as the trial's result; if False, the script itself
        must report the result.

    Raises
    ------
    KeyError
        After an epoch whose logs lack the metric. A metric that begins with ``val_`` may be absent
        from epochs without validation; it is an error only if training ends without it.
    """

    def __init__(self, metric: str = "val_accuracy", *, final: bool = True) -> None:
        super().__init__()
        self._metric = metric
        self._final = final
        self._latest: dict[str, float] = {}
        self._trained = False

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:  # noqa: ARG002
        """Forget the values of a previous training."""
        self._latest = {}
        self._trained = False

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """Report the logs of an epoch; skip an epoch that has no validation."""
        self._trained = True
        numbers = _numbers(logs or {})
        if self._metric in numbers:
            self._latest = {**numbers, "default": numbers[self._metric], "epoch": epoch + 1}
            if _is_first():
                report_intermediate_result(self._latest)
        elif not self._metric.startswith("val_") or _validated(numbers):
            raise _missing(self._metric, numbers)

    def on_train_end(self, logs: Mapping[str, Any] | None = None) -> None:
        """Report the logs of the last epoch as the trial's result."""
        if not self._latest and (self._trained or self._final):
            raise _missing(self._metric, _numbers(logs or {}))
        if self._final and _is_first():
            report_final_result(self._latest)


def _is_first() -> bool:
    """Tell whether this process is the chief, or the first worker if there is no chief."""
    config = json.loads(os.environ.get("TF_CONFIG") or "{}")
    if "task" not in config:
        return os.environ.get("RANK", "0") == "0"
    chief = "chief" if "chief" in config.get("cluster", {}) else "worker"
    return config["task"].get("type") == chief and int(config["task"].get("index", 0)) == 0


def _numbers(logs: Mapping[str, Any]) -> dict[str, float]:
    """Select the metrics that are single numbers; omit metrics with one number per class."""
    return {
        name: value
        for name, value in logs.items()
        if isinstance(value, int | float) or getattr(value, "shape", None) == ()
    }


def _validated(numbers: Mapping[str, float]) -> bool:
    return any(name.startswith("val_") for name in numbers)


def _missing(metric: str, numbers: Mapping[str, float]) -> KeyError:
    there = ", ".join(numbers) or "nothing"
    return KeyError(f"no metric is called {metric}; Keras logged {there}")
