"""Secrets reach the API server and the trials, and are found nowhere else."""

import base64
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from sweepwright.testing.kubernetes import Resource
from sweepwright.testing.kubernetes.kubeconfig import kubeconfig, write_kubeconfig
from sweepwright.testing.kubernetes.store.resources import SECRETS
from tests.forked_commands import run_forked
from tests.system.driven_sweeps import output_of

LOGIN, SECRET, REFUSED = "canary-6vQ0xd", "canary-n2Lw7e", "canary-pB3rzm"
TRIAL = """
import os
import time
from pathlib import Path

import sweepwright as nni

meeting = Path(os.environ["MEETING"])
assert len(os.environ["API_TOKEN"]) == 13
(meeting / "began-0").touch()
while not (meeting / "go").exists():
    time.sleep(0.01)
if nni.get_sequence_id() % 2:
    raise RuntimeError("told to fail")
nni.report_final_result(nni.get_next_parameter()["learning_rate"])
"""
PLUGIN = """
import json, sys
version = "client.authentication.k8s.io/v1"
token = open(sys.argv[1]).read()
print("the plugin says something", file=sys.stderr)
print(json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": token}}))
"""


@pytest.fixture
def trial(tmp_path: Path) -> Path:
    path = tmp_path / "trial.py"
    path.write_text(TRIAL)
    return path


def plugin_user(folder: Path) -> dict[str, Any]:
    """Return a user of a kubeconfig whose token comes from a plugin."""
    keep = folder / "keep"
    keep.mkdir()
    (keep / "token").write_text(LOGIN)
    (keep / "plugin.py").write_text(PLUGIN)
    version = "client.authentication.k8s.io/v1"
    arguments = [str(keep / "plugin.py"), str(keep / "token")]
    return {"exec": {"apiVersion": version, "command": sys.executable, "args": arguments}}


def test_secrets_are_found_nowhere(sweep_in, world, tmp_path: Path, trial: Path) -> None:
    seen: list[str] = []

    def note(_change: str, kind: Resource, found: Any) -> None:
        if kind != SECRETS:
            seen.append(json.dumps(found))

    world.server.store.subscribe(note)
    rules = [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]
    world.server.add_user(LOGIN, "driver", rules)
    data = {"token": base64.b64encode(SECRET.encode()).decode()}
    world.server.create(SECRETS, "default", {"metadata": {"name": "vault"}, "data": data})
    config = kubeconfig(world.server.url, user=plugin_user(tmp_path))
    login = write_kubeconfig(tmp_path / "keep" / "config", config)
    sweep = sweep_in(
        trial=trial,
        overrides=("max_trials=2", "concurrency=2"),
        options={
            "kubeconfig": str(login),
            "secret_env": "{API_TOKEN: {name: vault, key: token}}",
        },
    )
    driver = sweep.start()
    sweep.wait_until((sweep.meeting / "began-0").exists)
    listed = command_lines(driver.pid)
    sweep.open_gate()
    printed = output_of(driver)
    store = f"store.path={sweep.store}"
    told = [
        run_forked([*words, store], sweep.environment).stdout
        for words in (["show"], ["logs", "1"], ["export", "--format", "jsonl"])
    ]

    assert "told to fail" in printed
    assert any('"vault"' in each for each in seen)
    assert {record.user for record in world.server.requests.recent} >= {"driver"}
    for canary in (LOGIN, SECRET):
        for text in (listed, printed, *told, *seen):
            assert canary not in text
            assert base64.b64encode(canary.encode()).decode().rstrip("=") not in text
        assert files_with(canary, sweep.folder, world.kubeconfig.parent) == []


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["check", "--connect"], 2),
        pytest.param([], 2, marks=pytest.mark.ci_only),
        pytest.param(["render"], 0, marks=pytest.mark.ci_only),
    ],
)
def test_a_refused_login_is_not_quoted(world, tmp_path: Path, words: list[str], code: int) -> None:
    login = write_kubeconfig(tmp_path / "config", kubeconfig(world.server.url, token=REFUSED))
    folder = tmp_path / "here"
    folder.mkdir()
    arguments = ["platform=kubeflow", f"platform.kubeconfig={login}", "platform.image=trial:1"]
    overrides = [*arguments, "framework=pytorch", f"store.path={folder / 'store'}"]
    done = run_forked([*overrides, *words], folder=folder)

    assert done.returncode == code, done.stderr
    assert words == ["render"] or "nauthorized" in done.stdout + done.stderr
    assert REFUSED not in done.stdout + done.stderr
    assert files_with(REFUSED, folder) == []


def command_lines(driver: int) -> str:
    """Return the command lines of all processes, and the environment of the driver."""
    found = [*psutil.Process(driver).environ().values()]
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            found += process.cmdline()
    return "\n".join(found)


def files_with(text: str, *folders: Path) -> list[Path]:
    """List the files that contain a text."""
    found = []
    for path in (path for folder in folders for path in folder.rglob("*")):
        with suppress(OSError):  # it may have been temporary
            if path.is_file() and text.encode() in path.read_bytes():
                found.append(path)
    return found
