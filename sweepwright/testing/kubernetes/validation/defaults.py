"""Values that the server fills in where an object of a built-in kind has none."""

from ..store.resources import JOBS, NAMESPACES, PODS, JsonObject, Resource

_POD_DEFAULTS: JsonObject = {
    "restartPolicy": "Always",
    "terminationGracePeriodSeconds": 30,
    "dnsPolicy": "ClusterFirst",
    "schedulerName": "default-scheduler",
    "securityContext": {},
}
_CONTAINER_DEFAULTS: JsonObject = {
    "resources": {},
    "terminationMessagePath": "/dev/termination-log",
    "terminationMessagePolicy": "File",
}
_JOB_DEFAULTS: JsonObject = {
    "parallelism": 1,
    "completions": 1,
    "backoffLimit": 6,
    "completionMode": "NonIndexed",
    "suspend": False,
    "podReplacementPolicy": "TerminatingOrFailed",
}


def with_defaults(resource: Resource, value: JsonObject) -> JsonObject:
    """Return an object with the server's defaults, which no value in it is replaced by."""
    if resource == NAMESPACES:
        return _namespace(value)
    if resource == PODS:
        spec = {"enableServiceLinks": True, **_pod_spec(value.get("spec") or {}, requests=True)}
        status = {"phase": "Pending", **(value.get("status") or {})}
        return {**value, "spec": spec, "status": status}
    if resource == JOBS:
        return _job(value)
    return value


def _namespace(value: JsonObject) -> JsonObject:
    metadata = value["metadata"]
    named = {"kubernetes.io/metadata.name": metadata.get("name", "")}
    return {
        **value,
        "metadata": {**metadata, "labels": {**(metadata.get("labels") or {}), **named}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": value.get("status") or {"phase": "Active"},
    }


def _pod_spec(spec: JsonObject, *, requests: bool) -> JsonObject:
    filled = {**_POD_DEFAULTS, **spec}
    for part in ("containers", "initContainers"):
        if filled.get(part):
            filled[part] = [_container(each, requests=requests) for each in filled[part]]
    return filled


def _container(container: JsonObject, *, requests: bool) -> JsonObject:
    filled = {**_CONTAINER_DEFAULTS, **container}
    image = filled.get("image") or ""
    tag = image.rpartition("/")[2].partition(":")[2]
    filled.setdefault("imagePullPolicy", "Always" if tag in {"", "latest"} else "IfNotPresent")
    limits = filled["resources"].get("limits")
    if limits and requests:  # of a pod alone, not of a template
        wanted = {**limits, **(filled["resources"].get("requests") or {})}
        filled["resources"] = {**filled["resources"], "requests": wanted}
    return filled


def _job(value: JsonObject) -> JsonObject:
    metadata, spec = value["metadata"], dict(value.get("spec") or {})
    defaults = dict(_JOB_DEFAULTS)
    if spec.get("parallelism") is not None:
        del defaults["completions"]  # a queue of work: any pod that succeeds completes it
    spec = {**defaults, **spec}
    template = dict(spec.get("template") or {})
    if not spec.get("manualSelector"):
        labels = _labels_of_pods(metadata)
        uid_label = "batch.kubernetes.io/controller-uid"
        spec["selector"] = {"matchLabels": {uid_label: labels[uid_label]}}
        inner = template.get("metadata") or {}
        template["metadata"] = {**inner, "labels": {**(inner.get("labels") or {}), **labels}}
    if template.get("spec") is not None:
        policy = template["spec"].get("restartPolicy")
        template["spec"] = _pod_spec(template["spec"], requests=False)
        if policy is None:  # which a template must say itself
            del template["spec"]["restartPolicy"]
    return {**value, "spec": {**spec, "template": template}, "status": value.get("status") or {}}


def _labels_of_pods(metadata: JsonObject) -> dict[str, str]:
    """Return the labels by which a job knows its pods."""
    uid, name = metadata["uid"], metadata.get("name", "")
    return {
        "batch.kubernetes.io/controller-uid": uid,
        "batch.kubernetes.io/job-name": name,
        "controller-uid": uid,
        "job-name": name,
    }
