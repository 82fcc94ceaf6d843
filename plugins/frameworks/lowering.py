"""Lowering a trial whose code runs as it is, with what its library wants around it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sweepwright.contracts import Attempt, Job, Package, TrialCode
from sweepwright.jobs import THREAD_VARIABLES

PROLOGUES = "sweepwright.plugins.frameworks.prologues"
OURS = Package("sweepwright", "sweepwright")
"""What holds the prologues."""


def lower_as_is(
    code: TrialCode, attempt: Attempt, *, preload: tuple[str, ...] = (), fork_safe: bool = True
) -> Job:
    """Describe the job of an attempt: the roles as they are written, in one environment."""
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


def with_prologue(
    job: Job,
    library: str,
    *,
    deterministic: bool,
    threads: int | None,
    environment: Mapping[str, str],
    read_on_import: Sequence[str],
) -> Job:
    """Have each process of a job seed its library and learn its number of threads.

    Parameters
    ----------
    library
        Which module of the prologues does so.
    threads
        For each process; None for the share that the platform gives it.
    environment
        What the library reads besides; what the trial says itself wins over it.
    """
    module = f"{PROLOGUES}.{library}"
    chosen = dict.fromkeys(THREAD_VARIABLES, str(threads)) if threads else {}
    # The order of sets of strings is settled when an interpreter starts.
    fixed = {"PYTHONHASHSEED": "0"} if deterministic else {}
    return replace(
        job,
        environment={**environment, **fixed, **chosen, **job.environment},
        preload=(*job.preload, module),
        read_on_import=tuple(read_on_import),
        prologue=f"{module}:{'seed_deterministically' if deterministic else 'seed'}",
    )
