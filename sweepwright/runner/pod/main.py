"""Entry point of the agent, for `sweepwright.runner_client.pods.starter`."""

from __future__ import annotations

import os
import select
import signal
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..failures import count_oom_kills, find_oom_counter
from ..service.refusal import RefusalError, refusal_of
from .agent import Agent, Outcome
from .assignment import read_assignment
from .initial_process import run_below
from .log_writer import LogWriter
from .surroundings import complete
from .termination import shortened, write_outcome

_STDOUT = 1
_STARTED = "started"
"""Name of the file by which a container that is restarted sees that it was."""


def main(pod: Mapping[str, Any]) -> int:
    """Run this container's part of a job; return the exit code of the container."""
    counter = find_oom_counter()
    kills = count_oom_kills(counter)
    code = run_below(lambda: _run(pod))
    if code >= 0:
        return code
    reason = f"the agent of its container was killed by {signal.Signals(-code).name}"
    if count_oom_kills(counter) > kills:
        outcome = _failed("memory", f"{reason}, because memory ran out")
    else:
        outcome = _failed("lost", reason)
    write_outcome(pod["termination"], outcome, 0)
    return 128 - code


def _run(pod: Mapping[str, Any]) -> int:
    log = LogWriter(_write)
    log.mark()
    try:
        outcome = _outcome(pod, log)
    except Exception as error:  # noqa: BLE001 - the log is the only place where it can be told
        log.text(traceback.format_exc().encode("utf-8", "replace"))
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        outcome = _failed("lost", f"the agent of its container failed: {reason}")
    outcome = shortened(outcome)
    log.repeat_at_end()
    if "refused" in outcome:
        log.record({"event": "refused", "reason": outcome["refused"]})
    else:
        log.record({"event": "ended", **outcome})
    write_outcome(pod["termination"], outcome, log.count)
    return 0 if outcome == {"failure": None} else 1


def _outcome(pod: Mapping[str, Any], log: LogWriter) -> Outcome:
    """Run the job; return its failure, or why this container refuses it."""
    scratch = Path(pod["scratch"])
    try:
        if not _is_first_run(scratch):
            return _failed("lost", "its container was restarted after it had begun")
        complete(os.environ, scratch)
        assignment = read_assignment(pod, os.environ)
    except RefusalError as error:
        return _failed("lost", str(error)) if error.kind == "full" else {"refused": str(error)}
    return Agent(assignment, log).run()


def _is_first_run(scratch: Path) -> bool:
    """Record that this container runs; return False if it has done so before.

    The scratch folder of a pod outlives the container. A process that starts a second time would
    report again what it has reported before, under other numbers.
    """
    try:
        scratch.mkdir(parents=True, exist_ok=True)
        os.close(os.open(scratch / _STARTED, os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    except FileExistsError:
        return False
    except OSError as error:
        raise refusal_of(error) from error
    return True


def _failed(kind: str, message: str) -> Outcome:
    return {"failure": {"kind": kind, "message": message}}


def _write(data: bytes) -> None:
    """Write to the container's standard output; a log that nobody reads harms no job."""
    with suppress(OSError):
        while data:
            select.select([], [_STDOUT], [])  # the log may be a pipe that does not block
            data = data[os.write(_STDOUT, data) :]
