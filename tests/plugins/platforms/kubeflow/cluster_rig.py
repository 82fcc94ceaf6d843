"""A cluster of local processes, and the platform that runs jobs in it."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweepwright.contracts import Ended, Job, Waiting, Workspace
from sweepwright.events import Failure, Json
from sweepwright.plugins.platforms.kubeflow import sweep_platforms
from sweepwright.plugins.platforms.kubeflow.options import KubeflowOptions
from sweepwright.testing.kubernetes import ApiServer, Resource
from sweepwright.testing.kubernetes.cluster import Cluster
from sweepwright.testing.kubernetes.store.resources import (
    CONFIG_MAPS,
    JOBS,
    PODS,
    PYTORCH_JOBS,
    TF_JOBS,
    TRAIN_JOBS,
)
from sweepwright.testing.platform_harness import PlatformHarness, sweep_of

provider = sweep_platforms()[0]
KINDS = (JOBS, PYTORCH_JOBS, TF_JOBS, TRAIN_JOBS, PODS, CONFIG_MAPS)


@dataclass
class ClusterRig:
    """What a test of the whole path needs."""

    server: ApiServer
    cluster: Cluster
    folder: Path
    stack: ExitStack
    options: dict[str, Any] = field(default_factory=dict)
    created: list[str] = field(default_factory=list)
    """Names of all pods that were ever created, in order."""

    def harness(self, *, resumed: bool = False) -> PlatformHarness:
        """Start a driver's platform, which is closed at the end of the test."""
        workspace = Workspace(sweep_of(self.folder), self.folder, 4, resumed=resumed)
        given = {"image": "trial:1", "requests_per_second": 1000.0, **self.options}
        options = KubeflowOptions(kubeconfig=str(self.folder / "config"), **given)
        platform = provider.build(options, workspace)
        return self.stack.enter_context(PlatformHarness(platform, self.folder, 30.0))

    def pods(self) -> list[str]:
        """Return the names of the pods that exist."""
        return [pod["metadata"]["name"] for pod in self.server.store.list(PODS, "default")]

    def pod(self) -> str:
        """Return the name of the only pod."""
        (pod,) = self.pods()
        return pod

    def left(self) -> list[str]:
        """Return what exists in the cluster."""
        return [
            f"{kind.kind} {each['metadata']['name']}"
            for kind in KINDS
            for each in self.server.store.list(kind, "default")
        ]

    def on_change(self, kind: str, resource: Resource, found: Json) -> None:
        """Note each pod that is created."""
        if kind == "ADDED" and resource == PODS:
            self.created.append(found["metadata"]["name"])


@contextmanager
def cluster_rig(folder: Path) -> Iterator[ClusterRig]:
    """Start a server, and a cluster of one node."""
    with (
        ApiServer() as server,
        Cluster(server, folder / "pods") as cluster,
        ExitStack() as stack,
    ):
        server.kubeconfig(folder / "config")
        rig = ClusterRig(server, cluster, folder, stack)
        server.store.subscribe(rig.on_change)
        yield rig


def watch_wait(harness: PlatformHarness, job: Job, wants: str) -> Waiting:
    """Poll until a job waits for something, and return the event."""
    harness.watch(lambda: any(wants in wait.wants for wait in harness.waits(job)))
    return next(wait for wait in harness.waits(job) if wants in wait.wants)


def end_well(harness: PlatformHarness, job: Job) -> None:
    """Poll until a job that runs `talk` has ended, and check that nothing was lost or repeated."""
    harness.watch_to_end(job)
    assert harness.failure(job) is None
    assert [line.sequence for line in harness.lines(job)] == list(range(6))
    assert len(harness.launches(job)) == len(harness.endings(job)) == 1


def end_badly(harness: PlatformHarness, job: Job) -> Failure:
    """Poll until a job has ended, and return its failure, which has one line."""
    harness.watch_to_end(job)
    (ended,) = [event for event in harness.of(job) if isinstance(event, Ended)]
    assert ended.failure is not None
    assert len(ended.failure.message.splitlines()) == 1
    return ended.failure
