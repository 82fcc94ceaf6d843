"""Facts about a machine for a probe: Python, packages, disk, GPUs and clock."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..capacity import count_capacity
from .folders import TEMPORARY, make_private
from .refusal import refusal_of

_MOUNTS = Path("/proc/self/mountinfo")
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_OVER_NETWORK = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "lustre", "gpfs", "beegfs", "9p"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.ceph", "fuse.beegfs"}
)
_GPU_SECONDS = 20.0
_GPU_QUERY = ("nvidia-smi", "--query-gpu=index,uuid,name,memory.total", "--format=csv,noheader")


def look(folder: Path, packages: Iterable[str]) -> dict[str, Any]:
    """Look at this machine, and at a folder that is made if it is missing."""
    capacity = count_capacity()
    return {
        "host": socket.gethostname(),
        "system": platform.platform(),
        "python": {"executable": sys.executable, "version": list(sys.version_info[:3])},
        "packages": {module: _version(module) for module in packages},
        "folder": _folder(folder),
        "cpus": capacity.cpus,
        "memory": capacity.memory,
        "gpus": _gpus(),
        "clock": time.time(),
    }


def _version(module: str) -> str | None:
    """Return the version of a top-level module, without importing it; None if it is missing.

    The version is empty if no package of the same name gives one.
    """
    try:
        if find_spec(module) is None:
            return None
    except (ImportError, ValueError):
        return None
    from importlib import metadata  # noqa: PLC0415 - it takes 10 ms, and most probes name no module

    try:
        return metadata.version(module)
    except metadata.PackageNotFoundError:
        return ""


def _folder(folder: Path) -> dict[str, Any]:
    try:
        make_private(folder)
        _use(folder)
        usage = shutil.disk_usage(folder)
        kind = _file_system(folder)
    except OSError as error:
        return {"path": str(folder), "error": str(refusal_of(error))}
    return {
        "path": str(folder),
        "error": None,
        "free": usage.free,
        "free_files": os.statvfs(folder).f_favail,
        "file_system": kind,
        "in_memory": kind in _IN_MEMORY,
        "over_network": kind in _OVER_NETWORK,
    }


def _use(folder: Path) -> None:
    """Try in a folder what the runner does in it: write, rename, make pipes and sockets."""
    with TemporaryDirectory(prefix=TEMPORARY, dir=folder) as name:
        probe = Path(name)
        (probe / "file").write_bytes(b"sweepwright")
        (probe / "file").rename(probe / "renamed")
        os.mkfifo(probe / "pipe", 0o600)
        here = Path.cwd()
        os.chdir(probe)  # the path of a socket is limited to 107 bytes
        try:
            with socket.socket(socket.AF_UNIX) as listener:
                listener.bind("control")
        finally:
            os.chdir(here)


def _file_system(folder: Path) -> str:
    """Return the kind of file system that holds a folder; empty if it cannot be determined."""
    found, longest = "", -1
    path = f"{os.path.realpath(folder)}/"
    with suppress(OSError):
        for line in _MOUNTS.read_text(errors="replace").splitlines():
            mount, _, source = line.partition(" - ")
            point = mount.split()[4].replace("\\040", " ").rstrip("/") + "/"
            # Of several mounts on one point, the last one is seen.
            if path.startswith(point) and len(point) >= longest:
                found, longest = source.split()[0], len(point)
    return found


def _gpus() -> dict[str, Any]:
    """List the GPUs as ``nvidia-smi`` sees them, or say why it does not."""
    program = shutil.which(_GPU_QUERY[0])
    if program is None:
        return {"devices": [], "error": None}
    try:
        done = subprocess.run(
            [program, *_GPU_QUERY[1:]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_GPU_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"devices": [], "error": f"nvidia-smi: {error}"}
    printed = done.stdout.decode(errors="replace").strip()
    if done.returncode:
        reason = printed.splitlines()[-1] if printed else f"exit code {done.returncode}"
        return {"devices": [], "error": f"nvidia-smi: {reason}"}
    keys = ("index", "id", "name", "memory")
    rows = (line.split(", ") for line in printed.splitlines())
    return {"devices": [dict(zip(keys, row)) for row in rows], "error": None}
