"""Set-up of a job's processes: the attempt's folder, each process's state, and its code.

Code that runs after the fork copies each page of memory that it writes to, in every trial. So
this module uses simple system calls, and does not use `pathlib`.
"""

# ruff: noqa: PTH102, PTH103, PTH108, PTH112, PTH114, PTH116, PTH118, PTH120

from __future__ import annotations

import errno
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, NoReturn

from .channel import Message
from .checkpoint import discard_checkpoints
from .exit_reasons import ExitReason
from .refusals import describe_failure
from .run_python import file_main, module_main, run_to_exit

_CANNOT_START = 127
_SINGLE_STRING = "a program is given at most 128 KiB in one argument or environment variable"
_HINTS = {
    errno.E2BIG: f"; {_SINGLE_STRING}, its trial's assignment included",
    errno.EACCES: "; is it executable?",
    errno.ENOEXEC: "; a script begins with `#!`",
}


class Files(NamedTuple):
    """The open files that a new process receives."""

    stdout: int
    stderr: int


def become_leader(process: Message, files: Files, exit_reason: ExitReason) -> NoReturn:
    """Become the leader of a new process group, and run the entry of the process."""
    exit_reason.claim()
    try:
        _set_up_process(process, files)
        main = _load_entry(process["entry"])
    except (OSError, LookupError, ValueError) as error:
        exit_reason.write(**describe_failure(error))
        os._exit(_CANNOT_START)
    run_to_exit(main, process["prologue"], exit_reason)


def _set_up_process(process: Message, files: Files) -> None:
    """Set up this process like a process that a user starts by hand."""
    # A leader of a session could not call `os.setpgrp`, which scripts that end their children do.
    os.setpgid(0, 0)
    _redirect(files)
    for name, value in process["environment"].items():
        os.environ[name] = value
    if "TZ" in process["environment"]:
        time.tzset()
    os.chdir(process["folder"])
    if memory := process["memory"]:
        _limit_memory(memory)


def _limit_memory(memory: int) -> None:
    try:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    except ValueError as error:
        # The user's own limit is lower, which concerns all trials alike.
        reason = f"memory cannot be limited to {memory >> 20} MiB: {error}"
        raise OSError(errno.EPERM, reason) from error


def _redirect(files: Files) -> None:
    for file, standard in ((files.stdout, 1), (files.stderr, 2)):
        os.dup2(file, standard)
        os.close(file)


def _load_entry(entry: Message) -> Callable[[], None]:
    """Load and return the code to run; if the entry is a program, exec the program instead."""
    if "command" in entry:
        _exec(entry["command"])
    if "file" in entry:
        return file_main(entry["file"], entry["arguments"])
    return module_main(entry["module"], entry["arguments"])


def _exec(argv: list[str]) -> NoReturn:
    # Python ignores these signals, and an exec'ed program would inherit this setting.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - without a shell is how programs are run
    except FileNotFoundError:
        raise LookupError(f"there is no program `{argv[0]}`") from None
    except OSError as error:
        hint = _HINTS.get(error.errno or 0, "")
        reason = f"`{argv[0]}` cannot be run: {error.strerror}{hint}"
        raise OSError(error.errno, reason) from None


_CREATE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW


def prepare(request: Message) -> dict[str, str]:
    """Create the attempt's folder, and return the environment shared by all processes of the job.

    If the folder exists, a crash interrupted an earlier launch of this attempt; the checkpoints of
    that launch are removed. Raises `OSError` if the folder cannot be created or if a file that the
    job needs is missing.
    """
    for file in request["files"]:
        os.stat(os.path.join(request["folder"], file))
    folder = request["attempt_folder"]
    with _as_private_as(request):
        _make_folder(os.path.dirname(folder))
        if not _make_folder(folder):
            discard_checkpoints(folder)
            _remove_links(folder)
    return {**_inherited(request), **request["environment"]}


def _make_folder(path: str) -> bool:
    """Make a folder; return whether it was missing."""
    try:
        os.mkdir(path)
    except FileNotFoundError:
        os.makedirs(path)
    except FileExistsError:
        # A sweep from somebody else may contain links to folders of the user's.
        if os.path.islink(path):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path) from None
        return False
    return True


def _remove_links(folder: str) -> None:
    with os.scandir(folder) as entries:
        links = [entry.path for entry in entries if entry.is_symlink()]
    for link in links:
        os.unlink(link)


def open_output(request: Message, process: Message) -> tuple[int, int]:
    """Open the files for a process's stdout and stderr."""
    stem = f"{request['attempt_folder']}/{process['role']}-{process['rank']}"
    with _as_private_as(request):
        stdout = os.open(f"{stem}.stdout", _CREATE, 0o666)
        try:
            return stdout, os.open(f"{stem}.stderr", _CREATE, 0o666)
        except OSError:
            os.close(stdout)
            raise


@contextmanager
def _as_private_as(request: Message) -> Iterator[None]:
    """Create files with the permissions of the sweep's folder, whatever the umask of the user.

    The trial itself runs with the user's umask.
    """
    trials = os.path.dirname(os.path.dirname(request["attempt_folder"]))
    sweep = os.path.dirname(trials)
    previous = os.umask(~os.stat(sweep).st_mode & 0o077)
    try:
        yield
    finally:
        os.umask(previous)


def _inherited(request: Message) -> dict[str, str]:
    folder = request["inherited"]
    return {"SWEEPWRIGHT_INHERITED": folder} if folder and os.path.isdir(folder) else {}
