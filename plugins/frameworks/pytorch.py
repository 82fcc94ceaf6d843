"""The framework ``pytorch``: Python code that finds PyTorch imported already."""

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

from . import torchrun
from .library import OURS, Library

LIBRARY = Library(
    prologue="pytorch",
    packages=(OURS, Package("torch", "sweepwright[torch]")),
    # Making an optimizer imports the second, which takes as long as the first.
    preload=("torch", "torch._dynamo"),
    read_on_import=("TORCH", "PYTORCH_", "CUDA_", "CUBLAS_", "NVIDIA_", "KMP_", "GOMP_", "MKL_"),
    kind=torchrun.KIND,
    wire=torchrun.wire,
    check_roles=torchrun.check_roles,
    # CUDA's linear algebra wants it before it does the same thing twice.
    when_deterministic={"CUBLAS_WORKSPACE_CONFIG": ":4096:8"},
)


@dataclass(frozen=True, slots=True)
class PyTorchOptions:
    """Options of ``framework=pytorch``."""

    preload: tuple[str, ...] = LIBRARY.preload
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
        return LIBRARY.lower(code, attempt, self._options)


def _packages(_options: PyTorchOptions) -> Sequence[Package]:
    return LIBRARY.packages


def _check_code(_options: PyTorchOptions, code: TrialCode) -> Iterable[Finding]:
    return LIBRARY.check_roles(code)


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[PyTorchOptions]]:
    """Offer ``framework=pytorch``."""
    summary = "Python code with PyTorch, imported once and forked"
    return [
        FrameworkProvider(
            "pytorch",
            PyTorchOptions,
            PyTorch,
            summary,
            packages=_packages,
            check_code=_check_code,
        )
    ]
