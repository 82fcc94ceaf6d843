"""The framework ``keras``: Python code that finds Keras imported already, on some backend."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from sweepwright.contracts import (
    Attempt,
    Finding,
    Framework,
    Job,
    Package,
    Provider,
    Role,
    TrialCode,
)
from sweepwright.hooks import hookimpl

from . import pytorch, tensorflow, tf_config, torchrun
from .lowering import OURS, lower_as_is, with_prologue

PACKAGE = Package("keras", "sweepwright[keras]")


class _Backend(NamedTuple):
    """What Keras needs for one of the libraries that compute for it."""

    package: Package
    preload: tuple[str, ...]
    kind: str
    wire: Callable[[Sequence[Role]], dict[str, tuple[dict[str, str], ...]]]
    check: Callable[[TrialCode], Iterable[Finding]]
    environment: Mapping[str, str] = {}


def _wire_nothing(_roles: Sequence[Role]) -> dict[str, tuple[dict[str, str], ...]]:
    return {}


def _refuse_roles(code: TrialCode) -> Iterable[Finding]:
    if sum(role.replicas for role in code.roles) > 1:
        message = "the processes of a trial do not find one another with `backend=jax`"
        yield Finding(("roles",), message, "give `framework.backend=tensorflow`, or one process")


_BACKENDS = {
    "tensorflow": _Backend(
        tensorflow.PACKAGE,
        ("tensorflow", "keras"),
        kind=tf_config.KIND,
        wire=tf_config.wire,
        check=tf_config.check_roles,
        environment=tensorflow.ENVIRONMENT,
    ),
    "torch": _Backend(
        pytorch.PACKAGE,
        ("torch", "torch._dynamo", "keras"),
        kind=torchrun.KIND,
        wire=torchrun.wire,
        check=torchrun.check_roles,
        environment=pytorch.DETERMINISTIC,
    ),
    "jax": _Backend(
        Package("jax", "jax"),
        ("jax", "keras"),
        kind="JAXJob",
        wire=_wire_nothing,
        check=_refuse_roles,
    ),
}


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
        self._backend = _BACKENDS[options.backend]

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        options, backend = self._options, self._backend
        preload = backend.preload if options.preload is None else options.preload
        job = with_prologue(
            lower_as_is(code, attempt, preload=preload, fork_safe=options.fork_safe),
            "keras",
            deterministic=options.deterministic,
            threads=options.threads,
            environment={**backend.environment, "KERAS_BACKEND": options.backend},
            read_on_import=(*pytorch.READ_ON_IMPORT, *tensorflow.READ_ON_IMPORT, "JAX_"),
        )
        return replace(job, kind=backend.kind, wiring=backend.wire(code.roles))


def _packages(options: KerasOptions) -> list[Package]:
    return [OURS, PACKAGE, _BACKENDS[options.backend].package]


def _check_code(options: KerasOptions, code: TrialCode) -> Iterable[Finding]:
    return _BACKENDS[options.backend].check(code)


@hookimpl
def sweep_frameworks() -> list[Provider[Framework, KerasOptions]]:
    """Offer ``framework=keras``."""
    summary = "Python code with Keras 3 on TensorFlow, PyTorch or JAX, imported once and forked"
    return [
        Provider("keras", KerasOptions, Keras, summary, packages=_packages, check_code=_check_code)
    ]
