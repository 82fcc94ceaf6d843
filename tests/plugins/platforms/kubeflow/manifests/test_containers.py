"""The container of a manifest runs the trial, as a process of this machine."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sweepwright.contracts import PythonFile, Role, TrialCode
from sweepwright.plugins.platforms.kubeflow.manifests import (
    config_map,
    job_manifest,
    pack_archives,
)
from sweepwright.runner_client.pods.log_reader import LogReader, Record
from tests.plugins.platforms.kubeflow.trials import (
    SWEEP,
    container,
    job,
    options,
    variables,
)

TRIAL = """
import os
from sweepwright.trial import get_next_parameter, report_final_result
assert get_next_parameter() == {"lr": 0.1, "y": "y"}
assert os.environ["LR"] == "$(HOME) $HOME"
report_final_result(0.5)
"""


def run_container(folder: Path, objects: Any, manifest: Any) -> bytes:
    """Run the container of a manifest with a local folder for its volumes; return its log."""
    (folder / "input").mkdir()
    (folder / "scratch").mkdir()
    for name, text in objects["binaryData"].items():
        (folder / "input" / name).write_bytes(base64.b64decode(text))
    main = container(manifest)
    plain = {name: value for name, value in variables(main).items() if isinstance(value, str)}
    local = {name: value.replace("/sweepwright/", f"{folder}/") for name, value in plain.items()}
    done = subprocess.run(
        [sys.executable, *main["command"][1:]],
        env={"PATH": os.environ["PATH"], **local},
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("where", ["configmap", "image"])
def test_the_container_of_a_job_runs_the_trial(tmp_path: Path, where: str) -> None:
    source, folder = tmp_path / "code", tmp_path / "container"
    source.mkdir()
    folder.mkdir()
    (source / "train.py").write_text(TRIAL)
    role = Role("main", PythonFile("train.py"), environment={"LR": "$(HOME) $HOME"})
    code = TrialCode("mine", (role,), folder=str(source))
    given = options(code=where, code_path=str(source) if where == "image" else None)

    archives = pack_archives(given, code)
    manifest = job_manifest(given, SWEEP, archives.contents, job(code))
    log = run_container(folder, config_map(given, SWEEP, archives), manifest)

    reader = LogReader()
    found = [*reader.feed(log), *reader.finish()]
    events: list[Any] = [each.event for each in found if isinstance(each, Record)]
    assert [each["event"] for each in events] == ["launched", "output", "ended"]
    assert json.loads(events[1]["line"])["metrics"] == {"default": 0.5}
    assert events[2]["failure"] is None
