"""Lowering: how the built-in frameworks turn a trial into a job.

`lower_as_is` describes a job that runs the trial's code without preparation. The deep-learning
frameworks differ only in their library and their options: a `Library` declares what its trials
need, and `library_provider` makes a framework from it.
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
"""This distribution, which trials need because they import its prologues."""

Rendezvous: TypeAlias = dict[str, tuple[dict[str, str], ...]]
"""Mapping from role to one set of variables per rank, by which the process finds its peers."""


def lower_as_is(
    code: TrialCode, attempt: Attempt, *, preload: tuple[str, ...] = (), fork_safe: bool = True
) -> Job:
    """Describe a job that runs the trial's roles without a prologue or a rendezvous."""
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
    """The options that every deep-learning framework has."""

    @property
    def preload(self) -> tuple[str, ...] | None:
        """Modules to import before trials start; None stands for the modules of the library."""
        ...

    @property
    def fork_safe(self) -> bool:
        """Whether to fork a process that has imported these modules."""
        ...

    @property
    def deterministic(self) -> bool:
        """Whether the library uses only algorithms that repeat to the last digit."""
        ...

    @property
    def threads(self) -> int | None:
        """Number of threads of each process; None leaves the number to the platform."""
        ...


@dataclass(frozen=True, slots=True)
class Library:
    """Everything that trials of one library need."""

    prologue: str
    """Name of the module in `prologues` that sets up the library in each process."""
    packages: tuple[Package, ...]
    """Packages that must be installed."""
    preload: tuple[str, ...]
    """Modules to import once, before trials start."""
    read_on_import: tuple[str, ...]
    """Prefixes of the environment variables that the library reads while it is imported."""
    kind: str
    """Kind of this library's jobs in Kubeflow, such as ``PyTorchJob``."""
    rendezvous: Callable[[Sequence[Role]], Rendezvous]
    """Function that returns the variables by which the processes of a job find one another."""
    check_roles: Callable[[TrialCode], Iterable[Finding]]
    """Function that finds roles which the library cannot run."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Environment variables to set for the library; the trial's own values take precedence."""
    when_deterministic: Mapping[str, str] = field(default_factory=dict)
    """Further environment variables, which are set only with `deterministic`."""

    def lower(self, code: TrialCode, attempt: Attempt, options: LibraryOptions) -> Job:
        """Describe the job of an attempt; each process of the job runs the prologue."""
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
        # Python fixes its hash seed, and thus the order of sets of strings, when it starts. The
        # prologue runs later and cannot change the hash seed.
        fixed = {**self.when_deterministic, "PYTHONHASHSEED": "0"} if options.deterministic else {}
        return {**self.environment, **fixed, **threads}


O = TypeVar("O", bound=LibraryOptions)  # noqa: E741 - options, as in the contract


class LibraryFramework:
    """Runs Python code after importing a library and seeding it with the trial's seed."""

    def __init__(self, library: Library, options: LibraryOptions) -> None:
        self._library, self._options = library, options

    def lower(self, code: TrialCode, attempt: Attempt) -> Job:
        """Describe the job of an attempt."""
        return self._library.lower(code, attempt, self._options)


def library_provider(
    name: str, options: type[O], library_of: Callable[[O], Library], summary: str
) -> FrameworkProvider[O]:
    """Make the provider of a framework; `library_of` returns the library for its options."""
    return FrameworkProvider(
        name,
        options,
        lambda chosen: LibraryFramework(library_of(chosen), chosen),
        summary,
        packages=lambda chosen: library_of(chosen).packages,
        check_code=lambda chosen, code: library_of(chosen).check_roles(code),
        kind=lambda chosen: library_of(chosen).kind,
    )
