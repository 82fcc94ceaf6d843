"""A cluster on this machine for sweeps from the command line, and a record of what it ran."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sweepwright.testing.kubernetes import ApiServer, Resource
from sweepwright.testing.kubernetes.cluster import Cluster, LocalProcesses
from sweepwright.testing.kubernetes.store.resources import (
    CLAIMS,
    CONFIG_MAPS,
    JOBS,
    PODS,
    PYTORCH_JOBS,
    TF_JOBS,
    TRAIN_JOBS,
)

JOB_KINDS = (JOBS, PYTORCH_JOBS, TF_JOBS, TRAIN_JOBS)
CLAIM = "files"
"""Name of the claim for checkpoints."""
QUEUE = "trials"
"""Name of a queue that admits two jobs at a time."""
_LABEL = "sweepwright.dev/"
_IDENTITY = ("sweep", "trial", "attempt", "role")


@dataclass
class StandInCluster:
    """An API server, and a cluster behind it whose pods are processes of this machine."""

    server: ApiServer
    cluster: Cluster
    processes: LocalProcesses
    kubeconfig: Path
    created: dict[str, set[str]] = field(default_factory=dict)
    """Uids of all jobs that were ever created, by their names."""
    specs: dict[str, Any] = field(default_factory=dict)
    """The objects of these jobs as they were created, by their names."""
    ran: dict[tuple[str, str, str, str], set[str]] = field(default_factory=dict)
    """Uids of all pods that ever ran, by sweep, trial, attempt and role."""

    undisturbed: dict[tuple[Any, ...], Sequence[tuple[Any, ...]]] = field(default_factory=dict)
    """Outcomes of sweeps on this machine, by what they depend on."""

    def jobs(self) -> list[Any]:
        """List the jobs of all kinds."""
        return [job for kind in JOB_KINDS for job in self.server.store.list(kind)]

    def pods(self) -> list[Any]:
        """List the pods."""
        return list(self.server.store.list(PODS))

    def leftovers(self) -> list[str]:
        """Name all that a sweep may have left."""
        maps = self.server.store.list(CONFIG_MAPS)
        found = [*self.jobs(), *self.pods(), *maps]
        return [f"{each['kind']} {each['metadata']['name']}" for each in found]

    def pod_of(self, trial: int) -> str:
        """Return the name of the pod of a trial's newest attempt, which must have one."""
        pods = [each for each in self.pods() if label(each, "trial") == str(trial)]
        newest = max(pods, key=lambda each: int(label(each, "attempt")))
        return str(newest["metadata"]["name"])

    def reset(self) -> None:
        """Remove faults, and everything that a failed test has left."""
        self.server.faults.clear()
        for kind in (*JOB_KINDS, CONFIG_MAPS):
            for each in self.server.store.list(kind):
                metadata = each["metadata"]
                self.server.store.delete(kind, metadata["namespace"], metadata["name"])
        self.created.clear()
        self.specs.clear()
        self.ran.clear()

    def record(self, change: str, resource: Resource, found: Mapping[str, Any]) -> None:
        """Take note of jobs that are created, except by operators, and of pods that run."""
        uid = found["metadata"]["uid"]
        owners = found["metadata"].get("ownerReferences") or []
        controlled = any(each.get("controller") for each in owners)
        if resource in JOB_KINDS and change == "ADDED" and not controlled:
            self.specs[found["metadata"]["name"]] = found
            self.created.setdefault(found["metadata"]["name"], set()).add(uid)
        elif resource == PODS and found.get("status", {}).get("phase") == "Running":
            sweep, trial, attempt, role = (label(found, name) for name in _IDENTITY)
            self.ran.setdefault((sweep, trial, attempt, role), set()).add(uid)


def label(found: Mapping[str, Any], name: str) -> str:
    """Return the value of a label of the project's."""
    return str((found["metadata"].get("labels") or {}).get(_LABEL + name, ""))


@contextmanager
def running_cluster(folder: Path, **options: Any) -> Iterator[StandInCluster]:
    """Run a cluster with a claim and a queue."""
    processes = LocalProcesses(folder / "pods", {"OMP_NUM_THREADS": "1"})
    queues = {QUEUE: 2}
    with ApiServer() as server, Cluster(server, processes, queues=queues, **options) as cluster:
        kubeconfig = server.kubeconfig(folder / "kubeconfig")
        found = StandInCluster(server, cluster, processes, kubeconfig)
        server.store.subscribe(found.record)
        spec = {"accessModes": ["ReadWriteMany"], "resources": {"requests": {"storage": "1Gi"}}}
        body = {"metadata": {"name": CLAIM}, "spec": spec}
        server.create(CLAIMS, "default", body)
        yield found
