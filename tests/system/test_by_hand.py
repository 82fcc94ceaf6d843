"""A script does in a sweep what it does by hand: the same files, output, reports and end.

Each file in ``data/by_hand``, and each folder there with a ``main.py``, is such a script. Add
yours beside them. ``data/by_hand/library`` is imported before trials start, as a framework is.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import PythonFile
from sweepwright.events import Attempt, Trial
from sweepwright.plugins.platforms.local import LocalOptions
from sweepwright.protocol import describe_attempt
from tests.interpreters import make_environment, others
from tests.plugins.platforms.local.local_harness import LocalHarness

SCRIPTS = Path(__file__).parent / "data" / "by_hand"
LIBRARY = SCRIPTS / "library"
PRELOAD = (
    *("kept", "asyncio", "concurrent.futures.thread", "logging.handlers", "multiprocessing.util"),
    *("shelve", "sqlite3", "tarfile", "tempfile", "zipfile"),
)
NAMES = sorted(
    str(path.relative_to(SCRIPTS))
    for pattern in ("*/*.py", "*/*/main.py")
    for path in SCRIPTS.glob(pattern)
    if path.parent != LIBRARY
)
ENVIRONMENT = {"PYTHONPATH": str(LIBRARY), "TZ": "XYZ+5"}
CHANGING = re.compile(r"0x[0-9a-f]+|(?<=started )\d+|(?<=tid=)\d+")
"""What differs between two runs by hand: addresses, and the numbers of threads."""


@dataclass
class Run:
    """What one run of a script left."""

    code: int
    stdout: str
    stderr: str
    reports: list[Any]
    files: dict[str, str]


class Harness(LocalHarness):
    """Also records what the fork server says of each job's end: events hold no exit code."""

    def __init__(self, folder: Path, python: str = sys.executable) -> None:
        super().__init__(folder, LocalOptions(python=python), concurrency=1)
        self.python = python
        self.first_failures: dict[str, Any] = {}
        servers = self.platform._engine._servers
        on_answer = servers._on_answer

        def record(job: str, answer: dict[str, Any]) -> None:
            self.first_failures[job] = answer.get("first_failure")
            on_answer(job, answer)

        servers._on_answer = record

    def entry(self, script: Path) -> str:
        """Return how both runs call a script."""
        # By hand, Python 3.8 shows the path as it is given, and a sweep an absolute one.
        return script.name if self.python == sys.executable else str(script)


def place(name: str, folder: Path) -> Path:
    """Copy a script, and what lies beside a ``main.py``, to a folder of its own."""
    source, work = SCRIPTS / name, folder / name.removesuffix(".py").replace("/", "-")
    if source.name == "main.py":
        shutil.copytree(source.parent, work)
    else:
        work.mkdir(parents=True)
        shutil.copy(source, work)
    return work / source.name


def files_of(script: Path) -> dict[str, str]:
    """Read the files that a script has made or found."""
    return {
        str(path.relative_to(script.parent)): plain(path.read_bytes(), script)
        for path in script.parent.rglob("*")
        if path.is_file() and path != script and "__pycache__" not in path.parts
    }


def plain(data: bytes, script: Path) -> str:
    """Decode output so that every byte counts, and replace what differs between runs by hand."""
    return CHANGING.sub("…", data.decode("latin-1").replace(str(script.parent), "(here)"))


def parsed(line: str) -> Any:
    """Parse a report, without the random name of its process."""
    return {key: value for key, value in json.loads(line).items() if key != "process"}


def run_by_hand(harness: Harness, name: str, folder: Path) -> Run:
    script = place(name, folder)
    output = script.parent.with_suffix(".output")
    output.mkdir()
    reports = output / "reports"
    reports.touch()
    number = NAMES.index(name) + 1
    told = describe_attempt(Attempt("harness", Trial(0, {"x": 1}), number))
    environment = {**os.environ, **ENVIRONMENT, "SWEEPWRIGHT_TRIAL": told}
    stdout, stderr = output / "main-0.stdout", output / "main-0.stderr"
    with stdout.open("ab") as out, stderr.open("ab") as err:
        code = subprocess.run(
            [harness.python, harness.entry(script)],
            cwd=script.parent,
            env={**environment, "SWEEPWRIGHT_REPORTS": f"file:{reports}"},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            check=False,
            timeout=60,
        ).returncode
    return Run(
        code,
        plain(stdout.read_bytes(), script),
        plain(stderr.read_bytes(), script),
        [parsed(line) for line in reports.read_text().splitlines()],
        files_of(script),
    )


def run_in_a_sweep(harness: Harness, name: str, folder: Path, **changes: bool) -> Run:
    script = place(name, folder)
    number = NAMES.index(name) + 1
    job = harness.launch(
        PythonFile(harness.entry(script)),
        folder=str(script.parent),
        environment=ENVIRONMENT,
        preload=PRELOAD,
        trial=len(changes),
        attempt=number,
        **changes,
    )
    harness.end(job)
    first_failure = harness.first_failures[job.name]
    output = harness.folder / "trials" / str(len(changes)) / str(number)
    return Run(
        first_failure["code"] if first_failure else 0,
        plain((output / "main-0.stdout").read_bytes(), script),
        plain((output / "main-0.stderr").read_bytes(), script),
        [parsed(line) for line in harness.lines(job)],
        files_of(script),
    )


@pytest.fixture(scope="module", autouse=True)
def buffered() -> Iterator[None]:
    """Let output be buffered, as it is by default, even where the tests themselves do not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONUNBUFFERED", raising=False)
        yield


@pytest.fixture(scope="module")
def harness(tmp_path_factory) -> Iterator[Harness]:
    harness = Harness(tmp_path_factory.mktemp("harness"))
    yield harness
    harness.platform.close()


def test_there_are_scripts_of_every_kind() -> None:
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_a_script_does_in_a_sweep_what_it_does_by_hand(name, harness, tmp_path) -> None:
    by_hand = run_by_hand(harness, name, tmp_path / "by-hand")

    assert run_in_a_sweep(harness, name, tmp_path) == by_hand


@pytest.mark.ci_only
@pytest.mark.parametrize("name", NAMES)
def test_a_script_does_in_an_interpreter_of_its_own_what_it_does_by_hand(
    name, harness, tmp_path
) -> None:
    by_hand = run_by_hand(harness, name, tmp_path / "by-hand")

    assert run_in_a_sweep(harness, name, tmp_path, fork_safe=False) == by_hand


@pytest.fixture(scope="module", params=others())
def other_harness(request, tmp_path_factory) -> Iterator[Harness]:
    folder = tmp_path_factory.mktemp("other")
    harness = Harness(folder, str(make_environment(request.param, folder / "environment")))
    yield harness
    harness.platform.close()


@pytest.mark.ci_only
@pytest.mark.parametrize("name", NAMES)
def test_a_script_does_with_another_version_what_it_does_by_hand(
    name, other_harness, tmp_path
) -> None:
    by_hand = run_by_hand(other_harness, name, tmp_path / "by-hand")
    if by_hand.code == -signal.SIGSEGV:
        pytest.skip("this version crashes by hand")

    assert run_in_a_sweep(other_harness, name, tmp_path) == by_hand
