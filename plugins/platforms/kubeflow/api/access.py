"""Asks a cluster, before the first trial, whether it has everything that a sweep's jobs need.

Each function checks one thing and returns findings, whose paths name options of the platform.
None has an effect on the cluster.
"""

import importlib
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

from sweepwright.contracts import Finding
from sweepwright.events import Json

from .cluster import Cluster, ClusterSettings
from .errors import ApiError, NoClusterError
from .login import find_login
from .resources import ACCESS_REVIEW, JOB, NAMESPACE, VOLUME_CLAIM, Resource

GIVE_UP_SECONDS = 10.0
"""Seconds after which the probe gives up a request, which a user waits for."""
_OPERATORS = {
    "kubeflow.org": "the Kubeflow training operator 1.9 or older",
    "trainer.kubeflow.org": "Kubeflow Trainer",
}
_RENDER = "`sweepwright render` writes the manifests without a cluster"
_DRY_RUN = {"dryRun": "All", "fieldValidation": "Strict"}
_FIELD_FAULT = re.compile(r'(unknown|duplicate) field "([^"]+)"')
"""How the strict validation names a field; it lists no causes."""
_SHARED_MODES = {"ReadWriteMany"}
_WRITABLE_MODES = {"ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"}


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that a sweep needs."""

    verb: str
    resource: Resource
    subresource: str = ""

    @property
    def target(self) -> str:
        """Name what the verb is applied to, as Roles do."""
        group = f".{self.resource.group}" if self.resource.group else ""
        part = f"/{self.subresource}" if self.subresource else ""
        return f"{self.resource.plural}{group}{part}"


Locate = Callable[[str], tuple[str | int, ...]]
"""Finds the option from which a field of a manifest comes."""


def describe_no_cluster(error: NoClusterError) -> Finding:
    """Say what was looked for and where, and how to go on without a cluster."""
    if error.option == "context":
        help_ = "give `platform.context=NAME`; `kubectl config get-contexts` lists the names"
    elif error.looked_for:
        help_ = "set `platform.kubeconfig` or $KUBECONFIG to the file that `kubectl` uses"
    else:
        help_ = "repair it so that `kubectl get pods` works"
    return Finding((error.option,), str(error), f"{help_}; {_RENDER}")


def check_client() -> list[Finding]:
    """Check that the package is installed that speaks to API servers."""
    try:
        importlib.import_module("kubernetes")
    except ImportError:
        help_ = f"install it: `{sys.executable} -m pip install 'sweepwright[kubeflow]'`; {_RENDER}"
        return [Finding((), "the package `kubernetes` is not installed", help_)]
    return []


def check_login(settings: ClusterSettings) -> list[Finding]:
    """Check that a cluster is configured; the package `kubernetes` is not needed for this."""
    try:
        find_login(settings.kubeconfig, settings.context)
    except NoClusterError as error:
        return [describe_no_cluster(error)]
    return []


def measure_answer(cluster: Cluster) -> tuple[list[Finding], str, float]:
    """Ask for the server's version; return findings, the version and the seconds it took."""
    begin = time.monotonic()
    try:
        version = cluster.request("GET", "/version", give_up=GIVE_UP_SECONDS)
    except ApiError as error:
        if error.status in (401, 403):
            return [_refused(cluster, error)], "", time.monotonic() - begin
        finding = Finding(
            ("kubeconfig",),
            error.message,
            f"the address is that of {cluster.where}; `kubectl cluster-info` asks the same server",
        )
        return [finding], "", time.monotonic() - begin
    name = str(version.get("gitVersion", "")) if isinstance(version, dict) else ""
    return [], name, time.monotonic() - begin


def check_namespace(cluster: Cluster) -> list[Finding]:
    """Check that the namespace exists, unless the user may not look at namespaces."""
    try:
        found = cluster.request(
            "GET", NAMESPACE.path("", cluster.namespace), give_up=GIVE_UP_SECONDS
        )
    except ApiError as error:
        if error.status == 403:  # noqa: PLR2004
            return []
        if error.status == 404:  # noqa: PLR2004
            message = f"the namespace `{cluster.namespace}` does not exist"
            help_ = f"choose another `namespace`, or: kubectl create namespace {cluster.namespace}"
            return [Finding(("namespace",), message, help_)]
        return [_refused(cluster, error)]
    if (found.get("status") or {}).get("phase") == "Terminating":
        message = f"the namespace `{cluster.namespace}` is being deleted"
        return [Finding(("namespace",), message, "choose another `namespace`")]
    return []


def check_kind(cluster: Cluster, resource: Resource) -> list[Finding]:
    """Check that the cluster knows a kind of jobs, which an operator installs."""
    try:
        known = cluster.request("GET", resource.group_path, give_up=GIVE_UP_SECONDS)
    except ApiError as error:
        if error.status != 404:  # noqa: PLR2004
            return [_refused(cluster, error)]
        known = {}
    if any(each.get("name") == resource.plural for each in known.get("resources") or []):
        return []
    operator = _OPERATORS.get(resource.group)
    install = f"install {operator}, or " if operator else ""
    return [
        Finding(
            ("kind",),
            f"the cluster does not know the kind {resource.kind} ({resource.api_version})",
            f"{install}use `platform.kind={JOB.kind}`, which every cluster knows, "
            "for trials of one process",
        )
    ]


def check_permissions(cluster: Cluster, needs: Sequence[Need]) -> list[Finding]:
    """Ask for each permission, and return one finding that lists those that are missing."""
    try:
        with ThreadPoolExecutor(8) as threads:
            allowed = list(threads.map(lambda need: _allows(cluster, need), needs))
    except ApiError as error:
        return [_refused(cluster, error)]
    missing = [need for need, allows in zip(needs, allowed, strict=True) if not allows]
    if not missing:
        return []
    return [
        Finding(
            ("namespace",),
            f"{cluster.where} may not {_listed(missing)} in the namespace `{cluster.namespace}`",
            "`sweepwright platform rbac` prints the Role that a sweep needs",
        )
    ]


def check_create(
    cluster: Cluster,
    resource: Resource,
    manifest: Json,
    locate: Locate = lambda _: (),
) -> list[Finding]:
    """Let the server validate an object without creating it, unknown fields included."""
    path = resource.path(cluster.namespace)
    try:
        reply = cluster.exchange(
            "POST", path, query=_DRY_RUN, body=manifest, give_up=GIVE_UP_SECONDS
        )
    except ApiError as error:
        return list(_create_findings(cluster, resource, error, locate))
    return [_server_warning(resource, text, locate) for text in reply.warnings]


def check_claim(
    cluster: Cluster, name: str, path: tuple[str | int, ...], *, shared: bool
) -> list[Finding]:
    """Check that a volume claim exists, and that several nodes can write to it if `shared`."""
    try:
        claim = cluster.request(
            "GET", VOLUME_CLAIM.path(cluster.namespace, name), give_up=GIVE_UP_SECONDS
        )
    except ApiError as error:
        if error.status == 403:  # noqa: PLR2004
            text = f"whether the volume claim `{name}` exists cannot be checked: {error.message}"
            return [Finding(path, text, warning=True)]
        if error.status != 404:  # noqa: PLR2004
            return [_refused(cluster, error)]
        message = f"the volume claim `{name}` does not exist in `{cluster.namespace}`"
        return [Finding(path, message, "`kubectl get pvc` lists those that do")]
    return list(_claim_findings(claim, name, path, shared=shared))


def _allows(cluster: Cluster, need: Need) -> bool:
    attributes = {
        "namespace": cluster.namespace,
        "verb": need.verb,
        "group": need.resource.group,
        "resource": need.resource.plural,
        "subresource": need.subresource,
    }
    review = {
        "apiVersion": ACCESS_REVIEW.api_version,
        "kind": ACCESS_REVIEW.kind,
        "spec": {"resourceAttributes": {k: v for k, v in attributes.items() if v}},
    }
    answer = cluster.request("POST", ACCESS_REVIEW.path(""), body=review, give_up=GIVE_UP_SECONDS)
    return bool((answer.get("status") or {}).get("allowed"))


def _listed(needs: Iterable[Need]) -> str:
    """Join permissions: ``create, delete pytorchjobs.kubeflow.org; list pods``."""
    ordered = sorted(needs, key=lambda need: need.target)
    return "; ".join(
        f"{', '.join(need.verb for need in group)} {target}"
        for target, group in groupby(ordered, key=lambda need: need.target)
    )


def _create_findings(
    cluster: Cluster, resource: Resource, error: ApiError, locate: Locate
) -> Iterator[Finding]:
    text = f"the cluster does not accept a {resource.kind}"
    if error.reason == "AlreadyExists":  # an earlier driver of the sweep has created it
        return
    if error.status in (0, 401) or "cannot create resource" in error.message:
        yield _refused(cluster, error)
    elif "does not support dry run" in error.message:
        text = f"an admission webhook cannot validate a {resource.kind} beforehand"
        yield Finding((), f"{text}: {error.message}", warning=True)
    elif "exceeded quota" in error.message:
        yield Finding((), f"jobs wait for the quota: {error.message}", warning=True)
    elif error.causes:
        # Beside the faults there is a note, without a field, that not all was checked.
        causes = [cause for cause in error.causes if cause[0] != "<nil>"]
        for field, message in causes or error.causes:
            yield Finding(locate(field), f"{text}: {field}: {message}")
    elif fields := _FIELD_FAULT.findall(error.message):
        for fault, field in fields:
            yield Finding(locate(field), f"{text}: {fault} field `{field}`")
    else:
        yield Finding((), f"{text}: {error.message}")


def _server_warning(resource: Resource, text: str, locate: Locate) -> Finding:
    found = _FIELD_FAULT.search(text)
    path = locate(found[2]) if found else ()
    return Finding(path, f"the cluster warns about a {resource.kind}: {text}", warning=True)


def _claim_findings(
    claim: Mapping[str, Json], name: str, path: tuple[str | int, ...], *, shared: bool
) -> Iterator[Finding]:
    spec, status = claim.get("spec") or {}, claim.get("status") or {}
    modes = set(status.get("accessModes") or spec.get("accessModes") or [])
    if not modes & _WRITABLE_MODES:
        text = f"the volume claim `{name}` is read-only ({', '.join(sorted(modes))})"
        yield Finding(path, text, "checkpoints need a claim that trials can write to")
    elif shared and not modes & _SHARED_MODES:
        text = (
            f"pods on several nodes cannot use the volume claim `{name}` at once "
            f"({', '.join(sorted(modes))})"
        )
        yield Finding(
            path,
            text,
            "use a claim of the mode ReadWriteMany, or pin the jobs to a node by `node_selector`",
            warning=True,
        )
    if status.get("phase") == "Lost":
        yield Finding(path, f"the volume claim `{name}` has lost its volume", None)


def _refused(cluster: Cluster, error: ApiError) -> Finding:
    """Describe a refusal that has nothing to do with what was asked."""
    if error.status == 401:  # noqa: PLR2004
        message = (
            f"the cluster does not accept the credentials of {cluster.where}: {error.message}"
        )
        return Finding(("context",), message, "log in again, for example by `kubectl get pods`")
    if "system:anonymous" in error.message:
        return Finding(("context",), f"{cluster.where} has no credentials: {error.message}")
    if error.status == 403:  # noqa: PLR2004
        help_ = "`sweepwright platform rbac` prints the Role that a sweep needs"
        return Finding(("namespace",), f"{cluster.where}: {error.message}", help_)
    return Finding(("kubeconfig",), f"{cluster.where}: {error.message}")
