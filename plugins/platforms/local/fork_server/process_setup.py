"""What becomes of a forked process between the fork and the code it is to run.

Every page of memory that is touched here is copied, once a trial: the plainest calls are best.
"""

import errno
import os
import resource
import signal
from collections.abc import Callable
from typing import NamedTuple, NoReturn

from .channel import Message
from .exit_reasons import Word
from .run_python import file_main, interpret, module_main

_CANNOT_START = 127
_SINGLE_STRING = "a program is given at most 128 KiB in one argument or environment variable"
_HINTS = {
    errno.E2BIG: f"; {_SINGLE_STRING}, its trial's assignment included",
    errno.EACCES: "; is it executable?",
    errno.ENOEXEC: "; a script begins with `#!`",
}


class Files(NamedTuple):
    """The open files that a process is given."""

    stdout: int
    stderr: int
    word: int
    reports: int | None = None

    @property
    def descriptors(self) -> list[int]:
        """All of them, in the order in which they travel."""
        given = (self.stdout, self.stderr, self.word, self.reports)
        return [file for file in given if file is not None]


def lead(process: Message, files: Files) -> NoReturn:
    """Lead a session of one's own and run what the process is for."""
    word = Word(files.word)
    try:
        _settle(process, files)
        main = _prepare(process["entry"])
    except (OSError, LookupError, ValueError) as error:
        word.say("launch", _reason(error))
        os._exit(_CANNOT_START)
    interpret(main, process["prologue"], word)


def _settle(process: Message, files: Files) -> None:
    """Take the place in the world that a process started by hand would have."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    _redirect(files)
    for name, value in process["environment"].items():
        os.environ[name] = value
    if files.reports is not None:
        os.set_inheritable(files.reports, True)  # noqa: FBT003 - positional only
        os.environ["SWEEPWRIGHT_REPORTS"] = f"fd:{files.reports}"
    os.chdir(process["folder"])
    if memory := process["memory"]:
        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _redirect(files: Files) -> None:
    for file, standard in ((files.stdout, 1), (files.stderr, 2)):
        os.dup2(file, standard)
        os.close(file)


def _prepare(entry: Message) -> Callable[[], None]:
    """Find what is to run, or become it if it is a program."""
    if "command" in entry:
        _become(entry["command"])
    if "file" in entry:
        return file_main(entry["file"], entry["arguments"])
    return module_main(entry["module"], entry["arguments"])


def _become(argv: list[str]) -> NoReturn:
    # Python ignores these, and a program would inherit that.
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvp(argv[0], argv)  # noqa: S606 - without a shell is how programs are run
    except FileNotFoundError:
        raise LookupError(f"there is no program `{argv[0]}`") from None
    except OSError as error:
        hint = _HINTS.get(error.errno or 0, "")
        raise LookupError(f"`{argv[0]}` cannot be run: {error.strerror}{hint}") from None


def _reason(error: Exception) -> str:
    if not isinstance(error, OSError):
        return str(error)
    if isinstance(error, FileNotFoundError):
        return f"there is no `{error.filename}`"
    return f"`{error.filename}`: {error.strerror}"
