"""Lowering a trial whose code runs as it is."""

from sweepwright.contracts import Attempt, Job, TrialCode


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
