"""Arguments, variables and parameters arrive unchanged, through the API server and the kubelet."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import Command, Job, PythonFile, Role
from sweepwright.events import Attempt, Trial
from sweepwright.plugins.platforms.kubeflow.manifests.metadata import ASSIGNMENT
from sweepwright.protocol import describe_attempt
from sweepwright.testing.kubernetes import Resource
from sweepwright.testing.kubernetes.store.resources import JOBS
from sweepwright.testing.platform_harness import PlatformHarness
from tests.odd_strings import ECHO, fuzz
from tests.plugins.platforms.kubeflow.cluster_rig import cluster_rig

JOB_STRINGS = 1000


def echoing_job(harness: PlatformHarness, folder: Path, number: int, batch: list[str]) -> Job:
    """Make a job that is given a third of a batch in each kind of place."""
    words, values, parameters = batch[::3], batch[1::3], batch[2::3]
    # Every second process is forked from an interpreter.
    path = str(folder / "echo.py")
    command = Command((sys.executable, "echo.py", *words))
    entry = command if number % 2 else PythonFile(path, tuple(words))
    assignment: dict[str, Any] = {f"x{index}": text for index, text in enumerate(parameters)}
    variables = {f"EXACT{index}": text for index, text in enumerate(values)}
    attempt = Attempt(harness.sweep, Trial(number, assignment), 1)
    return harness.job(
        "echo",
        trial=number,
        roles=(Role("main", entry, environment=variables),),
        environment={"SWEEPWRIGHT_TRIAL": describe_attempt(attempt)},
    )


def expected(batch: list[str]) -> dict[str, Any]:
    return {
        "arguments": [os.fsencode(word).hex() for word in batch[::3]],
        "parameters": {f"x{index}": text for index, text in enumerate(batch[2::3])},
        "variables": {
            f"EXACT{index}": os.fsencode(text).hex() for index, text in enumerate(batch[1::3])
        },
    }


@pytest.mark.parametrize("number", [300, pytest.param(10_000, marks=pytest.mark.ci_only)])
def test_odd_strings_arrive_unchanged(tmp_path: Path, number: int) -> None:
    strings = fuzz(number)
    batches = [strings[at : at + JOB_STRINGS] for at in range(0, number, JOB_STRINGS)]
    with cluster_rig(tmp_path) as rig:
        seen: list[dict[str, Any]] = []

        def note(_change: str, kind: Resource, found: dict[str, Any]) -> None:
            if kind == JOBS:
                seen.append(found)

        rig.server.store.subscribe(note)
        harness = rig.harness()
        (tmp_path / "echo.py").write_text(ECHO)
        for trial, batch in enumerate(batches):
            job = harness.start(echoing_job(harness, tmp_path, trial, batch))
            seen.clear()
            harness.watch_to_end(job)
            printed = (tmp_path / "trials" / str(trial) / "1" / "main-0.stdout").read_text()

            assert harness.failure(job) is None
            assert json.loads(printed) == expected(batch)
            annotation = seen[0]["metadata"]["annotations"][ASSIGNMENT]
            assert json.loads(annotation) == expected(batch)["parameters"]
