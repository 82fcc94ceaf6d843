"""Other versions of Python on this machine, such as those of pyenv.

The machines of a sweep may have another Python than the driver. What runs there is tested with
every version that the machine of the tests has.
"""

import io
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from sweepwright.runner_client.kit import build_kit

OLDEST = (3, 8)
"""The oldest version that runs trials."""
_FOLDERS = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
_NONE = "this machine has no such version of Python; pyenv would install some"


def others() -> list[ParameterSet]:
    """Return parameters: interpreters of other versions that run trials.

    The quick suite uses only the oldest, if it is as old as is allowed.
    """
    found = {v: p for v, p in _found().items() if v >= OLDEST and v != sys.version_info[:2]}
    slow = (pytest.mark.ci_only,)
    return [_parameter(p, v, () if v == OLDEST else slow) for v, p in found.items()] or [_absent()]


def too_old() -> list[ParameterSet]:
    """Return parameters: interpreters that are too old for trials."""
    found = {version: path for version, path in _found().items() if version < OLDEST}
    return [_parameter(path, version) for version, path in found.items()] or [_absent()]


def make_environment(python: Path, folder: Path) -> Path:
    """Make a virtual environment with the trial API and nothing else; return its Python."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    with tarfile.open(fileobj=io.BytesIO(build_kit().data)) as kit:
        kit.extractall(packages, filter="data")
    return folder / "bin" / "python"


@cache
def _found() -> dict[tuple[int, ...], Path]:
    """Find one interpreter of each version, the oldest first."""
    return dict(sorted((_version(path.name.removeprefix("python")), path) for path in _search()))


def _search() -> Iterator[Path]:
    for path in (path for folder in _FOLDERS for path in Path(folder).glob("python*")):
        if re.fullmatch(r"python\d\.\d+", path.name):
            yield path
    for folder in Path.home().glob(".pyenv/versions/[23].*"):
        major, minor, _ = folder.name.split(".", 2)
        yield folder / "bin" / f"python{major}.{minor}"


def _version(text: str) -> tuple[int, ...]:
    return tuple(int(number) for number in text.split("."))


def _parameter(
    path: Path, version: tuple[int, ...], marks: tuple[pytest.MarkDecorator, ...] = ()
) -> ParameterSet:
    return pytest.param(path, id=".".join(map(str, version)), marks=marks)


def _absent() -> ParameterSet:
    return pytest.param(Path("absent"), id="absent", marks=pytest.mark.skip(reason=_NONE))
