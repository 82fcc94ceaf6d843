"""What the probe asks a cluster."""

import sys

import pytest

from sweepwright.plugins.platforms.kubeflow.api import access
from sweepwright.plugins.platforms.kubeflow.api.cluster import ClusterSettings, open_cluster
from sweepwright.plugins.platforms.kubeflow.api.errors import NoClusterError
from sweepwright.plugins.platforms.kubeflow.api.resources import (
    CONFIG_MAP,
    JOB,
    POD,
    PYTORCH_JOB,
    TRAIN_JOB,
)
from sweepwright.testing.kubernetes.store.resources import CLAIMS
from tests.plugins.platforms.kubeflow.api.scripted_server import (
    Reply,
    opened_cluster,
    status,
    write_kubeconfig,
)

ROLE = [
    {"apiGroups": ["batch"], "resources": ["jobs"], "verbs": ["create", "watch"]},
    {"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "list"]},
]


def test_a_server_that_answers_tells_its_version(connect):
    findings, version, seconds = access.measure_answer(connect())

    assert findings == []
    assert version.startswith("v1.")
    assert seconds >= 0


def test_a_server_that_does_not_answer_is_a_finding(tmp_path, monkeypatch):
    monkeypatch.setattr(access, "GIVE_UP_SECONDS", 0.0)
    file = write_kubeconfig(tmp_path / "f", "http://127.0.0.1:1")
    cluster = open_cluster(ClusterSettings(kubeconfig=str(file)))
    [finding], version, _ = access.measure_answer(cluster)
    cluster.close()

    assert finding.path == ("kubeconfig",)
    assert finding.message == "http://127.0.0.1:1 does not answer: connection refused"
    assert str(file) in str(finding.help)
    assert version == ""


def test_a_missing_client_is_a_finding(monkeypatch):
    assert access.check_client() == []

    monkeypatch.setitem(sys.modules, "kubernetes", None)
    [finding] = access.check_client()
    assert "-m pip install 'sweepwright[kubeflow]'" in str(finding.help)
    assert "`sweepwright render`" in str(finding.help)


def test_no_cluster_is_a_finding_that_says_how_to_go_on():
    error = NoClusterError("no cluster is configured: x: not found", ["x: not found"])
    finding = access.describe_no_cluster(error)

    assert finding.path == ("kubeconfig",)
    assert "render" in str(finding.help)
    assert "KUBECONFIG" in str(finding.help)
    context = access.describe_no_cluster(NoClusterError("no context", option="context"))
    assert context.path == ("context",)
    assert "`platform.context=NAME`" in str(context.help)


def test_credentials_that_are_refused_are_a_finding(server, connect):
    cluster = connect()
    server.tokens.expire(server.token)
    [finding] = access.check_namespace(cluster)

    assert finding.path == ("context",)
    assert "does not accept the credentials of context `test`" in finding.message
    assert server.token not in finding.message


def test_a_namespace_that_does_not_exist_is_a_finding(connect):
    assert access.check_namespace(connect(namespace="lab")) == []

    [finding] = access.check_namespace(connect(namespace="absent"))
    assert finding.path == ("namespace",)
    assert "kubectl create namespace absent" in str(finding.help)


def test_users_of_a_namespace_need_not_see_it(server, connect):
    server.add_user("t1", "alice", rules=ROLE, namespace="lab")

    assert access.check_namespace(connect(token="t1")) == []  # noqa: S106 — of a test


def test_a_namespace_that_is_being_deleted_is_a_finding(tmp_path):
    body = {"status": {"phase": "Terminating"}}
    with opened_cluster(tmp_path, lambda _: Reply(200, body)) as (cluster, _):
        [finding] = access.check_namespace(cluster)

    assert finding.message == "the namespace `lab` is being deleted"


@pytest.mark.parametrize(
    ("resource", "help_"),
    [
        (PYTORCH_JOB, "install the Kubeflow training operator 1.9 or older, or use"),
        (TRAIN_JOB, "install Kubeflow Trainer, or use"),
    ],
)
@pytest.mark.parametrize(
    "answer", [Reply(404, b"404 page not found\n"), Reply(200, {"resources": [{"name": "x"}]})]
)
def test_a_kind_that_no_operator_has_brought_is_a_finding(tmp_path, answer, resource, help_):
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, _):
        [finding] = access.check_kind(cluster, resource)

    assert finding.path == ("kind",)
    assert str(finding.help).startswith(help_)
    assert "platform.kind=Job" in str(finding.help)


def test_known_kinds_are_no_finding(connect):
    cluster = connect()

    assert access.check_kind(cluster, PYTORCH_JOB) == access.check_kind(cluster, JOB) == []


def test_all_missing_permissions_stand_in_one_finding(server, connect):
    server.add_user("t1", "alice", rules=ROLE, namespace="lab")
    cluster = connect(token="t1")  # noqa: S106 — of a test
    needs = [
        *(access.Need(verb, JOB) for verb in ("create", "delete", "watch")),
        *(access.Need(verb, POD) for verb in ("list", "watch")),
        access.Need("get", POD, "log"),
        access.Need("create", CONFIG_MAP),
    ]
    [finding] = access.check_permissions(cluster, needs)

    assert finding.message == (
        f"{cluster.where} may not create configmaps; delete jobs.batch; watch pods "
        "in the namespace `lab`"
    )
    assert "platform rbac" in str(finding.help)
    assert access.check_permissions(connect(), needs) == []


def job(**spec):
    container = {"name": "c", "image": "python:3.11"}
    template = {"spec": {"containers": [container], "restartPolicy": "Never"}}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "j"},
        "spec": {"template": template, **spec},
    }


def test_an_object_that_the_server_accepts_is_not_created(server, connect):
    assert access.check_create(connect(), JOB, job()) == []

    assert server.requests.recent[-1].query["dryRun"] == "All"
    assert server.store.list(CLAIMS) == []


def test_unknown_fields_are_findings(tmp_path):
    message = 'strict decoding error: unknown field "spec.a", duplicate field "spec.b"'
    answer = status(400, "BadRequest", f"Job in version v1 cannot be handled: {message}")
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, _):
        findings = access.check_create(cluster, JOB, job(), lambda field: (field,))

    assert [(finding.path, finding.message) for finding in findings] == [
        (("spec.a",), "the cluster does not accept a Job: unknown field `spec.a`"),
        (("spec.b",), "the cluster does not accept a Job: duplicate field `spec.b`"),
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (status(409, "AlreadyExists", "exists"), []),
        (status(403, "Forbidden", "j is forbidden: exceeded quota: q"), [("jobs wait", True)]),
        (status(403, "Forbidden", "webhook denied it"), [("the cluster does not accept", False)]),
    ],
)
def test_what_passes_or_is_no_fault_is_no_finding(tmp_path, answer, expected):
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, _):
        findings = access.check_create(cluster, JOB, job())

    assert [finding.warning for finding in findings] == [warning for _, warning in expected]
    for finding, (begin, _) in zip(findings, expected, strict=True):
        assert finding.message.startswith(begin)


def test_a_user_without_credentials_is_told_so(tmp_path):
    answer = status(403, "Forbidden", 'User "system:anonymous" cannot get path "/version"')
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, _):
        [finding], _, _ = access.measure_answer(cluster)

    assert finding.path == ("context",)
    assert "has no credentials" in finding.message


def test_each_cause_becomes_a_finding_of_the_option_it_comes_from(tmp_path):
    causes = [
        {"field": "spec.a", "message": "must be x"},
        {"field": "spec.b", "message": "must be y"},
        {"field": "<nil>", "message": "some rules were not checked"},
    ]
    answer = status(422, "Invalid", "two faults", causes=causes)
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, _):
        findings = access.check_create(cluster, JOB, job(), lambda field: (field[-1],))

    assert [(finding.path, finding.message) for finding in findings] == [
        (("a",), "the cluster does not accept a Job: spec.a: must be x"),
        (("b",), "the cluster does not accept a Job: spec.b: must be y"),
    ]


def test_the_servers_warnings_are_warnings(tmp_path):
    answer = Reply(201, {}, {"Warning": '299 - "unknown field \\"spec.y\\""'})
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, _):
        [finding] = access.check_create(cluster, JOB, job(), lambda field: (field,))

    assert finding.warning
    assert finding.path == ("spec.y",)


def test_a_webhook_that_knows_no_dry_run_is_a_warning(tmp_path):
    answer = status(400, "BadRequest", "admission webhook x does not support dry run")
    with opened_cluster(tmp_path, lambda _: answer) as (cluster, _):
        [finding] = access.check_create(cluster, JOB, job())

    assert finding.warning


def test_a_refused_create_is_a_finding_about_permissions(server, connect):
    server.add_user("t1", "alice", rules=[], namespace="lab")
    [finding] = access.check_create(connect(token="t1"), JOB, job())  # noqa: S106 — of a test

    assert finding.path == ("namespace",)
    assert "platform rbac" in str(finding.help)


def claim(name, *modes):
    return {
        "metadata": {"name": name, "namespace": "lab"},
        "spec": {"accessModes": list(modes)},
    }


def test_a_volume_claim_must_exist_and_be_writable(server, connect):
    server.store.create(CLAIMS, "lab", claim("many", "ReadWriteMany"))
    server.store.create(CLAIMS, "lab", claim("one", "ReadWriteOnce"))
    server.store.create(CLAIMS, "lab", claim("read", "ReadOnlyMany"))
    cluster = connect()

    def check(name, *, shared=True):
        found = access.check_claim(cluster, name, ("files", "claim"), shared=shared)
        return [(finding.message, finding.warning) for finding in found]

    assert check("many") == check("one", shared=False) == []
    assert check("absent") == [("the volume claim `absent` does not exist in `lab`", False)]
    assert check("read") == [("the volume claim `read` is read-only (ReadOnlyMany)", False)]
    assert check("one") == [
        (
            "pods on several nodes cannot use the volume claim `one` at once (ReadWriteOnce)",
            True,
        )
    ]


def test_a_claim_that_may_not_be_read_is_a_warning(server, connect):
    server.add_user("t1", "alice", rules=ROLE, namespace="lab")
    cluster = connect(token="t1")  # noqa: S106 — of a test
    [finding] = access.check_claim(cluster, "c", ("files",), shared=False)

    assert finding.warning
