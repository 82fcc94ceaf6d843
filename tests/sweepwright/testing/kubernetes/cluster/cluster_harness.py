"""A cluster with the objects of tests, and waits for what becomes of them."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sweepwright.testing.kubernetes import ApiServer, LogQuery
from sweepwright.testing.kubernetes.cluster import (
    Cluster,
    Finish,
    KubeletSettings,
    LocalProcesses,
    Scripted,
    ScriptedContainer,
    Write,
)
from sweepwright.testing.kubernetes.store.resources import EVENTS, PODS, Resource

Object = dict[str, Any]
WAIT_SECONDS = 20.0
QUICK = KubeletSettings(retry_seconds=0.02, restart_seconds=0.02)


def play(container: ScriptedContainer) -> Iterator[Write | Finish]:
    """Write what the variable TEXT says, and end after SECONDS with CODE, by default never."""
    known = container.environment
    if "TEXT" in known:
        yield Write(0.0, known["TEXT"].encode())
    seconds = float(known.get("SECONDS", "3600"))
    yield Finish(seconds, int(known.get("CODE", "0")), known.get("MESSAGE", ""))


class ClusterHarness:
    """A cluster and its server, with shorthands."""

    def __init__(self, server: ApiServer, cluster: Cluster) -> None:
        self.server = server
        self.store = server.store
        self.cluster = cluster
        self.faults = cluster.faults
        self._changed = threading.Condition()
        server.store.subscribe(self._notice)

    def _notice(self, *_: object) -> None:
        with self._changed:
            self._changed.notify_all()

    def until(self, true: Callable[[], Any]) -> Any:
        """Wait until something is true of the objects; return what it is."""
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := true()):
            assert time.monotonic() < deadline, f"after {WAIT_SECONDS} s: {self.summary()}"
            with self._changed:  # logs grow without a change of an object
                self._changed.wait(0.01)
        return found

    def summary(self) -> str:
        """Describe the pods and events, for a wait that fails."""
        pods = [(pod["metadata"]["name"], pod["status"]) for pod in self.pods()]
        events = [(e["involvedObject"]["name"], e["reason"], e["message"]) for e in self.events()]
        return f"pods {pods}, events {events}"

    def pods(self, selector: str = "") -> list[Object]:
        return self.store.list(PODS, "default", selector)

    def pod(self, name: str) -> Object:
        return self.store.get(PODS, "default", name)

    def running(self, count: int = 1) -> list[Object]:
        """Wait until so many pods run, and return them."""
        self.until(lambda: len(self._in_phase("Running")) == count)
        return self._in_phase("Running")

    def _in_phase(self, phase: str) -> list[Object]:
        return [pod for pod in self.pods() if pod["status"].get("phase") == phase]

    def events(self, name: str | None = None) -> list[Object]:
        found = self.store.list(EVENTS, "default")
        return [e for e in found if name in {None, e["involvedObject"]["name"]}]

    def event(self, reason: str) -> Object:
        """Wait for an event with a reason."""

        def found() -> list[Object]:
            return [event for event in self.events() if event["reason"] == reason]

        first: Object = self.until(found)[0]
        return first

    def condition(self, resource: Resource, name: str, kind: str, value: str = "True") -> Object:
        """Wait until an object has a condition, and return that."""

        def found() -> Object | None:
            status = self.store.get(resource, "default", name).get("status") or {}
            held = (c for c in status.get("conditions") or [] if c["type"] == kind)
            return next((c for c in held if c["status"] == value), None)

        condition: Object = self.until(found)
        return condition

    def status(self, resource: Resource, name: str) -> Object:
        status: Object = self.store.get(resource, "default", name)["status"]
        return status

    def create(self, resource: Resource, name: str, spec: Object, **metadata: Any) -> Object:
        """Create an object without asking the server's rules."""
        body = {"metadata": {"name": name, **metadata}, "spec": spec}
        return self.store.create(resource, "default", body)

    def log(self, pod: str, container: str = "main", **options: Any) -> bytes:
        """Read the log of a pod."""
        return b"".join(self.chunks(pod, container, **options))

    def chunks(self, pod: str, container: str = "main", **options: Any) -> Iterator[bytes]:
        source = self.server._api.logs.source
        return iter(source(self.pod(pod), LogQuery(container, **options)))


@contextmanager
def scripted(**arguments: Any) -> Iterator[ClusterHarness]:
    """Run a cluster without processes."""
    with ApiServer(collection_delay=0.01) as server:
        settings = {"settings": QUICK, **arguments}
        with Cluster(server, Scripted(play), **settings) as cluster:
            yield ClusterHarness(server, cluster)


@contextmanager
def processes(folder: Path, **arguments: Any) -> Iterator[ClusterHarness]:
    """Run a cluster whose pods are processes."""
    with ApiServer(collection_delay=0.01) as server:
        runtime = LocalProcesses(folder)
        settings = {"settings": QUICK, **arguments}
        with Cluster(server, runtime, **settings) as cluster:
            yield ClusterHarness(server, cluster)


def template(name: str = "main", **container: Any) -> Object:
    """Return a pod template; keys in capitals are environment variables."""
    env = [{"name": k, "value": str(v)} for k, v in container.items() if k.isupper()]
    rest = {k: v for k, v in container.items() if not k.isupper()}
    policy = rest.pop("restartPolicy", "Never")
    spec = {key: rest.pop(key) for key in POD_KEYS if key in rest}
    held = {"name": name, "image": "image", "env": [*rest.pop("env", []), *env], **rest}
    return {"spec": {"restartPolicy": policy, "containers": [held], **spec}}


POD_KEYS = (
    "affinity",
    "initContainers",
    "nodeSelector",
    "priority",
    "schedulingGates",
    "terminationGracePeriodSeconds",
    "tolerations",
    "volumes",
)


def pytorch_spec(workers: int = 0, run_policy: Object | None = None, **container: Any) -> Object:
    """Return the spec of a PyTorchJob."""
    pod = template("pytorch", **container)
    specs = {"Master": {"replicas": 1, "restartPolicy": "Never", "template": pod}}
    if workers:
        specs["Worker"] = {"replicas": workers, "restartPolicy": "Never", "template": pod}
    return {"pytorchReplicaSpecs": specs, "runPolicy": run_policy or {}}


def job_spec(backoffLimit: int = 0, **container: Any) -> Object:  # noqa: N803 - Kubernetes' name
    """Return the spec of a Job."""
    return {"backoffLimit": backoffLimit, "template": template(**container)}


def run_pod(harness: ClusterHarness, name: str = "pod", /, **container: Any) -> None:
    """Create a pod of its own."""
    body = {"metadata": {"name": name}, **template(**container)}
    harness.server.create(PODS, "default", body)
