"""A runtime whose containers are processes of this machine, and whose volumes are folders."""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ...store.resources import JsonObject
from .addresses import Addresses
from .mount_paths import localize
from .runtime import ContainerStart, Exit, StartError, VolumeContent

TERMINATION_LOG = "SWEEPWRIGHT_TERMINATION_LOG"
"""Variable with the path of the file that stands for `terminationMessagePath`."""

_INIT = Path(__file__).with_name("container_init.py")
_ROOT = Path(__file__).parents[5]
_TERMINATION_BYTES = 4096
_FALLBACK_BYTES = 2048
_CLOSE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class _PodFolder:
    """Where the volumes of a pod lie, and what its containers are told."""

    path: Path
    volumes: Mapping[str, Path] = field(default_factory=dict)


class LocalProcesses:
    """Runs the containers of pods as processes, under a folder.

    A container has the variables of its spec, those given here, and a `PATH` that begins with the
    folder of this interpreter, so that its `python` is this one. Paths of mounts in its variables
    and arguments are replaced by the folders of their volumes, addresses of pods by local ones.
    Whatever is started has ended when `close` returns, or when this process is gone.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._environment = dict(environment or {})
        self._pods: dict[str, _PodFolder] = {}
        self._addresses = Addresses()
        self._running: set[_Process] = set()

    def claim_folder(self, namespace: str, name: str) -> Path:
        """Return the folder of a persistent volume claim, which outlives pods."""
        folder = self._folder / "claims" / namespace / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def pod_folder(self, pod: JsonObject) -> Path:
        """Return the folder with the volumes and the containers of a pod."""
        return self._folder / "pods" / str(pod["metadata"]["uid"])

    def prepare(self, pod: JsonObject, volumes: Mapping[str, VolumeContent]) -> None:
        """Make the folders of a pod's volumes."""
        path = self.pod_folder(pod)
        folders = {name: self._volume(path, name, each) for name, each in volumes.items()}
        self._pods[pod["metadata"]["uid"]] = _PodFolder(path, folders)

    def _volume(self, pod: Path, name: str, content: VolumeContent) -> Path:
        if content.claim is not None:
            return self.claim_folder(*content.claim.split("/"))
        folder = pod / "volumes" / name
        folder.mkdir(parents=True, exist_ok=True)
        for key, data in (content.files or {}).items():
            file = folder / key
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        return folder

    def start(self, start: ContainerStart) -> "_Process":
        """Start a container's command."""
        folder = self._pods[start.pod["metadata"]["uid"]]
        home = folder.path / "containers" / start.container["name"]
        home.mkdir(parents=True, exist_ok=True)
        termination = home / "termination-log"
        termination.write_bytes(b"")
        paths = _local_paths(folder, start.container, home)
        environment = self._variables(start, paths) | {TERMINATION_LOG: str(termination)}
        command = [localize(part, paths) for part in start.command]
        _check_command(command, environment["PATH"])
        process = _Process(command, environment, home, self._running.discard)
        self._running.add(process)
        process.watch(start, termination)
        return process

    def _variables(self, start: ContainerStart, paths: Mapping[str, str]) -> dict[str, str]:
        metadata = start.pod["metadata"]
        own = {name: localize(text, paths) for name, text in start.environment.items()}
        job = _job_of(start.pod)
        if job is not None:
            own = self._addresses.localized(metadata["namespace"], job, own)
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        return {"PATH": path, "HOSTNAME": metadata["name"], **self._environment, **own}

    def remove(self, pod: JsonObject) -> None:
        """Remove the folder of a pod."""
        self._pods.pop(pod["metadata"]["uid"], None)
        shutil.rmtree(self.pod_folder(pod), ignore_errors=True)

    def close(self) -> None:
        """Kill all containers and wait until all their processes are gone."""
        running = list(self._running)
        for process in running:
            process.kill()
        for process in running:
            process.join(_CLOSE_SECONDS)


class _Process:
    """A container's first process, and the thread that reads what the container writes."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        forget: Callable[["_Process"], None],
    ) -> None:
        self._forget = forget
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", _INIT, _ROOT, *command],
            env=environment,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            # Ctrl-C in a terminal goes to the group in its foreground, which this leaves.
            start_new_session=True,
            bufsize=0,
        )
        self._thread: threading.Thread | None = None

    def terminate(self) -> None:
        """Send the command SIGTERM."""
        self._ask(b"T")

    def kill(self) -> None:
        """Kill all processes of the container."""
        self._ask(b"K")

    def _ask(self, letter: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):
            self._process.stdin.write(letter)

    def watch(self, start: ContainerStart, termination: Path) -> None:
        """Read the output in a thread, and tell when the container has ended."""
        name = f"kubernetes-container-{start.pod['metadata']['name']}"
        self._thread = threading.Thread(
            target=self._read, args=(start, termination), name=name, daemon=True
        )
        self._thread.start()

    def join(self, seconds: float) -> None:
        """Wait until the container has ended; kill its first process if it takes too long."""
        assert self._thread is not None
        self._thread.join(seconds)
        if self._thread.is_alive():
            self._process.kill()
            self._thread.join()

    def _read(self, start: ContainerStart, termination: Path) -> None:
        process = self._process
        assert process.stdout is not None
        assert process.stdin is not None
        with process.stdout as output:
            while data := output.read(65536):
                start.log.write(data)
        code = process.wait()
        with suppress(OSError):
            process.stdin.close()
        start.log.close()
        code = code if code >= 0 else 128 - code
        self._forget(self)
        start.ended(Exit(code, _termination_message(start, termination, code)))


def _termination_message(start: ContainerStart, file: Path, code: int) -> str:
    """Return the message that a container left, or the end of its log if it asks for that."""
    try:
        message = file.read_bytes()[:_TERMINATION_BYTES]
    except OSError:
        message = b""
    fallback = start.container.get("terminationMessagePolicy") == "FallbackToLogsOnError"
    if not message and code and fallback:
        message = start.log.tail(_FALLBACK_BYTES)
    return message.decode(errors="replace")


_JOB_LABELS = ("training.kubeflow.org/job-name", "jobset.sigs.k8s.io/jobset-name")


def _job_of(pod: JsonObject) -> str | None:
    labels: Mapping[str, str] = pod["metadata"].get("labels") or {}
    return next((labels[name] for name in _JOB_LABELS if name in labels), None)


def _local_paths(folder: _PodFolder, container: JsonObject, home: Path) -> dict[str, str]:
    """Return the local path of each mount, and of the file for the termination message."""
    paths = {}
    for mount in container.get("volumeMounts") or []:
        local = folder.volumes[mount["name"]] / mount.get("subPath", "")
        if not local.is_file():
            local.mkdir(parents=True, exist_ok=True)
        paths[mount["mountPath"]] = str(local)
    paths[container["terminationMessagePath"]] = str(home / "termination-log")
    return paths


def _check_command(command: Sequence[str], path: str) -> None:
    if not command:
        raise StartError("failed to create containerd task: no command specified: unknown")
    if shutil.which(command[0], path=path) is None:
        raise StartError(
            "failed to create containerd task: failed to create shim task: OCI runtime create "
            "failed: runc create failed: unable to start container process: error during "
            f'container init: exec: "{command[0]}": executable file not found in $PATH: unknown'
        )
