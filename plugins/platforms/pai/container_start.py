"""The first program in a container: it unpacks what was sent, and starts the agent of sweepwright.

It is sent as text, inside the command of a task role, and runs under Python 3.8 or newer, before
any part of sweepwright is there. Its input is the rest of the command, as lines of base64.

Arguments: the folder to work in, and the folder of the sweep on the shared storage, or ``-``.
Lines: the job (compressed JSON), the archive of kit and code (or ``-``, if they lie on the
storage), and secrets (JSON, or ``-``).
"""

from __future__ import annotations

import base64
import io
import json
import os
import sys
import tarfile
import time
import zlib
from pathlib import Path
from typing import Any


def main(lines: list[str], arguments: list[str]) -> None:
    """Write the archives, fill in the folders of this container, and start the agent."""
    scratch, storage = arguments
    try:
        start(lines, scratch, storage)
    except Exception as error:  # noqa: BLE001 - the log is the only place where it can be told
        refuse(" ".join(f"{sys.executable}: {type(error).__name__}: {error}".split()))


def start(lines: list[str], scratch: str, storage: str) -> None:
    """Start the agent, which takes the place of this program."""
    job = json.loads(zlib.decompress(base64.b64decode(lines[0])).decode("ascii"))
    source = Path(storage, "input")
    if lines[1] != "-":
        source = Path(scratch, "input")
        unpack(lines[1], source)
    secrets = {} if lines[2] == "-" else json.loads(base64.b64decode(lines[2]).decode("utf-8"))
    os.environ.update(secrets)
    os.environ["SWEEPWRIGHT_POD"] = json.dumps(complete(job["pod"], scratch, source, storage))
    os.environ["SWEEPWRIGHT_RANK"] = os.environ["PAI_CURRENT_TASK_ROLE_CURRENT_TASK_INDEX"]
    os.execv(sys.executable, [sys.executable, "-c", job["bootstrap"]])  # noqa: S606 - no shell


def unpack(line: str, folder: Path) -> None:
    """Write the archives of the kit and of the code into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(fileobj=io.BytesIO(base64.b64decode(line)), mode="r:xz") as archive:
        for member in archive:
            content = archive.extractfile(member)
            if content is not None:
                (folder / Path(member.name).name).write_bytes(content.read())


def complete(pod: dict[str, Any], scratch: str, source: Path, storage: str) -> dict[str, Any]:
    """Fill in the folders of this container."""
    pod["scratch"] = scratch
    for name in ("kit", "code"):
        if "archive" in pod[name]:
            pod[name]["archive"] = str(source / pod[name]["archive"])
    if pod["files"]:
        pod["files"] = {"folder": storage}
    return pod


def refuse(reason: str) -> None:
    """Say in the log, as the agent does, that nothing can start here, and exit."""
    event = {"run": "start", "time": time.time(), "text": 0, "event": "refused", "reason": reason}
    line = json.dumps(event)[1:]
    sys.stdout.write(f'sweepwright: {reason}\n{{"sweepwright_record":1,{line}\n')
    sys.exit(1)


if __name__ == "__main__":
    main(sys.stdin.read().split(), sys.argv[1:])
