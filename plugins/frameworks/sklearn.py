"""The framework ``sklearn``: Python code for which scikit-learn is imported in advance."""

from dataclasses import dataclass

from sweepwright.contracts import Attempt, FrameworkProvider, Job, Package, TrialCode
from sweepwright.hooks import hookimpl

from .lowering import lower_as_is


@dataclass(frozen=True, slots=True)
class SklearnOptions:
    """Options of ``framework=sklearn``."""

    preload: tuple[str, ...] = (
        "numpy",
        "sklearn.datasets",
        "sklearn.model_selection",
        "sklearn.neural_network",
        "sklearn.preprocessing",
    )
    """Installed modules to import once, before trials start, instead of in every trial."""


class Sklearn:
    """Runs Python code in processes that have imported scikit-learn."""

    def __init__(self, options: SklearnOptions) -> None:
        self._options = options

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        return lower_as_is(code, attempt, preload=self._options.preload)


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[SklearnOptions]]:
    """Offer ``framework=sklearn``."""
    summary = "Python code with scikit-learn, imported once and forked"
    return [
        FrameworkProvider(
            "sklearn",
            SklearnOptions,
            Sklearn,
            summary,
            packages=lambda _: [Package("sklearn", "scikit-learn")],
        )
    ]
