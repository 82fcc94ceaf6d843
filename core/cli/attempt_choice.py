"""Find the attempt of a trial that a command line names, and open its files."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sweepwright.contracts import AttemptFile, AttemptFiles, AttemptRef
from sweepwright.diagnostics import plural

from ..plan.plan import Plan
from ..plan.redaction import remember_variables
from ..registry.registry import Registry
from ..store.attempts.open_files import find_checkpoint, lie_elsewhere, open_attempt_files
from ..store.attempts.trial_attempts import TrialAttempts
from ..store.journal_reader import JournalReader
from ..store.lock import is_driven
from ..store.sessions import fold_sessions
from .arguments import Arguments, UsageError
from .recorded_sweep import find_sweep, require_trust


@dataclass(frozen=True, slots=True)
class ChosenAttempt:
    """An attempt that has begun, or that may begin later because its trial is due."""

    sweep: Path
    plan: Plan
    attempts: TrialAttempts
    number: int
    files: AttemptFiles
    elsewhere: bool
    """Whether the files are outside the sweep's folder."""
    outlives: bool
    """Whether jobs may go on without a driver."""
    checkpoint: str | None = None
    """Where the attempt's checkpoint is kept, if this machine cannot read it."""

    @property
    def reference(self) -> AttemptRef:
        """The attempt as a platform knows it."""
        return self.attempts.reference(self.number)

    def list_files(self) -> list[AttemptFile]:
        """List the files of the attempt; there are none if it has not begun."""
        try:
            return list(self.files.list(self.reference))
        except FileNotFoundError:
            return []

    @property
    def waits_for(self) -> str | None:
        """What the trial waits for; None if it runs, has ended, or no driver works on it."""
        return self.attempts.waits_for if is_driven(self.sweep) else None

    def __str__(self) -> str:
        """Name the attempt in a message."""
        return f"attempt {self.number} of trial {self.attempts.trial}"


@contextmanager
def choose_attempt(arguments: Arguments) -> Iterator[ChosenAttempt]:
    """Open the files of the attempt that a command line names, or of the trial's latest attempt.

    Raises
    ------
    UsageError
        When there is no such trial or attempt.
    StoreError, PluginError
        When the sweep cannot be read, or the platform's files cannot be opened.
    """
    sweep, registry = find_sweep(arguments), Registry.load()
    with closing(JournalReader(sweep)) as reader:
        plan = fold_sessions(reader.plan, reader.sessions()).plan
        attempts = TrialAttempts(reader, _trial_number(arguments))
        attempts.update()
        number = _attempt_number(arguments, attempts)
        elsewhere = lie_elsewhere(plan, registry)
        if elsewhere:
            require_trust(sweep, arguments)
        # Trials may print the secrets that they receive.
        for environment in (plan.code.environment, *(r.environment for r in plan.code.roles)):
            remember_variables(environment)
        with closing(open_attempt_files(sweep, plan, registry)) as files:
            place = find_checkpoint(sweep, plan, registry, attempts.reference(number))
            outlives = registry.find("platform", plan.platform.name).outlives is not None
            yield ChosenAttempt(sweep, plan, attempts, number, files, elsewhere, outlives, place)


def _trial_number(arguments: Arguments) -> int:
    text = arguments.trial
    if not (text.isascii() and text.isdigit()):
        usage = arguments.command.usage
        raise UsageError(f"`{text}` is not the number of a trial; usage: {usage}")
    return int(text)


def _attempt_number(arguments: Arguments, attempts: TrialAttempts) -> int:
    if not attempts.current:
        has = f"its {plural(attempts.trials, 'trial')} are numbered from 0"
        raise UsageError(
            f"sweep {attempts.reader.folder.name} has no trial {attempts.trial}; {has}"
        )
    text = arguments.value("--attempt")
    if text is None:
        return attempts.latest
    number = int(text)
    if not 1 <= number <= attempts.current:
        has = f"it has had {plural(attempts.current, 'attempt')}, numbered from 1"
        raise UsageError(f"trial {attempts.trial} has no attempt {number}; {has}")
    return number
