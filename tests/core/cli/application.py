"""The application as tests run it: in this process, or in a fresh interpreter."""

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any, NamedTuple, TypeAlias

ROOT = Path(__file__).resolve().parents[3]


class Ran(NamedTuple):
    """Exit code and output of a command line."""

    code: int
    out: str
    err: str


App: TypeAlias = Callable[..., Ran]
"""Runs a command line in an empty folder; see the fixture ``app``."""


def folders() -> list[str]:
    """List what lies in the current folder."""
    return [path.name for path in Path.cwd().iterdir()]


def run_python(*arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run this interpreter with arguments, and capture its output."""
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, **options
    )


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files into a folder, each text without its common indentation."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(dedent(text).lstrip())


def read_json(ran: Ran) -> Any:
    """Return the JSON that a successful command line printed."""
    assert ran.code == 0
    return json.loads(ran.out)
