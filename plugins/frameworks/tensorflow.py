"""The framework ``tensorflow``: Python code that finds TensorFlow imported already."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sweepwright.contracts import (
    Attempt,
    Finding,
    FrameworkProvider,
    Job,
    Package,
    TrialCode,
)
from sweepwright.hooks import hookimpl

from . import tf_config
from .library import OURS, Library

LIBRARY = Library(
    prologue="tensorflow",
    packages=(OURS, Package("tensorflow", "sweepwright[tensorflow]")),
    preload=("tensorflow",),
    read_on_import=("TF_", "XLA_", "CUDA_", "NVIDIA_", "KERAS_", "GRPC_", "ABSL_"),
    kind=tf_config.KIND,
    wire=tf_config.wire,
    check_roles=tf_config.check_roles,
    # A trial takes as much of a GPU as it needs, rather than all there is.
    environment={"TF_FORCE_GPU_ALLOW_GROWTH": "true"},
)


@dataclass(frozen=True, slots=True)
class TensorFlowOptions:
    """Options of ``framework=tensorflow``."""

    preload: tuple[str, ...] = LIBRARY.preload
    """Installed modules to import once, before trials start, instead of in every trial."""
    fork_safe: bool = True
    """Whether a process that imported them may be forked; one that has computed may not."""
    deterministic: bool = False
    """Whether only algorithms that repeat to the last digit are used, which may be slower."""
    threads: int | None = None
    """Threads of each process; None for its share of the processors."""


class TensorFlow:
    """Runs Python code with TensorFlow at hand, seeded with the trial's seed."""

    def __init__(self, options: TensorFlowOptions) -> None:
        self._options = options

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        return LIBRARY.lower(code, attempt, self._options)


def _packages(_options: TensorFlowOptions) -> Sequence[Package]:
    return LIBRARY.packages


def _check_code(_options: TensorFlowOptions, code: TrialCode) -> Iterable[Finding]:
    return LIBRARY.check_roles(code)


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[TensorFlowOptions]]:
    """Offer ``framework=tensorflow``."""
    summary = "Python code with TensorFlow, imported once and forked"
    return [
        FrameworkProvider(
            "tensorflow",
            TensorFlowOptions,
            TensorFlow,
            summary,
            packages=_packages,
            check_code=_check_code,
        )
    ]
