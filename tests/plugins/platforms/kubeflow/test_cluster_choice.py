"""A plan records which cluster it was made for."""

from pathlib import Path

import pytest

from sweepwright.plugins.platforms.kubeflow import sweep_platforms
from sweepwright.plugins.platforms.kubeflow.options import KubeflowOptions
from tests.plugins.platforms.kubeflow.trials import options

(PROVIDER,) = sweep_platforms()
KUBECONFIG = """
current-context: {current}
contexts:
- {{name: lab, context: {{cluster: one, namespace: team}}}}
- {{name: home, context: {{cluster: one}}}}
clusters:
- {{name: one, cluster: {{server: "https://192.0.2.1"}}}}
"""


def finalized(given: KubeflowOptions) -> KubeflowOptions:
    assert PROVIDER.finalize_options
    return PROVIDER.finalize_options(given)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use an empty home and no cluster."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_current_context_and_its_namespace_are_recorded(folder: Path) -> None:
    (folder / "config").write_text(KUBECONFIG.format(current="lab"))

    found = finalized(options(kubeconfig="config"))
    assert (found.context, found.namespace) == ("lab", "team")
    assert found.kubeconfig == str(folder / "config")


def test_a_resume_after_the_current_context_changed_stays_in_its_cluster(folder: Path) -> None:
    file = folder / "config"
    file.write_text(KUBECONFIG.format(current="lab"))
    found = finalized(options(kubeconfig="config"))
    file.write_text(KUBECONFIG.format(current="home"))

    assert finalized(found) == found


def test_options_that_are_given_stay(folder: Path) -> None:
    (folder / "config").write_text(KUBECONFIG.format(current="lab"))

    found = finalized(options(kubeconfig="config", context="home", namespace="mine"))
    assert (found.context, found.namespace) == ("home", "mine")
    assert finalized(options(kubeconfig="config", context="home")).namespace == "default"


@pytest.mark.parametrize("content", [None, "", "{", "contexts: 1"])
def test_without_a_cluster_nothing_is_recorded(folder: Path, content: str | None) -> None:
    if content is not None:
        (folder / "config").write_text(content)

    found = finalized(options(kubeconfig="config"))
    assert (found.context, found.namespace) == (None, None)


def test_paths_become_absolute_except_those_in_the_home(folder: Path) -> None:
    found = finalized(options(kubeconfig="a:~/.kube/config:/b"))

    assert found.kubeconfig == f"{folder}/a:~/.kube/config:/b"
    assert finalized(options()).kubeconfig is None
