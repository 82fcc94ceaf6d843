"""Cleaning: deletes what a sweep has in its cluster.

All objects of a sweep have its label. Jobs are deleted in the foreground, so that an object which
is gone has no pods any more; the ConfigMap goes last, because it owns the jobs.
"""

import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from sweepwright.contracts import Workspace
from sweepwright.events import Json

from .api.cluster import Cluster, open_cluster
from .api.errors import UNKNOWN_PATH, ApiError, MissingClientError, NoClusterError
from .api.resources import CONFIG_MAP, JOB_KINDS, POD, Resource
from .cluster_settings import cluster_settings
from .jobs.pod_view import owner_job
from .manifests.metadata import sweep_selector
from .options import KubeflowOptions

GONE_SECONDS = 120.0
"""Seconds for which a cleanup waits until deleted pods are gone."""
GIVE_UP_SECONDS = 20.0
_LOOK_SECONDS = 0.2
_LONGEST_LOOK = 3.0
_ABSENT = (404, 409)
"""Answers to the deletion of an object that is gone, or that another one has replaced."""
_FORBIDDEN = 403


def clean_cluster(options: KubeflowOptions, workspace: Workspace) -> Iterator[str]:
    """Delete all objects of a sweep, and yield a line for each kind of them.

    Raises
    ------
    ConnectionError
        When there is no cluster, or when it refuses.
    """
    try:
        cluster = open_cluster(cluster_settings(options))
    except (NoClusterError, MissingClientError) as error:
        raise ConnectionError(str(error)) from error
    try:
        yield from _clean(cluster, sweep_selector(workspace.sweep), _kinds(options))
    except ApiError as error:
        raise ConnectionError(f"{cluster.where}: {error.message}") from error
    finally:
        cluster.close()


def delete_jobs(
    cluster: Cluster, resource: Resource, selector: str, wanted: Collection[str] | None = None
) -> int:
    """Delete a sweep's jobs of a kind, all or those with given names; return how many."""
    found = [
        job
        for job in find_all(cluster, resource, selector)
        if wanted is None or owner_job(job) in wanted
    ]
    for job in found:
        _delete_found(cluster, resource, job)
    return len(found)


def delete_inputs(cluster: Cluster, selector: str) -> int:
    """Delete a sweep's ConfigMaps, whose jobs are gone; return how many there were."""
    found = find_all(cluster, CONFIG_MAP, selector)
    for each in found:
        _delete_found(cluster, CONFIG_MAP, each, "Background")
    return len(found)


def find_all(cluster: Cluster, resource: Resource, selector: str) -> Sequence[Json]:
    """List a sweep's objects of a kind; none if the cluster does not know, or show, the kind."""
    path, query = resource.path(cluster.namespace), {"labelSelector": selector}
    try:
        listed = cluster.request("GET", path, query=query, give_up=GIVE_UP_SECONDS)
    except ApiError as error:
        # A sweep has jobs of one kind, and its Role may allow no other.
        if error.reason == UNKNOWN_PATH or (
            error.status == _FORBIDDEN and resource in JOB_KINDS.values()
        ):
            return []
        raise
    items: Sequence[Json] = listed["items"]
    return items


def delete(
    cluster: Cluster, resource: Resource, name: str, uid: str, propagation: str = "Foreground"
) -> None:
    """Delete an object; in the foreground, what it owns is deleted before it."""
    options = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "propagationPolicy": propagation,
        "preconditions": {"uid": uid},
    }
    cluster.request("DELETE", resource.path(cluster.namespace, name), body=options)


def _kinds(options: KubeflowOptions) -> Sequence[Resource]:
    if options.kind != "auto":
        return [JOB_KINDS[options.kind]]
    return list(JOB_KINDS.values())


def _clean(cluster: Cluster, selector: str, kinds: Sequence[Resource]) -> Iterator[str]:
    deleted = Counter({kind.kind: delete_jobs(cluster, kind, selector) for kind in kinds})
    pods = len(find_all(cluster, POD, selector))
    _wait_until_gone(cluster, selector, [*kinds, POD])
    deleted["Pod"] = pods
    deleted["ConfigMap"] = delete_inputs(cluster, selector)
    _wait_until_gone(cluster, selector, [CONFIG_MAP])
    for kind, number in deleted.items():
        if number:
            yield f"deleted {number:,} {kind}{'s' if number > 1 else ''} in `{cluster.namespace}`"


def _wait_until_gone(cluster: Cluster, selector: str, kinds: Sequence[Resource]) -> None:
    until, pause = time.monotonic() + GONE_SECONDS, _LOOK_SECONDS
    left = list(kinds)
    while left := [kind for kind in left if find_all(cluster, kind, selector)]:
        if time.monotonic() > until:
            names = ", ".join(kind.plural for kind in left)
            message = f"{names} were deleted, but are not gone after {GONE_SECONDS:g} s"
            raise ConnectionError(f"{cluster.where}: {message}")
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_LOOK)


def _delete_found(
    cluster: Cluster, resource: Resource, found: Json, propagation: str = "Foreground"
) -> None:
    metadata = found["metadata"]
    try:
        delete(cluster, resource, metadata["name"], metadata["uid"], propagation)
    except ApiError as error:
        if error.status not in _ABSENT:
            raise
