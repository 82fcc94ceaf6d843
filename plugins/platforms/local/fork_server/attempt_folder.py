"""The folder of an attempt: where its processes print and leave their checkpoint."""

# Memory that is touched here is copied, once a trial, and a `Path` touches much.
# ruff: noqa: PTH103, PTH112, PTH116, PTH118

import os
import shutil

from .channel import Message

_MAKE = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC


def prepare(request: Message) -> dict[str, str]:
    """Make the folder, and return the environment that all processes of the job share.

    `OSError` if that is impossible, or if a file that the job needs is missing.
    What a crash left in a folder of the same name is no checkpoint of this attempt.
    """
    for file in request["files"]:
        os.stat(os.path.join(request["folder"], file))
    folder = request["attempt_folder"]
    try:
        os.makedirs(folder)
    except FileExistsError:
        for leftover in ("checkpoint", "checkpoint.part"):
            shutil.rmtree(os.path.join(folder, leftover), ignore_errors=True)
    return {**_inherited(request), **request["environment"]}


def open_output(request: Message, process: Message) -> tuple[int, int]:
    """Open the files that a process prints to, its stdout and its stderr."""
    stem = f"{request['attempt_folder']}/{process['role']}-{process['rank']}"
    stdout = os.open(f"{stem}.stdout", _MAKE, 0o666)
    try:
        return stdout, os.open(f"{stem}.stderr", _MAKE, 0o666)
    except OSError:
        os.close(stdout)
        raise


def _inherited(request: Message) -> dict[str, str]:
    folder = request["inherited"]
    return {"SWEEPWRIGHT_INHERITED": folder} if folder and os.path.isdir(folder) else {}
