"""The contract of sweepwright: what trials and plugins import.

A trial imports `sweepwright.trial`, or finds its functions here as scripts written for NNI do:
``import sweepwright as nni``. A plugin imports `sweepwright.contracts`, `sweepwright.hooks` and
what those are made of. The application is `sweepwright.core`.
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

TYPE_CHECKING = False  # that of `typing` would take longer to import than all of this

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
        """Import the trial API for the first who wants it."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}", name=name)
        from . import trial  # noqa: PLC0415 - said above

        return getattr(trial, name)
