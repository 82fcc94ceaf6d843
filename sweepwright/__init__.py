"""The contract of sweepwright: what trials and plugins import.

A trial imports `sweepwright.trial`, or this package, which has the same functions: scripts written
for NNI only change their import to ``import sweepwright as nni``. A plugin imports
`sweepwright.contracts`, `sweepwright.hooks` and the modules behind them. The application is
`sweepwright.core`.
"""

__version__ = "0.1.0"

__all__ = [
    "checkpoint_dir",
    "get_current_parameter",
    "get_experiment_id",
    "get_next_parameter",
    "get_sequence_id",
    "get_trial_id",
    "inherited_dir",
    "report_final_result",
    "report_intermediate_result",
    "tensorboard_dir",
]

TYPE_CHECKING = False  # importing `typing` would take longer than importing this module

if TYPE_CHECKING:
    from .trial import (
        checkpoint_dir,
        get_current_parameter,
        get_experiment_id,
        get_next_parameter,
        get_sequence_id,
        get_trial_id,
        inherited_dir,
        report_final_result,
        report_intermediate_result,
        tensorboard_dir,
    )
else:

    def __getattr__(name: str) -> object:
        """Import the trial API at its first use, so that plugins need not."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from . import trial  # noqa: PLC0415 - at its first use

        return getattr(trial, name)
