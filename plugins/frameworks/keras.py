"""The framework ``keras``: Python code that finds Keras imported already, on some backend."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from sweepwright.contracts import (
    Attempt,
    Finding,
    FrameworkProvider,
    Job,
    Package,
    Role,
    TrialCode,
)
from sweepwright.hooks import hookimpl

from . import pytorch, tensorflow
from .library import OURS, Library, Wiring

PACKAGE = Package("keras", "sweepwright[keras]")


def _wire_nothing(_roles: Sequence[Role]) -> Wiring:
    return {}


def _refuse_roles(code: TrialCode) -> Iterable[Finding]:
    if sum(role.replicas for role in code.roles) > 1:
        message = "the processes of a trial do not find one another with `backend=jax`"
        yield Finding(("roles",), message, "give `framework.backend=tensorflow`, or one process")


JAX = Library(
    prologue="keras",
    packages=(OURS, Package("jax", "jax")),
    preload=("jax",),
    read_on_import=("JAX_", "XLA_", "CUDA_", "NVIDIA_"),
    kind="JAXJob",
    wire=_wire_nothing,
    check_roles=_refuse_roles,
)


def _on(backend: str, library: Library) -> Library:
    """Put Keras on the library that computes for it."""
    return replace(
        library,
        prologue="keras",
        packages=(*library.packages, PACKAGE),
        preload=(*library.preload, "keras"),
        read_on_import=(*library.read_on_import, "KERAS_"),
        environment={**library.environment, "KERAS_BACKEND": backend},
    )


LIBRARIES: Mapping[str, Library] = {
    "tensorflow": _on("tensorflow", tensorflow.LIBRARY),
    "torch": _on("torch", pytorch.LIBRARY),
    "jax": _on("jax", JAX),
}
"""By backend."""


@dataclass(frozen=True, slots=True)
class KerasOptions:
    """Options of ``framework=keras``."""

    backend: Literal["tensorflow", "torch", "jax"] = "tensorflow"
    """The library that computes."""
    preload: tuple[str, ...] | None = None
    """Installed modules to import once, before trials start, instead of in every trial; None
    for Keras and its backend."""
    fork_safe: bool = True
    """Whether a process that imported them may be forked; one that has computed may not."""
    deterministic: bool = False
    """Whether only algorithms that repeat to the last digit are used, which may be slower."""
    threads: int | None = None
    """Threads of each process; None for its share of the processors."""


class Keras:
    """Runs Python code with Keras at hand, seeded with the trial's seed."""

    def __init__(self, options: KerasOptions) -> None:
        self._options = options

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        return LIBRARIES[self._options.backend].lower(code, attempt, self._options)


def _packages(options: KerasOptions) -> Sequence[Package]:
    return LIBRARIES[options.backend].packages


def _check_code(options: KerasOptions, code: TrialCode) -> Iterable[Finding]:
    return LIBRARIES[options.backend].check_roles(code)


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[KerasOptions]]:
    """Offer ``framework=keras``."""
    summary = "Python code with Keras 3 on TensorFlow, PyTorch or JAX, imported once and forked"
    return [
        FrameworkProvider(
            "keras", KerasOptions, Keras, summary, packages=_packages, check_code=_check_code
        )
    ]
