"""Reporter for the trainer of Hugging Face: ``Trainer(callbacks=[Report()], …)``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from transformers import TrainerCallback

from sweepwright.trial import report_final_result, report_intermediate_result


class Report(TrainerCallback):
    """Reports each evaluation during training, and the last evaluation as the trial's result.

    If several processes train together, only the first process reports. Evaluations before or
    after training are not reported.

    Parameters
    ----------
    metric : str
        The metric to report as ``default``. Every number of the evaluation is also reported under
        its own name, and so are ``step`` and ``epoch``, which may be a fraction.
    final : bool
        Whether to report the last values as the trial's result; if False, the script itself
        must report the result.

    Raises
    ------
    KeyError
        If training continues or ends after an evaluation that lacks the metric. If the trainer
        evaluates several data sets in turn, only one of them must have the metric.
    """

    def __init__(self, metric: str = "eval_accuracy", *, final: bool = True) -> None:
        self._metric = metric
        self._final = final
        self._training = False
        self._evaluated: dict[str, float] = {}
        self._latest: dict[str, float] = {}

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        """Forget the values of a previous training."""
        self._training, self._evaluated, self._latest = True, {}, {}

    def on_evaluate(
        self,
        args: Any,  # noqa: ARG002
        state: Any,
        control: Any,  # noqa: ARG002
        metrics: Mapping[str, Any],
        **_: Any,
    ) -> None:
        """Report an evaluation; skip a data set that lacks the metric."""
        if not self._training:
            return
        self._evaluated |= _numbers(metrics)
        if self._metric in metrics:
            place = {"epoch": state.epoch, "step": state.global_step}
            self._latest = {**self._evaluated, **place, "default": self._evaluated[self._metric]}
            if state.is_world_process_zero:
                report_intermediate_result(self._latest)

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        """Raise if no evaluated data set had the metric, before training continues."""
        if self._evaluated and self._metric not in self._evaluated:
            raise _missing(self._metric, self._evaluated)
        self._evaluated = {}

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
        """Report the last evaluation as the trial's result."""
        self._training = False
        if not self._latest:
            raise _missing(self._metric, self._evaluated)
        if self._final and state.is_world_process_zero:
            report_final_result(self._latest)


def _numbers(metrics: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in metrics.items() if isinstance(value, int | float)}


def _missing(metric: str, evaluated: Mapping[str, float]) -> KeyError:
    there = ", ".join(evaluated) or "nothing"
    return KeyError(f"no metric is called {metric}; the trainer evaluated {there}")
