"""The framework ``keras``: Python code for which Keras and its backend are imported in advance."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from sweepwright.contracts import Finding, FrameworkProvider, Package, TrialCode
from sweepwright.hooks import hookimpl

from . import pytorch, tensorflow
from .lowering import PROLOGUE_PACKAGE, Library, library_provider

PACKAGE = Package("keras", "sweepwright[keras]")


def _refuse_several_processes(code: TrialCode) -> Iterable[Finding]:
    if sum(role.replicas for role in code.roles) > 1:
        message = "with `backend=jax` the processes of a trial cannot find one another"
        yield Finding(("roles",), message, "use one process, or `framework.backend=tensorflow`")


JAX = Library(
    prologue="keras",
    packages=(PROLOGUE_PACKAGE, Package("jax", "jax")),
    preload=("jax",),
    read_on_import=("JAX_", "XLA_", "CUDA_", "NVIDIA_"),
    kind="JAXJob",
    rendezvous=lambda _roles: {},
    check_roles=_refuse_several_processes,
)


def _with_keras(backend: str, library: Library) -> Library:
    """Return the library of Keras's backend, extended by what Keras needs."""
    return replace(
        library,
        prologue="keras",
        packages=(*library.packages, PACKAGE),
        preload=(*library.preload, "keras"),
        read_on_import=(*library.read_on_import, "KERAS_"),
        environment={**library.environment, "KERAS_BACKEND": backend},
    )


LIBRARIES: Mapping[str, Library] = {
    "tensorflow": _with_keras("tensorflow", tensorflow.LIBRARY),
    "torch": _with_keras("torch", pytorch.LIBRARY),
    "jax": _with_keras("jax", JAX),
}
"""Mapping from backend to its library, extended by what Keras needs."""


@dataclass(frozen=True, slots=True)
class KerasOptions:
    """Options of ``framework=keras``."""

    backend: Literal["tensorflow", "torch", "jax"] = "tensorflow"
    """Library that Keras uses to compute."""
    preload: tuple[str, ...] | None = None
    """Installed modules to import once, before trials start, instead of in every trial; None
    stands for Keras and its backend."""
    fork_safe: bool = True
    """Whether to fork a process that imported `preload`; set false if these modules compute."""
    deterministic: bool = False
    """Whether to use only algorithms that repeat to the last digit; they may be slower."""
    threads: int | None = None
    """Number of threads of each process; None for the process's share of the processors."""


@hookimpl
def sweep_frameworks() -> list[FrameworkProvider[KerasOptions]]:
    """Offer ``framework=keras``."""
    summary = "Python code with Keras 3 on TensorFlow, PyTorch or JAX, imported once and forked"
    return [
        library_provider(
            "keras", KerasOptions, lambda options: LIBRARIES[options.backend], summary
        )
    ]
