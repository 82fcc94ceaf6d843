"""Runs trials as people and sweeps do: as processes of their own."""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from sweepwright.events import Attempt, Trial
from sweepwright.protocol import TrialLine, describe_attempt, read_line

RunTrial: TypeAlias = Callable[..., subprocess.CompletedProcess[str]]
SweepTrial: TypeAlias = Callable[..., list[TrialLine]]
SEEDED = """
from sweepwright.plugins.frameworks.prologues.{} import seed
from {} import main
seed()
main()
"""


@pytest.fixture
def run_trial() -> RunTrial:
    """Run ``python …`` outside any sweep unless told otherwise.

    Warnings are errors, apart from `tolerated` ones, given as for ``python -W``.
    """

    def run(
        *arguments: str, tolerated: str = "error", **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-W", tolerated, *arguments],
            env={**os.environ, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.fixture
def sweep_trial(run_trial: RunTrial, tmp_path: Path) -> SweepTrial:
    """Run a module as a trial of a sweep and return the lines it reported.

    With a framework, it is seeded as that one does it. Its checkpoint is in the folder
    ``checkpoint`` of the test's own.
    """

    def run(
        module: str,
        assignment: Mapping[str, Any],
        *arguments: str,
        seed: int = 0,
        framework: str | None = None,
        tolerated: str = "error",
        **environment: str,
    ) -> list[TrialLine]:
        attempt = Attempt("s1", Trial(3, assignment), number=1, seed=seed)
        ended = run_trial(
            *(("-c", SEEDED.format(framework, module)) if framework else ("-m", module)),
            *arguments,
            tolerated=tolerated,
            SWEEPWRIGHT_TRIAL=describe_attempt(attempt),
            SWEEPWRIGHT_REPORTS="stdout",
            **{"SWEEPWRIGHT_CHECKPOINTS": str(tmp_path / "checkpoint"), **environment},
        )
        assert ended.returncode == 0, ended.stderr
        return [line for text in ended.stdout.splitlines() if (line := read_line(text))]

    return run
