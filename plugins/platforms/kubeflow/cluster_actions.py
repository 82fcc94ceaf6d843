"""Carries out what the controller decides: requests in other threads, followers of logs, files."""

from collections.abc import Callable
from queue import SimpleQueue

from sweepwright.events import Json
from sweepwright.runner_client.pods.log_reader import LogReader, Text

from .api.calls import Calls
from .api.cluster import Cluster, Query
from .api.errors import ApiError
from .api.log_follower import LogFollower
from .api.notices import Notice
from .api.resources import CONFIG_MAP, EVENT, POD, Resource
from .cleaning import delete
from .jobs.active_job import ActiveJob
from .jobs.pod_view import Pod
from .manifests import owned
from .store_output import StoreOutput

TAIL_LINES = 2000
TAIL_BYTES = 1 << 18
"""How much is saved of the log of a process that has failed and does not report."""
TAIL_SECONDS = 10.0
CREATE_SECONDS = 3.0
"""Seconds for which a creation is repeated before users read what it waits for."""
_CONFLICT = 409


class ClusterActions:
    """The actions of one driver; each answer goes into the queue of notices.

    Keys of answers: ``("inputs",)``, ``("events",)``, and for a job ``(action, name)`` with the
    actions ``create``, ``read``, ``delete`` and ``tail``.
    """

    def __init__(
        self,
        notices: SimpleQueue[Notice],
        store: StoreOutput,
        inputs: Callable[[], Json],
    ) -> None:
        self.cluster: Cluster | None = None
        """Set before anything is asked for."""
        self._notices = notices
        self._store = store
        self._inputs = inputs
        self._calls = Calls(notices.put)
        self._followers: dict[str, LogFollower] = {}
        """Followers of logs, by the name of the job."""
        self._jobs: dict[str, str] = {}
        """Mapping from the name of a followed pod to that of its job."""
        self.deletions = 0
        """Number of deletions that are not answered yet."""

    def create_inputs(self) -> None:
        """Create the ConfigMap, or find it if it exists: its name tells what it contains."""
        manifest = self._inputs()

        def create() -> Json:
            try:
                return self._create(CONFIG_MAP, manifest)
            except ApiError as error:
                if error.status != _CONFLICT:
                    raise
                return self._read(CONFIG_MAP, manifest["metadata"]["name"])

        self._calls.submit(("inputs",), create)

    def create(self, job: ActiveJob, owner: Json) -> None:
        """Create the object of a job."""
        manifest = owned(job.manifest, owner)
        self._calls.submit(("create", job.name), lambda: self._create(job.resource, manifest))

    def read(self, job: ActiveJob) -> None:
        """Read the object of a job."""
        name = job.object_name
        self._calls.submit(("read", job.name), lambda: self._read(job.resource, name))

    def delete(self, resource: Resource, name: str, uid: str, key: str) -> None:
        """Delete an object in the foreground, unless its name means another one by now."""
        self.deletions += 1
        self._calls.submit(("delete", key), lambda: delete(self._cluster, resource, name, uid))

    def list_events(self) -> None:
        """List the warnings of the namespace."""
        path = EVENT.path(self._cluster.namespace)
        query = {"fieldSelector": "type=Warning"}
        self._calls.submit(
            ("events",), lambda: self._cluster.request("GET", path, query=query).get("items") or []
        )

    def follow(self, job: ActiveJob, pod: Pod) -> None:
        """Follow the log of a pod."""
        self.keep_text(job, 0, b"")  # a trial that prints nothing has an empty output, too
        follower = LogFollower(
            self._cluster, pod.name, pod.container, job.log.position, self._notices.put
        )
        self._followers[job.name], self._jobs[pod.name] = follower, job.name
        follower.start()

    def finish_log(self, job: ActiveJob) -> None:
        """Let the follower read the rest of its log."""
        self._followers[job.name].finish()

    def close_log(self, job: ActiveJob) -> None:
        """Let the follower end, without waiting for it."""
        if follower := self._followers.pop(job.name, None):
            follower.close(0.0)
            self._jobs.pop(follower.pod, None)

    def job_of(self, pod: str) -> str:
        """Return the name of the job whose pod is followed; empty if it is followed no more."""
        return self._jobs.get(pod, "")

    def on_handled(self, pod: str) -> None:
        """Let a follower read on, because what it has read was handled."""
        if follower := self._followers.get(self.job_of(pod)):
            follower.taken()

    def save_tail(self, job: ActiveJob, pod: Pod) -> None:
        """Save the end of the output of a pod."""

        def save() -> None:
            data = self._read_tail(pod)
            self._store.write_text(job, f"{pod.role}-{pod.rank}", 0, data)

        self._calls.submit(("tail", job.name), save)

    def keep_text(self, job: ActiveJob, offset: int, data: bytes) -> None:
        """Write output of a trial to its file."""
        self._store.write_text(job, f"{job.role}-0", offset, data)

    def save_outcome(self, job: ActiveJob) -> str:
        """Write down how a job has ended."""
        return self._store.save_end(job)

    def close(self) -> None:
        """End all threads."""
        if self.cluster is not None:
            self.cluster.close()
        for follower in self._followers.values():
            follower.close(0.0)
        self._calls.close()

    @property
    def _cluster(self) -> Cluster:
        assert self.cluster is not None, "no cluster was opened"
        return self.cluster

    def _create(self, resource: Resource, manifest: Json) -> Json:
        path = resource.path(self._cluster.namespace)
        query: Query = {"fieldValidation": "Strict"}
        return _whole(
            self._cluster.request("POST", path, query=query, body=manifest, give_up=CREATE_SECONDS)
        )

    def _read(self, resource: Resource, name: str) -> Json:
        return _whole(self._cluster.request("GET", resource.path(self._cluster.namespace, name)))

    def _read_tail(self, pod: Pod) -> bytes:
        path = POD.path(self._cluster.namespace, pod.name, "log")
        query: Query = {
            "container": pod.container,
            "tailLines": TAIL_LINES,
            "limitBytes": TAIL_BYTES,
        }
        reader = LogReader()
        with self._cluster.stream(path, query, silence=TAIL_SECONDS) as stream:
            items = [item for data in stream for item in reader.feed(data)]
        items += reader.finish()
        return b"".join(item.data for item in items if isinstance(item, Text))


def _whole(found: Json) -> Json:
    """Return an object of the API; a proxy's own answer in JSON counts as none."""
    if not (found.get("metadata") or {}).get("uid"):
        raise ApiError(0, "NoDocument", "the answer is not that of an API server")
    return found
