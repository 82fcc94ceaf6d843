"""The page about clusters works: its commands are run, and its manifests are those of `render`."""

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
import yaml

from sweepwright.testing.kubernetes import ApiServer
from sweepwright.testing.kubernetes.cluster import Cluster
from sweepwright.testing.kubernetes.store.resources import CLAIMS
from tests.docs.pages import ROOT, commands, read_page
from tests.forked_commands import run_forked

# The steps of a list are indented.
PAGE = re.sub(
    "^ {3}(?=```|sweepwright)", "", read_page("platforms/kubeflow.md"), flags=re.MULTILINE
)
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
SIGNATURE = ["tuner=hyperband", "framework=pytorch", "platform=kubeflow"]
RENDERED = {
    "ConfigMap": [*SIGNATURE, "platform.files.claim=sweeps"],
    "PyTorchJob": [*SIGNATURE, "platform.files.claim=sweeps"],
    "TFJob": ["+experiment=mnist_distributed_tf", "platform=kubeflow"],
    "TrainJob": [
        *("+experiment=mnist_distributed_pytorch", "platform=kubeflow"),
        "platform.kind=TrainJob",
    ],
    "Job": ["framework=sklearn", "platform=kubeflow"],
}
"""Command lines that render what the page shows."""
WHOLE = ("ConfigMap", "PyTorchJob", "Role")
"""Kinds of which the page shows every key."""
# Trials that compute nothing stand for those that train.
FAST = ["trial=noop", "framework.preload=[]", "max_trials=2"]
FAST += ["budget={minimum: 6, maximum: 18, unit: epochs}"]
CLAIM = {
    "metadata": {"name": "sweeps"},
    "spec": {"accessModes": ["ReadWriteMany"]},
    "status": {"phase": "Bound", "accessModes": ["ReadWriteMany"]},
}


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the home folder of a user whose kubeconfig leads to a cluster."""
    home = tmp_path_factory.mktemp("user")
    (home / ".kube").mkdir()
    (home / "mine" / "experiment").mkdir(parents=True)
    written = next(text for text in BLOCKS if "# experiment/cluster.yaml" in text)
    (home / "mine" / "experiment" / "cluster.yaml").write_text(written)
    with ApiServer() as server, Cluster(server, tmp_path_factory.mktemp("pods")):
        server.add_namespace("ml", {"pod-security.kubernetes.io/enforce": "restricted"})
        server.store.create(CLAIMS, "ml", CLAIM)
        server.kubeconfig(home / ".kube" / "config", namespace="ml")
        yield home


def run(user: Path, *words: str) -> str:
    """Run a command in the user's folder, and return what it prints."""
    environment = {**os.environ, "HOME": str(user)}
    environment.pop("KUBECONFIG", None)
    ended = run_forked(words, environment, user / "mine")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.mark.ci_only
def test_commands_of_the_page_about_clusters_run_in_order(user: Path) -> None:
    printed = {}
    for command in commands(PAGE):
        words = shlex.split(command)
        begins = "=" in words[0] or words[0] == "--config-dir"
        printed[words[0]] = run(user, *words, *(FAST if begins else []))

    assert {"check", "render", "show", "logs", "resume", "cleanup", "platform"} < printed.keys()
    assert "ready on kubeflow" in printed["check"]
    assert "2 trials finished" in printed["tuner=hyperband"]
    assert "2 trials finished" in printed["--config-dir"]
    assert "left nothing" in printed["cleanup"]


@pytest.mark.parametrize("kind", RENDERED)
def test_the_page_shows_what_render_writes(user: Path, tmp_path: Path, kind: str) -> None:
    (shown,) = (found for text in BLOCKS if (found := yaml.safe_load(text)).get("kind") == kind)
    run(user, "render", *RENDERED[kind], f"--output={tmp_path}")
    name = "configmap" if kind == "ConfigMap" else "trial-0"
    rendered = yaml.safe_load((tmp_path / f"{name}.yaml").read_text())

    assert list(differences(shown, rendered, "", whole=kind in WHOLE)) == []


def test_the_page_shows_the_role_that_is_printed(user: Path) -> None:
    (command,) = (each for each in commands(PAGE) if each.startswith("platform rbac"))
    (shown,) = (text for text in BLOCKS if "kind: Role\n" in text)

    assert run(user, *shlex.split(command)).startswith(shown)


@pytest.mark.parametrize(
    "options", [text for text in BLOCKS if re.search("^platform:", text, re.MULTILINE)]
)
def test_options_on_the_page_are_valid(user: Path, options: str) -> None:
    header = "# @package _global_\ndefaults:\n  - override /platform: kubeflow\n"
    text = options if "defaults:" in options else header + options
    (user / "mine" / "experiment" / "shown.yaml").write_text(text)
    trial = "mnist_distributed_tf" if "roles:" in options else "mnist"
    printed = run(user, "check", "--config-dir=.", f"+experiment=[{trial},shown]")

    assert "0 errors" in printed or "ok:" in printed


def test_everything_that_a_trial_waits_for_is_described() -> None:
    jobs = ROOT / "plugins" / "platforms" / "kubeflow" / "jobs"
    text = "".join(path.read_text() for path in jobs.glob("*.py"))
    waits = re.findall(r'Wait\(\s*f?"([^"{`,]+)', text)

    assert len(waits) > 10
    assert [each for each in waits if f"\n| {each.strip()}" not in PAGE] == []


def differences(shown: Any, found: Any, place: str, *, whole: bool) -> Iterator[str]:
    """Say where a manifest is not as shown; `…` stands for any text, and keys may be left out."""
    match shown, found:
        case Mapping(), Mapping():
            for key in {*shown, *(found if whole else ())}:
                yield from differences(
                    shown.get(key), found.get(key), f"{place}.{key}", whole=whole
                )
        case list(), list() if len(shown) == len(found):
            for number, pair in enumerate(zip(shown, found, strict=True)):
                yield from differences(*pair, f"{place}.{number}", whole=whole)
        case str(), str() if fnmatchcase(found, shown.replace("[", "[[]").replace("…", "*")):
            pass
        case _ if shown != found:
            yield f"{place}: {shown!r} is shown, and not {found!r}"
