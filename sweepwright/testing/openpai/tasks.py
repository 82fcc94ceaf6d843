"""A task container, as a process of this machine with a folder of its own."""

import os
import re
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_MARK = "FC_POD_UID"
_KILL_SECONDS = 20.0


class Container:
    """Runs the program of a task.

    A container's folders are those of this machine: a path of the container that the program names
    is replaced by the folder that stands for it.
    """

    def __init__(self, folder: Path, on_exit: Callable[["Container", int], None]) -> None:
        self.uid = str(uuid.uuid4())
        self.folder = folder / self.uid
        self.logs = self.folder / "logs"
        self.exit_code: int | None = None
        self._on_exit = on_exit
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        program: str,
        environment: Mapping[str, str],
        mounts: Mapping[str, Path],
        private: Sequence[str],
    ) -> None:
        """Start the program under bash.

        Parameters
        ----------
        mounts
            Mapping from the folder at which a storage is mounted to the folder that stands for it.
        private
            Folders of which each container has one of its own.
        """
        self.logs.mkdir(parents=True)
        own = {path: self.folder / f"own{index}" for index, path in enumerate(private)}
        script = self.folder / "user.sh"
        script.write_text(f"#!/bin/bash\n{_moved(program, {**mounts, **own})}\n", "utf-8")
        home = self.folder / "home"
        home.mkdir()
        given = {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(home), _MARK: self.uid}
        with (self.logs / "stdout").open("wb") as out, (self.logs / "stderr").open("wb") as err:
            self._process = subprocess.Popen(
                ["/bin/bash", str(script)],
                cwd=self.folder,
                env={**given, **environment},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
        threading.Thread(target=self._wait, daemon=True).start()

    def kill(self) -> None:
        """Kill all processes of the container, as Docker does, and wait until they are gone."""
        until = time.monotonic() + _KILL_SECONDS
        while (alive := _processes_of(self.uid)) and time.monotonic() < until:
            for pid in alive:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.01)

    def _wait(self) -> None:
        assert self._process is not None, "the process is started before it is waited for"
        self.exit_code = self._process.wait()
        self.kill()  # what is left when the first process of a container ends
        self._on_exit(self, self.exit_code)


def _moved(program: str, folders: Mapping[str, Path]) -> str:
    """Replace paths of the container by folders of this machine."""
    for path, folder in folders.items():
        program = re.sub(rf"(?<![\w/.-]){re.escape(path)}(?![\w.-])", str(folder), program)
    return program


def _processes_of(uid: str) -> list[int]:
    """List the processes that have the mark of a container in their environment."""
    mark = f"{_MARK}={uid}".encode()
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with suppress(OSError):
                if mark in Path(entry.path, "environ").read_bytes().split(b"\0"):
                    found.append(int(entry.name))
    return found
