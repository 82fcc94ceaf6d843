"""Copy the files of a trial's attempt to this machine."""

from pathlib import Path

from sweepwright.diagnostics import plural

from ...store.attempts.fetch import Fetch, select_files
from ...store.attempts.open_files import TRIALS
from ...views.formatting import format_bytes
from ...views.output import echo, echo_error
from ..arguments import Arguments, UsageError
from ..attempt_choice import ChosenAttempt, choose_attempt


def main(arguments: Arguments) -> int:
    """Copy the files to the sweep's folder, or to the folder that ``--output`` names."""
    output, kind = arguments.value("--output"), arguments.value("--only")
    with choose_attempt(arguments) as chosen:
        if chosen.checkpoint and kind in (None, "checkpoint"):
            echo_error(f"the checkpoint of {chosen} is kept in {chosen.checkpoint}")
        found = select_files(chosen.list_files(), kind)
        if not found:
            echo_error(f"error: {chosen} has no {f'{kind} ' if kind else ''}files{_why(chosen)}")
            return 1
        fetch = _fetch(chosen, output)
        if output is None and not chosen.elsewhere:
            echo(f"the files of {chosen} are already in {fetch.target}")
            return 0
        fetch.run(found)
    if not fetch.copied:
        files = plural(len(found), "file")
        echo(f"{files} of {chosen} had already been fetched to {fetch.target}")
        return 0
    size = format_bytes(sum(file.size for file in fetch.copied))
    there = len(found) - len(fetch.copied)
    already = f"; {plural(there, 'file')} had already been fetched" if there else ""
    echo(f"fetched {plural(len(fetch.copied), 'file')}, {size}, to {fetch.target}{already}")
    return 0


def _fetch(chosen: ChosenAttempt, output: str | None) -> Fetch:
    reference = chosen.reference
    settled = chosen.attempts.ending(chosen.number) is not None
    if output is None:
        names = (TRIALS, str(reference.trial), str(reference.attempt))
        return Fetch(chosen.files, reference, chosen.sweep, names, settled)
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"cannot write to {output}: {error.strerror}") from error
    return Fetch(chosen.files, reference, Path(output), settled=settled)


def _why(chosen: ChosenAttempt) -> str:
    """Say why an attempt has no files, as far as this is known."""
    if chosen.attempts.ending(chosen.number) is not None:
        return ""
    if wants := chosen.waits_for:
        return f" yet: it waits for {wants}"
    return " yet"
