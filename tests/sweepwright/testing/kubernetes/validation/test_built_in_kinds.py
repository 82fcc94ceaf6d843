"""What the server refuses of pods, jobs and ConfigMaps, in the words of the real one."""

import pytest

from sweepwright.testing.kubernetes import ApiServer, JsonObject, StatusError
from sweepwright.testing.kubernetes.store.resources import CONFIG_MAPS, JOBS, PODS, Resource
from tests.kubernetes_caller import Caller
from tests.sweepwright.testing.kubernetes.objects import CONFIG_MAPS as CONFIG_MAPS_PATH
from tests.sweepwright.testing.kubernetes.objects import JOBS as JOBS_PATH
from tests.sweepwright.testing.kubernetes.objects import PODS as PODS_PATH
from tests.sweepwright.testing.kubernetes.objects import config_map, container, job, pod


def refusal(server: ApiServer, resource: Resource, value: JsonObject) -> StatusError:
    with pytest.raises(StatusError) as caught:
        server.create(resource, "default", value)
    return caught.value


CONTAINER = "Container.spec.containers"
VARIABLE = "EnvVar.spec.containers.env"
CONTEXT = "SecurityContext.spec.containers.securityContext"
WRONG_TYPES: list[tuple[JsonObject, str, str]] = [
    ({"command": "python"}, "string", f"{CONTAINER}.command of type []string"),
    ({"command": [1]}, "number", f"{CONTAINER}.command of type string"),
    ({"env": [{"name": "A", "value": True}]}, "bool", f"{VARIABLE}.value of type string"),
    ({"env": {}}, "object", f"{CONTAINER}.env of type []v1.EnvVar"),
    ({"resources": []}, "array", f"{CONTAINER}.resources of type v1.ResourceRequirements"),
    ({"securityContext": {"runAsUser": "1"}}, "string", f"{CONTEXT}.runAsUser of type int64"),
]


@pytest.mark.parametrize(("change", "found", "expected"), WRONG_TYPES)
def test_a_value_of_the_wrong_type_cannot_be_decoded(
    server: ApiServer, change: JsonObject, found: str, expected: str
) -> None:
    error = refusal(server, PODS, pod("pod", container(**change)))
    problem = f"json: cannot unmarshal {found} into Go struct field {expected}"
    assert error.message == f'Pod in version "v1" cannot be handled as a Pod: {problem}'
    assert error.code == 400


def test_unknown_fields_are_dropped_with_warnings(call: Caller) -> None:
    value = pod("pod", container(imagePulPolicy="Always"), nodeSelectr={})
    answer = call("POST", PODS_PATH, value)
    assert answer.status == 201
    assert answer.warnings == [
        r'299 - "unknown field \"spec.containers[0].imagePulPolicy\""',
        r'299 - "unknown field \"spec.nodeSelectr\""',
    ]
    assert "nodeSelectr" not in answer.json["spec"]
    assert (
        call(
            "POST", PODS_PATH, {**value, "metadata": {"name": "b"}}, fieldValidation="Ignore"
        ).warnings
        == []
    )
    strict = call("POST", PODS_PATH, value, fieldValidation="Strict")
    assert strict.status == 400
    assert strict.json["message"].endswith(
        'strict decoding error: unknown field "spec.containers[0].imagePulPolicy", unknown field '
        '"spec.nodeSelectr"'
    )


FROM_FIELD = {"fieldRef": {"fieldPath": "metadata.labels['a']"}}
FROM_KEY = {"secretKeyRef": {"name": "s", "key": "k"}}
INVALID_PODS: list[tuple[JsonObject, str, str]] = [
    ({"metadata": {"name": "a"}}, "spec.containers", "Required value"),
    (pod("a", {"name": "x"}), "spec.containers[0].image", "Required value"),
    (pod("a", {"image": "x"}), "spec.containers[0].name", "Required value"),
    (pod("a", container(image=" x")), "spec.containers[0].image", "must not have leading"),
    (pod("a", container(name="X")), "spec.containers[0].name", "lowercase RFC 1123 label"),
    (pod("a", container(), container()), "spec.containers[1].name", "Duplicate value"),
    (
        pod("a", container(imagePullPolicy="Never!")),
        "spec.containers[0].imagePullPolicy",
        "Unsupported value",
    ),
    (pod("a", restartPolicy="No"), "spec.restartPolicy", "Unsupported value"),
    (
        pod("a", container(env=[{"name": "A=B"}])),
        "spec.containers[0].env[0].name",
        "printable ASCII",
    ),
    (
        pod("a", container(env=[{"name": "Ä"}])),
        "spec.containers[0].env[0].name",
        "printable ASCII",
    ),
    (pod("a", container(env=[{"name": ""}])), "spec.containers[0].env[0].name", "Required value"),
    (
        pod(
            "a", container(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "spec.x"}}}])
        ),
        "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath",
        "field label not supported: spec.x",
    ),
    (
        pod("a", container(volumeMounts=[{"name": "v", "mountPath": "/x"}])),
        "spec.containers[0].volumeMounts[0].name",
        'Not found: "v"',
    ),
    (pod("a", volumes=[{"name": "v"}]), "spec.volumes[0]", "must specify a volume type"),
    (
        pod("a", volumes=[{"name": "v", "emptyDir": {}, "hostPath": {"path": "/"}}]),
        "spec.volumes[0].hostPath",
        "may not specify more than 1 volume type",
    ),
    (
        pod("a", volumes=[{"name": "v", "emptyDir": {}}] * 2),
        "spec.volumes[1].name",
        "Duplicate value",
    ),
    (
        pod("a", container(env=[{"name": "A", "value": "x", "valueFrom": FROM_FIELD}])),
        "spec.containers[0].env[0].valueFrom",
        "may not be specified when `value` is not empty",
    ),
    (
        pod("a", container(env=[{"name": "A", "valueFrom": {**FROM_FIELD, **FROM_KEY}}])),
        "spec.containers[0].env[0].valueFrom",
        "may not have more than one field specified at a time",
    ),
    (
        pod(
            "a",
            container(volumeMounts=[{"name": "v", "mountPath": "/x"}] * 2),
            volumes=[{"name": "v", "emptyDir": {}}],
        ),
        "spec.containers[0].volumeMounts[1].mountPath",
        "must be unique",
    ),
    (
        pod("a", tolerations=[{"operator": "Exists", "key": "k", "value": "x"}]),
        "spec.tolerations[0].operator",
        "value must be empty",
    ),
    (
        pod("a", tolerations=[{"key": "k", "effect": "NoRun"}]),
        "spec.tolerations[0].effect",
        "Unsupported value",
    ),
    (pod("a", container(name="a" * 64)), "spec.containers[0].name", "no more than 63"),
    (pod("a", tolerations=[{"value": "x"}]), "spec.tolerations[0].operator", "must be Exists"),
    (pod("a", nodeSelector={"a b": "c"}), "spec.nodeSelector", "name part must consist"),
    (pod("a", activeDeadlineSeconds=0), "spec.activeDeadlineSeconds", "must be between 1"),
    (pod("a", serviceAccountName="A"), "spec.serviceAccountName", "RFC 1123 subdomain"),
]


@pytest.mark.parametrize(("value", "field", "message"), INVALID_PODS)
def test_invalid_pods_are_refused(
    server: ApiServer, value: JsonObject, field: str, message: str
) -> None:
    error = refusal(server, PODS, value)
    assert error.code == 422
    (cause,) = error.causes
    assert (cause.field, message in cause.message) == (field, True)


RESOURCES: list[tuple[JsonObject, str, str]] = [
    ({"limits": {"cpu": "1 core"}, "requests": {"cpu": 1}}, "limits[cpu]", "regular expression"),
    ({"limits": {"cpu": "-1"}, "requests": {"cpu": "-1"}}, "limits[cpu]", "greater than or equal"),
    ({"requests": {"gpu": 1}}, "requests[gpu]", "must be a standard resource type"),
    ({"limits": {"cpu": "500m"}, "requests": {"cpu": 1}}, "requests", "cpu limit of 500m"),
    ({"limits": {"memory": "1Gi"}, "requests": {"memory": "1.5G"}}, "requests", "memory limit"),
    ({"requests": {"nvidia.com/gpu": 1}}, "limits", "Limit must be set"),
    ({"limits": {"nvidia.com/gpu": 2}, "requests": {"nvidia.com/gpu": 1}}, "requests", "equal to"),
]


@pytest.mark.parametrize(("resources", "field", "message"), RESOURCES)
def test_resources_are_checked(
    server: ApiServer, resources: JsonObject, field: str, message: str
) -> None:
    error = refusal(server, PODS, pod("a", container(resources=resources)))
    cause = error.causes[0]
    assert cause.field == f"spec.containers[0].resources.{field}"
    assert message in cause.message


def test_sound_resources_are_requested_as_limited(server: ApiServer) -> None:
    limits = {"cpu": 2, "memory": "1Gi", "nvidia.com/gpu": "1"}
    created = server.create(PODS, "default", pod("a", container(resources={"limits": limits})))
    requests = created["spec"]["containers"][0]["resources"]["requests"]
    assert requests == {"cpu": "2", "memory": "1Gi", "nvidia.com/gpu": "1"}


def test_a_sound_pod_is_accepted_as_it_is(server: ApiServer) -> None:
    env = [
        {"name": "with.dots-and spaces", "value": "x"},
        {"name": "RANK", "valueFrom": FROM_FIELD},
        {"name": "KEY", "valueFrom": FROM_KEY},
        {"name": "IP", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
    ]
    mounts = [{"name": "v", "mountPath": "/x"}, {"name": "v", "mountPath": "/y"}]
    value = pod(
        "a",
        container(env=env, volumeMounts=mounts, command=["python"], args=["-c", ""]),
        volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "c"}}],
        tolerations=[{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
        nodeSelector={"example.com/gpu": "a100"},
        affinity={"nodeAffinity": {}},
    )
    created = server.create(PODS, "default", value)["spec"]
    assert created["containers"][0]["env"] == env
    assert {key: created[key] for key in value["spec"] if key != "containers"} == {
        key: each for key, each in value["spec"].items() if key != "containers"
    }


def test_a_pod_can_hardly_be_changed(call: Caller) -> None:
    call("POST", PODS_PATH, pod())
    merge = "application/merge-patch+json"
    patch = {"spec": {"nodeSelector": {"a": "b"}}}
    answer = call("PATCH", f"{PODS_PATH}/pod", patch, content_type=merge)
    assert (answer.status, "pod updates may not change fields" in answer.text) == (422, True)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (
            {"template": {"spec": {"containers": [container()]}}},
            "spec.template.spec.restartPolicy",
        ),
        ({"backoffLimit": -1}, "spec.backoffLimit"),
        ({"completionMode": "Indexed", "parallelism": 2}, "spec.completions"),
        (
            {"template": {"spec": {"restartPolicy": "Always", "containers": [container()]}}},
            "spec.template.spec.restartPolicy",
        ),
        (
            {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a"}]}}},
            "spec.template.spec.containers[0].image",
        ),
    ],
)
def test_invalid_jobs_are_refused(server: ApiServer, change: JsonObject, field: str) -> None:
    error = refusal(server, JOBS, job("a", **change))
    assert [cause.field for cause in error.causes] == [field]


def test_a_job_selects_its_pods_by_its_uid(call: Caller) -> None:
    created = call("POST", JOBS_PATH, job()).json
    uid = created["metadata"]["uid"]
    labels = created["spec"]["template"]["metadata"]["labels"]
    assert labels["batch.kubernetes.io/controller-uid"] == uid
    assert labels["job-name"] == "job"
    assert created["spec"]["completions"] == created["spec"]["parallelism"] == 1


def test_the_template_of_a_job_cannot_be_changed_once_it_has_started(call: Caller) -> None:
    created = call("POST", JOBS_PATH, job()).json
    assert call("PUT", f"{JOBS_PATH}/job", created).status == 200
    created["spec"]["template"]["spec"]["containers"][0]["image"] = "other"
    answer = call("PUT", f"{JOBS_PATH}/job", created)
    assert (answer.status, "spec.template" in answer.json["message"]) == (422, True)


CONFIG_DATA: list[tuple[JsonObject, str, str]] = [
    ({"data": {"a b": "x"}}, "data[a b]", "a valid config key"),
    ({"data": {"..": "x"}}, "data[..]", "must not be '..'"),
    ({"data": {"k": "x"}, "binaryData": {"k": "eA=="}}, "binaryData[k]", "duplicate of key"),
    (
        {"data": {"k": "x" * (1024 * 1024 + 1)}},
        "[]",
        "Too long: may not be more than 1048576 bytes",
    ),
]


@pytest.mark.parametrize(("data", "field", "message"), CONFIG_DATA)
def test_invalid_config_maps_are_refused(
    server: ApiServer, data: JsonObject, field: str, message: str
) -> None:
    error = refusal(server, CONFIG_MAPS, {"metadata": {"name": "a"}, **data})
    (cause,) = error.causes
    assert (cause.field, message in cause.message) == (field, True)


def test_a_config_map_of_a_mebibyte_is_accepted(server: ApiServer) -> None:
    value = {"metadata": {"name": "a"}, "data": {"k": "x" * 1024 * 1024}}
    assert server.create(CONFIG_MAPS, "default", value)


def test_data_that_is_no_base64_cannot_be_decoded(server: ApiServer) -> None:
    value = {"metadata": {"name": "a"}, "binaryData": {"k": "not base64"}}
    assert refusal(server, CONFIG_MAPS, value).code == 400


def test_an_immutable_config_map_stays_as_it_is(call: Caller) -> None:
    call("POST", CONFIG_MAPS_PATH, {**config_map("a"), "immutable": True})
    for patch in ({"data": {"key": "other"}}, {"immutable": False}):
        merge = "application/merge-patch+json"
        answer = call("PATCH", f"{CONFIG_MAPS_PATH}/a", patch, content_type=merge)
        assert (answer.status, "field is immutable" in answer.text) == (422, True)
