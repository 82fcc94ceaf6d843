"""The framework ``pytorch``: Python code that finds PyTorch imported already."""

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

from . import torchrun
from .lowering import OURS, lower_as_is, with_prologue

PACKAGE = Package("torch", "sweepwright[torch]")
READ_ON_IMPORT = ("TORCH", "PYTORCH_", "CUDA_", "CUBLAS_", "NVIDIA_", "KMP_", "GOMP_", "MKL_")
DETERMINISTIC = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"}
"""What CUDA's linear algebra wants before it does the same thing twice."""


@dataclass(frozen=True, slots=True)
class PyTorchOptions:
    """Options of ``framework=pytorch``."""

    # Making an optimizer imports the second, which takes as long as the first.
    preload: tuple[str, ...] = ("torch", "torch._dynamo")
    """Installed modules to import once, before trials start, instead of in every trial."""
    fork_safe: bool = True
    """Whether a process that imported them may be forked; one that uses CUDA may not."""
    deterministic: bool = False
    """Whether only algorithms that repeat to the last digit are used, which may be slower."""
    threads: int | None = None
    """Threads of each process; None for its share of the processors."""


class PyTorch:
    """Runs Python code with PyTorch at hand, seeded with the trial's seed."""

    def __init__(self, options: PyTorchOptions) -> None:
        self._options = options

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        options = self._options
        job = with_prologue(
            lower_as_is(code, attempt, preload=options.preload, fork_safe=options.fork_safe),
            "pytorch",
            deterministic=options.deterministic,
            threads=options.threads,
            environment=DETERMINISTIC if options.deterministic else {},
            read_on_import=READ_ON_IMPORT,
        )
        return replace(job, kind=torchrun.KIND, wiring=torchrun.wire(code.roles))


def _packages(_options: PyTorchOptions) -> list[Package]:
    return [OURS, PACKAGE]


def _check_code(_options: PyTorchOptions, code: TrialCode) -> Iterable[Finding]:
    return torchrun.check_roles(code)


@hookimpl
def sweep_frameworks() -> list[Provider[Framework, PyTorchOptions]]:
    """Offer ``framework=pytorch``."""
    summary = "Python code with PyTorch, imported once and forked"
    return [
        Provider(
            "pytorch",
            PyTorchOptions,
            PyTorch,
            summary,
            packages=_packages,
            check_code=_check_code,
        )
    ]
