"""The probe: asks the cluster, before the first trial, whether it has all that jobs need."""

from collections.abc import Iterator, Sequence

from sweepwright.contracts import Finding, Job, ProbeRequest, TrialCode
from sweepwright.runner_client.code_archive import CodeError

from .api.access import (
    Need,
    check_claim,
    check_client,
    check_create,
    check_kind,
    check_login,
    check_namespace,
    check_permissions,
    describe_no_cluster,
    measure_answer,
)
from .api.cluster import Cluster, open_cluster
from .api.errors import NoClusterError
from .api.resources import CONFIG_MAP, EVENT, JOB_KINDS, POD, Resource
from .building import SweepManifests
from .cluster_settings import cluster_settings
from .manifests import choose_kind
from .options import KubeflowOptions

PROBE = "probe"
"""Stands for the sweep in the manifests that the cluster validates and does not create."""


def probe(options: KubeflowOptions, request: ProbeRequest) -> Iterator[Finding]:
    """Yield a finding for everything that the cluster lacks."""
    settings = cluster_settings(options)
    missing = [*check_client(), *check_login(settings)]
    yield from missing
    if missing:
        return
    try:
        cluster = open_cluster(settings)
    except NoClusterError as error:
        yield describe_no_cluster(error)
        return
    try:
        yield from _look_at(cluster, options, request)
    finally:
        cluster.close()


def _look_at(
    cluster: Cluster, options: KubeflowOptions, request: ProbeRequest
) -> Iterator[Finding]:
    """Check the server, the kind, the permissions and the objects; stop where one is missing."""
    kind = choose_kind(options, request.code.kind, request.code.roles)
    assert kind is not None, "a check of the options reports a trial of no kind"
    resource = JOB_KINDS[kind.name]
    unreachable, _, _ = measure_answer(cluster)
    findings = [
        *(unreachable or check_namespace(cluster)),
        *([] if unreachable else check_kind(cluster, resource)),
    ]
    yield from findings
    if findings:
        return
    missing = check_permissions(cluster, _needs(resource))
    yield from missing
    if not missing:
        yield from _try_objects(cluster, options, request, resource)
    for name, path in _claims(options):
        yield from check_claim(cluster, name, path, shared=path[0] == "files")


def _try_objects(
    cluster: Cluster, options: KubeflowOptions, request: ProbeRequest, resource: Resource
) -> Iterator[Finding]:
    """Let the cluster validate the objects of a sweep, without creating them."""
    manifests = SweepManifests(options, PROBE, request.folder)
    try:
        job = manifests.render(_sample(request.code))
    except (CodeError, OSError, ValueError) as error:
        yield Finding(("code",), f"the code cannot be packed: {error}")
        return
    yield from check_create(cluster, CONFIG_MAP, manifests.inputs())
    yield from check_create(cluster, resource, job)


def _sample(code: TrialCode) -> Job:
    """Make a job that stands for all."""
    return Job("probe-0-1", code.roles, code.environment, code.folder, kind=code.kind)


def _needs(resource: Resource) -> Sequence[Need]:
    """List what the Role of `rbac` allows."""
    return [
        *(Need(verb, resource) for verb in ("create", "get", "list", "watch", "delete")),
        *(Need(verb, POD) for verb in ("get", "list", "watch")),
        Need("get", POD, "log"),
        *(Need(verb, CONFIG_MAP) for verb in ("create", "get", "list", "delete")),
        Need("list", EVENT),
    ]


def _claims(options: KubeflowOptions) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    if options.files.claim:
        yield options.files.claim, ("files", "claim")
    for number, volume in enumerate(options.volumes or ()):
        if volume.claim:
            yield volume.claim, ("volumes", number, "claim")
