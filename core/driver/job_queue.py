"""The jobs of a study: which of them are to be launched, and which occupy a slot."""


class JobQueue:
    """Jobs of current attempts, in the order in which they became due.

    Invariants:

    - ``_trials`` holds one job for each running trial of the study: that of its current attempt.
      Any other job is superseded, and whatever the platform still says of it is ignored.
    - ``_launched`` holds the jobs that the platform was given and whose end it has not reported;
      each occupies a slot. It may hold superseded jobs: a stopped trial is over at once, but its
      job occupies a slot until it has ended.
    - What remains to be launched is therefore ``_trials`` without ``_launched``.
    - ``_launched`` describes the jobs of this driver process. It is not journaled: a replay
      leaves it empty, and the driver fills it with the jobs that it reattaches to.
    """

    def __init__(self) -> None:
        self._trials: dict[str, int] = {}
        self._launched: set[str] = set()

    def add(self, job: str, trial: int) -> None:
        """Queue the job of a trial's current attempt."""
        self._trials[job] = trial

    def remove(self, job: str) -> None:
        """Remove a job whose attempt is over or superseded; if launched, it keeps its slot."""
        del self._trials[job]

    def find(self, job: str) -> int | None:
        """Return the trial whose current attempt this job is; None when it is superseded."""
        return self._trials.get(job)

    def due(self, concurrency: int) -> list[int]:
        """List the trials whose jobs are to be launched and find a free slot, in order."""
        slots = max(0, concurrency - len(self._launched))
        return self._waiting()[:slots]

    def vacancies(self, concurrency: int) -> int:
        """Count the slots that neither a launched nor a waiting job needs."""
        return max(0, concurrency - len(self._launched) - len(self._waiting()))

    def occupy(self, job: str) -> None:
        """Let a job occupy a slot, from its launch on."""
        self._launched.add(job)

    def free(self, job: str) -> None:
        """Free the slot of a job that has ended."""
        self._launched.discard(job)

    @property
    def busy(self) -> bool:
        """Whether any job occupies a slot."""
        return bool(self._launched)

    def _waiting(self) -> list[int]:
        # Dicts keep the order of insertion, which is the order in which attempts became due.
        return [trial for job, trial in self._trials.items() if job not in self._launched]
