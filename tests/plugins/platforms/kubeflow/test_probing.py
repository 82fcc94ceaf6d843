"""What is found before the first trial, with a cluster and without one."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sweepwright.contracts import ProbeRequest, PythonFile, Role, TrialCode
from sweepwright.events import Json
from sweepwright.plugins.platforms.kubeflow.options import FilesOptions, KubeflowOptions
from sweepwright.plugins.platforms.kubeflow.probing import probe
from sweepwright.plugins.platforms.kubeflow.rbac import rbac_documents
from tests.plugins.platforms.kubeflow.cluster_rig import ClusterRig, cluster_rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[ClusterRig]:
    with cluster_rig(tmp_path) as rig:
        yield rig


def request(folder: Path) -> ProbeRequest:
    code = folder / "code"
    code.mkdir(exist_ok=True)
    (code / "trial.py").write_text("")
    roles = (Role("main", PythonFile("trial.py")),)
    return ProbeRequest(TrialCode("trial", roles, folder=str(code)), folder=folder / "store")


def options(rig: ClusterRig, **changes: object) -> KubeflowOptions:
    return KubeflowOptions(kubeconfig=str(rig.folder / "config"), image="trial:1", **changes)  # type: ignore[arg-type]


def become_user_with(rig: ClusterRig, rules: list[Json]) -> None:
    """Let the kubeconfig be that of a user with these permissions alone."""
    name = "small"
    rig.server.add_user(name, "sweeper", rules=rules, namespace="default")
    rig.server.kubeconfig(rig.folder / "config", token=name)


def test_a_cluster_that_has_all_is_fit_and_nothing_is_created(rig: ClusterRig):
    assert list(probe(options(rig), request(rig.folder))) == []
    assert rig.left() == []


def test_the_printed_role_is_enough(rig: ClusterRig):
    given, wanted = options(rig), request(rig.folder)
    role, _ = rbac_documents(given, wanted.code)
    become_user_with(rig, role["rules"])

    assert list(probe(given, wanted)) == []


def test_missing_permissions_are_listed_and_the_role_is_named(rig: ClusterRig):
    become_user_with(rig, [])
    (finding,) = probe(options(rig), request(rig.folder))

    assert "create, get, list, watch, delete jobs.batch; " in finding.message
    assert finding.help == "`sweepwright platform rbac` prints the Role that a sweep needs"


def test_a_claim_that_does_not_exist_is_found_at_its_option(rig: ClusterRig):
    given = options(rig, files=FilesOptions(claim="nowhere"))
    (finding,) = probe(given, request(rig.folder))

    assert finding.path == ("files", "claim")
    assert "`nowhere` does not exist" in finding.message


@pytest.mark.ci_only  # requests are repeated for some seconds
def test_a_server_that_is_not_there_is_found(rig: ClusterRig):
    with rig.server.faults.outage("refuse"):
        (finding,) = probe(options(rig), request(rig.folder))

    assert finding.path == ("kubeconfig",)


def test_without_a_cluster_it_says_where_it_looked_and_how_to_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    (finding,) = probe(KubeflowOptions(image="trial:1"), request(tmp_path))

    assert ".kube/config" in finding.message
    assert finding.help is not None
    assert "`sweepwright render`" in finding.help


def test_a_missing_package_and_a_missing_cluster_are_found_in_one_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    given = KubeflowOptions(image="trial:1", kubeconfig=str(tmp_path / "nowhere"))
    package, cluster = probe(given, request(tmp_path))

    assert package.path == ()
    assert "`kubernetes` is not installed" in package.message
    assert cluster.path == ("kubeconfig",)
