"""What a trial needs around it for the sake of one library of deep learning."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from sweepwright.contracts import Attempt, Finding, Job, Package, Role, TrialCode
from sweepwright.jobs import THREAD_VARIABLES

PROLOGUES = "sweepwright.plugins.frameworks.prologues"
OURS = Package("sweepwright", "sweepwright")
"""What holds the prologues."""

Wiring: TypeAlias = dict[str, tuple[dict[str, str], ...]]
"""By role, for each rank, the variables by which it finds the others."""


class LibraryOptions(Protocol):
    """What can be chosen for any library."""

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
        """Whether only algorithms that repeat to the last digit are used."""
        ...

    @property
    def threads(self) -> int | None:
        """Threads of each process; None for the share that the platform gives it."""
        ...


@dataclass(frozen=True, slots=True)
class Library:
    """One library, of which a framework may know several."""

    prologue: str
    """Which module of the prologues sets it up."""
    packages: tuple[Package, ...]
    preload: tuple[str, ...]
    read_on_import: tuple[str, ...]
    """How the variables begin that it reads as it is imported."""
    kind: str
    """What Kubeflow calls a job of it."""
    wire: Callable[[Sequence[Role]], Wiring]
    check_roles: Callable[[TrialCode], Iterable[Finding]]
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it is told, unless the trial says otherwise."""
    when_deterministic: Mapping[str, str] = field(default_factory=dict)
    """What it is told besides where it is to repeat."""

    def lower(self, code: TrialCode, attempt: Attempt, options: LibraryOptions) -> Job:
        """Describe the job of an attempt, each process of which sets the library up."""
        module = f"{PROLOGUES}.{self.prologue}"
        preload = self.preload if options.preload is None else options.preload
        return Job(
            name=attempt.job,
            roles=code.roles,
            environment={**self._told(options), **code.environment},
            folder=code.folder,
            preload=(*preload, module),
            fork_safe=options.fork_safe,
            read_on_import=self.read_on_import,
            prologue=f"{module}:{'seed_deterministically' if options.deterministic else 'seed'}",
            trial=attempt.trial.number,
            attempt=attempt.number,
            inherits=attempt.inherits,
            kind=self.kind,
            wiring=self.wire(code.roles),
        )

    def _told(self, options: LibraryOptions) -> dict[str, str]:
        threads = dict.fromkeys(THREAD_VARIABLES, str(options.threads)) if options.threads else {}
        # The order of sets of strings is settled when an interpreter starts.
        fixed = {**self.when_deterministic, "PYTHONHASHSEED": "0"} if options.deterministic else {}
        return {**self.environment, **fixed, **threads}
