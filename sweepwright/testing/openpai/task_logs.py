"""Logs of containers, as OpenPAI's log manager serves them.

It sends a log in blocks of 8 KiB, and a line break after each block, whatever the log contains.
In tail mode it sends the last 16 KiB. It keeps one rotated part of a log, as ``stdout.1``.
"""

from pathlib import Path

_BLOCK = 1 << 13
_TAIL = 1 << 14
NAMES = ("stdout", "stderr", "all")


def log_names(logs: Path) -> list[str]:
    """List the logs of a container."""
    rotated = [f"{name}.1" for name in NAMES if (logs / f"{name}.1").exists()]
    return [*NAMES, *rotated]


def read_log(logs: Path, name: str, *, tail: bool) -> bytes:
    """Return a log as the log manager sends it."""
    data = _content(logs, name)
    if tail:
        data = data[-_TAIL:]
    return b"".join(data[at : at + _BLOCK] + b"\n" for at in range(0, len(data), _BLOCK))


def rotate_log(logs: Path, keep: int) -> None:
    """Make all but the last bytes of a container's output the rotated part of its log.

    The process goes on writing to the same file, as with ``copytruncate``, so what it has written
    is moved to the front and cut off behind.
    """
    path = logs / "stdout"
    data = path.read_bytes()
    (logs / "stdout.1").write_bytes(data[: len(data) - keep])
    (logs / "stdout.skipped").write_text(str(len(data) - keep), "utf-8")


def lose_rotated_log(logs: Path) -> None:
    """Remove the rotated part of a log."""
    (logs / "stdout.1").unlink()


def _content(logs: Path, name: str) -> bytes:
    if name == "all":
        return _content(logs, "stdout") + _content(logs, "stderr")
    data = (logs / name).read_bytes()
    skipped = logs / f"{name}.skipped"
    return data[int(skipped.read_text("utf-8")) :] if skipped.exists() else data
