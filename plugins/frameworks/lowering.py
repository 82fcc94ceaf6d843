"""Lowering: how the built-in frameworks turn a trial into a job.

`lower_as_is` runs the trial's code without further ado. The frameworks of deep learning differ
only in their library and in their options: a `Library` says what its trials need, and
`library_provider` makes a framework of it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypeVar

from sweepwright.contracts import (
    Attempt,
    Finding,
    FrameworkProvider,
    Job,
    Package,
    Role,
    TrialCode,
)
from sweepwright.jobs import THREAD_VARIABLES

PROLOGUES = "sweepwright.plugins.frameworks.prologues"
PROLOGUE_PACKAGE = Package("sweepwright", "sweepwright")
"""The package of the prologues, which trials import: this one."""

Rendezvous: TypeAlias = dict[str, tuple[dict[str, str], ...]]
"""By role, for each rank, the variables by which the process finds the others."""


def lower_as_is(
    code: TrialCode, attempt: Attempt, *, preload: tuple[str, ...] = (), fork_safe: bool = True
) -> Job:
    """Describe a job that runs the roles as they are written, in one environment."""
    return Job(
        name=attempt.job,
        roles=code.roles,
        environment=code.environment,
        folder=code.folder,
        preload=preload,
        fork_safe=fork_safe,
        trial=attempt.trial.number,
        attempt=attempt.number,
        inherits=attempt.inherits,
    )


class LibraryOptions(Protocol):
    """The options that every framework of deep learning has."""

    @property
    def preload(self) -> tuple[str, ...] | None:
        """Modules to import ahead; None for those of the library."""
        ...

    @property
    def fork_safe(self) -> bool:
        """Whether a process that imported them may be forked."""
        ...

    @property
    def deterministic(self) -> bool:
        """Whether the library uses only algorithms that repeat to the last digit."""
        ...

    @property
    def threads(self) -> int | None:
        """Threads of each process; None for the share that the platform gives it."""
        ...


@dataclass(frozen=True, slots=True)
class Library:
    """What trials of one library need."""

    prologue: str
    """The module of `prologues` that sets the library up in each process."""
    packages: tuple[Package, ...]
    """What must be installed."""
    preload: tuple[str, ...]
    """Modules to import once, before trials start."""
    read_on_import: tuple[str, ...]
    """Prefixes of the variables that the library reads as it is imported."""
    kind: str
    """What Kubeflow calls a job of this library."""
    rendezvous: Callable[[Sequence[Role]], Rendezvous]
    """Returns the variables by which the processes of a job find one another."""
    check_roles: Callable[[TrialCode], Iterable[Finding]]
    """Finds roles that the library cannot run."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables that the library reads, unless the trial sets them."""
    when_deterministic: Mapping[str, str] = field(default_factory=dict)
    """Further variables with the option `deterministic`."""

    def lower(self, code: TrialCode, attempt: Attempt, options: LibraryOptions) -> Job:
        """Describe the job of an attempt, each process of which runs the prologue."""
        module = f"{PROLOGUES}.{self.prologue}"
        preload = self.preload if options.preload is None else options.preload
        return Job(
            name=attempt.job,
            roles=code.roles,
            environment={**self._variables(options), **code.environment},
            folder=code.folder,
            preload=(*preload, module),
            fork_safe=options.fork_safe,
            read_on_import=self.read_on_import,
            prologue=f"{module}:{'seed_deterministically' if options.deterministic else 'seed'}",
            trial=attempt.trial.number,
            attempt=attempt.number,
            inherits=attempt.inherits,
            kind=self.kind,
            rendezvous=self.rendezvous(code.roles),
        )

    def _variables(self, options: LibraryOptions) -> dict[str, str]:
        threads = dict.fromkeys(THREAD_VARIABLES, str(options.threads)) if options.threads else {}
        # Python fixes its hash seed, and with it the order of sets of strings, at its start:
        # the prologue comes too late for it.
        fixed = {**self.when_deterministic, "PYTHONHASHSEED": "0"} if options.deterministic else {}
        return {**self.environment, **fixed, **threads}


O = TypeVar("O", bound=LibraryOptions)  # noqa: E741 - options, as in the contract


class LibraryFramework:
    """Runs Python code with a library imported, and seeded with the trial's seed."""

    def __init__(self, library: Library, options: LibraryOptions) -> None:
        self._library, self._options = library, options

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        return self._library.lower(code, attempt, self._options)


def library_provider(
    name: str, options: type[O], library_of: Callable[[O], Library], summary: str
) -> FrameworkProvider[O]:
    """Make the provider of a framework whose options choose, and configure, a library."""
    return FrameworkProvider(
        name,
        options,
        lambda chosen: LibraryFramework(library_of(chosen), chosen),
        summary,
        packages=lambda chosen: library_of(chosen).packages,
        check_code=lambda chosen, code: library_of(chosen).check_roles(code),
    )
