"""A cluster behind an API server: operators, a scheduler and kubelets, in one thread."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from ..server import ApiServer
from ..store.resources import (
    CLAIMS,
    NODES,
    PODS,
    JsonObject,
    Resource,
)
from .cluster_faults import ClusterFaults
from .control_loop import ControlLoop
from .controller_client import ControllerClient
from .kubelet.images import Images
from .kubelet.kubelet import Kubelet
from .kubelet.local_processes import LocalProcesses
from .kubelet.pod_worker import KubeletSettings, Surroundings
from .kubelet.runtime import Runtime
from .kubelet.scripted import Scripted
from .nodes import Node, node_object
from .object_view import ObjectView, controller_uid
from .operators.admission import JobWebhooks
from .operators.batch_jobs import JobController
from .operators.pytorch_jobs import PyTorch
from .operators.tf_jobs import TensorFlow
from .operators.train_jobs import TrainingRuntime, TrainJobController
from .operators.training_jobs import TrainingOperator
from .queues import KINDS, Queues, suspend_queued
from .quota import Quotas
from .scheduler import Scheduler

DEFAULT_RUNTIMES = {"torch-distributed": TrainingRuntime()}


class _Controller(Protocol):
    """A controller of jobs of one kind."""

    @property
    def resource(self) -> Resource:
        """Kind of the jobs."""
        ...

    def reconcile(self, namespace: str, name: str) -> None:
        """Bring a job to what its spec asks for."""
        ...


class Cluster:
    """Runs the jobs and pods of an API server, for use in a `with` statement.

    Parameters
    ----------
    server : ApiServer
        The server, which is running.
    pods : LocalProcesses, Scripted or Path
        What runs containers: processes under a folder, or scripts.
    nodes : sequence of Node
        The nodes; by default one with 16 processors, 64 GiB of memory and no GPU.
    images : collection of str, optional
        Images that can be pulled; all can by default.
    runtimes : mapping, optional
        Training runtimes of TrainJobs by name; by default ``torch-distributed``.
    queues : mapping, optional
        Queues of Kueue by name, each with the number of jobs that it admits at a time.
    settings : KubeletSettings, optional
        How the kubelets behave.
    init_image : str, optional
        Image of the init container that the real operator adds to the workers of PyTorchJobs
        (``alpine:3.10``); none is added by default.
    """

    def __init__(
        self,
        server: ApiServer,
        pods: LocalProcesses | Scripted | Path,
        *,
        nodes: Sequence[Node] = (Node(),),
        images: Collection[str] | None = None,
        runtimes: Mapping[str, TrainingRuntime] | None = None,
        queues: Mapping[str, int] | None = None,
        settings: KubeletSettings | None = None,
        init_image: str | None = None,
    ) -> None:
        runtimes = DEFAULT_RUNTIMES if runtimes is None else runtimes
        self._server = server
        self._nodes = nodes
        self._loop = ControlLoop()
        self._view = ObjectView()
        self._client = ControllerClient(server.store, self._view, server.create)
        self._runtime = self._attached(pods)
        pullable = Images(images)
        around = Surroundings(
            self._client, self._loop, self._runtime, pullable, settings or KubeletSettings()
        )
        self._kubelet = Kubelet(around)
        self._scheduler = Scheduler(self._client, self._loop)
        self._queues = Queues(self._client, queues or {})
        self._controllers = self._make_controllers(runtimes, init_image)
        webhooks = JobWebhooks(runtimes)
        self._reviews = [suspend_queued, webhooks.review, Quotas(server.store).review]
        self.faults = ClusterFaults(
            self._client, self._loop, self._kubelet, self._scheduler, pullable
        )

    def _attached(self, pods: LocalProcesses | Scripted | Path) -> Runtime:
        if isinstance(pods, Path):
            return LocalProcesses(pods)
        if isinstance(pods, Scripted):
            pods.attach(self._loop)
        return pods

    def _make_controllers(
        self, runtimes: Mapping[str, TrainingRuntime], init_image: str | None
    ) -> dict[Resource, _Controller]:
        parts: list[_Controller] = [
            TrainingOperator(self._client, self._loop, PyTorch(init_image)),
            TrainingOperator(self._client, self._loop, TensorFlow()),
            TrainJobController(self._client, self._loop, runtimes),
            JobController(self._client, self._loop),
        ]
        return {part.resource: part for part in parts}

    def __enter__(self) -> Self:
        self._loop.start()
        self._server.admission += self._reviews
        store = self._server.store
        store.subscribe(self._receive)
        for node in self._nodes:
            store.create(NODES, "", node_object(node))
        for resource in self._server.resources:
            for found in store.list(resource):
                self._receive("ADDED", resource, found)
        self._server.serve_logs(self._kubelet.read_log)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for review in self._reviews:
            self._server.admission.remove(review)
        try:
            self._loop.close()
        finally:  # from here on nothing is started again
            self._kubelet.close()
            self._runtime.close()

    def set_queue_room(self, queue: str, jobs: int) -> None:
        """Let a queue admit so many jobs at a time."""
        self._loop.ask(lambda: self._queues.set_room(queue, jobs))

    def settle(self) -> None:
        """Wait until the controllers have dealt with all that has happened so far."""
        while not self._is_settled():
            pass

    def _is_settled(self) -> bool:
        """Tell whether the controllers know all changes, and have answered with none."""
        store = self._server.store
        version = store.history.version
        store.flush()
        return self._loop.ask(lambda: self._loop.idle and store.history.version == version)

    def _receive(self, change: str, resource: Resource, found: JsonObject) -> None:
        """Hand a change to the loop; called in the thread of the store."""
        self._loop.post(lambda: self._notice(change, resource, found))

    def _notice(self, change: str, resource: Resource, found: JsonObject) -> None:
        self._view.apply(change, resource, found)
        if resource == PODS:
            self._kubelet.notice(change, found)
            self._scheduler.notice(change, found)
        elif resource in {NODES, CLAIMS}:
            self._scheduler.look_again()
        if resource in self._controllers:
            self._reconcile(resource, found)
        self._reconcile_owner(found)
        if resource in KINDS:
            self._loop.enqueue("queues", self._queues.admit)

    def _reconcile(self, resource: Resource, found: JsonObject) -> None:
        metadata = found["metadata"]
        where = metadata["namespace"], metadata["name"]
        controller = self._controllers[resource]
        self._loop.enqueue((resource, *where), lambda: controller.reconcile(*where))

    def _reconcile_owner(self, found: JsonObject) -> None:
        """Reconcile the job that controls an object."""
        if controller_uid(found) is None:
            return
        owner = next(each for each in found["metadata"]["ownerReferences"] if each["controller"])
        for resource in self._controllers:
            if resource.kind == owner["kind"]:
                job = self._view.get(resource, found["metadata"]["namespace"], owner["name"])
                if job is not None and job["metadata"]["uid"] == owner["uid"]:
                    self._reconcile(resource, job)
