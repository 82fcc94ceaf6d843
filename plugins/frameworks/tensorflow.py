"""The framework ``tensorflow``: Python code that finds TensorFlow imported already."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sweepwright.contracts import (
    Attempt,
    Finding,
    Framework,
    Job,
    Package,
    Provider,
    TrialCode,
)
from sweepwright.hooks import hookimpl

from . import tf_config
from .lowering import OURS, lower_as_is, with_prologue

PACKAGE = Package("tensorflow", "sweepwright[tensorflow]")
READ_ON_IMPORT = ("TF_", "XLA_", "CUDA_", "NVIDIA_", "KERAS_", "GRPC_", "ABSL_")
ENVIRONMENT = {"TF_FORCE_GPU_ALLOW_GROWTH": "true"}
"""A trial takes as much of a GPU as it needs, rather than all there is."""


@dataclass(frozen=True, slots=True)
class TensorFlowOptions:
    """Options of ``framework=tensorflow``."""

    preload: tuple[str, ...] = ("tensorflow",)
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
        options = self._options
        job = with_prologue(
            lower_as_is(code, attempt, preload=options.preload, fork_safe=options.fork_safe),
            "tensorflow",
            deterministic=options.deterministic,
            threads=options.threads,
            environment=ENVIRONMENT,
            read_on_import=READ_ON_IMPORT,
        )
        return replace(job, kind=tf_config.KIND, wiring=tf_config.wire(code.roles))


def _packages(_options: TensorFlowOptions) -> list[Package]:
    return [OURS, PACKAGE]


def _check_code(_options: TensorFlowOptions, code: TrialCode) -> Iterable[Finding]:
    return tf_config.check_roles(code)


@hookimpl
def sweep_frameworks() -> list[Provider[Framework, TensorFlowOptions]]:
    """Offer ``framework=tensorflow``."""
    summary = "Python code with TensorFlow, imported once and forked"
    return [
        Provider(
            "tensorflow",
            TensorFlowOptions,
            TensorFlow,
            summary,
            packages=_packages,
            check_code=_check_code,
        )
    ]
