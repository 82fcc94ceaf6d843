"""The objects of the sweep that the API server has, as the reflectors tell.

An object counts as gone only if it was seen before: a list may be older than the answer to a
request of this driver.
"""

from collections.abc import Iterator, Mapping

from sweepwright.events import Json

from ..api.resources import POD, Resource
from .job_view import JobView, read_job
from .pod_view import AttemptKey, Pod, attempt_of, read_pod


class SweepObjects:
    """Job objects and pods of one sweep, by trial and attempt.

    Each method that takes news returns the attempts that it is about.
    """

    def __init__(self) -> None:
        self.jobs: dict[AttemptKey, JobView] = {}
        self._pods: dict[AttemptKey, dict[str, Pod]] = {}
        self._keys: dict[tuple[str, str], AttemptKey] = {}
        """Mapping from the kind and the name of an object to its attempt."""
        self.listed: set[str] = set()
        """Kinds whose objects have been listed."""

    def pods(self, key: AttemptKey) -> dict[str, Pod]:
        """Return the pods of an attempt by uid; the mapping is kept up to date."""
        return self._pods.setdefault(key, {})

    def on_listed(self, resource: Resource, objects: Mapping[str, Json]) -> Iterator[AttemptKey]:
        """Take in all objects of a kind; those that are not among them are gone."""
        self.listed.add(resource.kind)
        known = [name for kind, name in self._keys if kind == resource.kind]
        for name in known:
            if name not in objects:
                yield from self.on_deleted(resource, {"metadata": {"name": name}})
        for each in objects.values():
            yield from self.on_changed(resource, each)

    def on_changed(self, resource: Resource, found: Json) -> Iterator[AttemptKey]:
        """Take in an object that is new or has changed."""
        key = attempt_of(found)
        if key is None:
            return
        self._keys[resource.kind, found["metadata"]["name"]] = key
        if resource == POD:
            self._put_pod(key, read_pod(found))
        else:
            self._put_job(key, read_job(found, resource))
        yield key

    def on_deleted(self, resource: Resource, found: Json) -> Iterator[AttemptKey]:
        """Note that an object is gone; its pods are remembered until `forget`."""
        name = found["metadata"]["name"]
        key = self._keys.pop((resource.kind, name), None)
        if key is None:
            return
        if resource == POD:
            pods = self.pods(key)
            pods.update({pod.uid: pod.as_gone() for pod in pods.values() if pod.name == name})
        elif (known := self.jobs.get(key)) and known.name == name:
            del self.jobs[key]
        yield key

    def forget(self, key: AttemptKey) -> None:
        """Forget the pods of an attempt that are gone."""
        pods = self._pods.get(key, {})
        for uid in [uid for uid, pod in pods.items() if pod.gone]:
            del pods[uid]
        if not pods:
            self._pods.pop(key, None)

    def _put_job(self, key: AttemptKey, view: JobView) -> None:
        """Enter a job, unless it is a copy that somebody has made under another name."""
        known = self.jobs.get(key)
        if known is None or known.name == view.name:
            self.jobs[key] = view

    def _put_pod(self, key: AttemptKey, pod: Pod) -> None:
        """Enter a pod; an earlier one of the same name is gone, seen or not."""
        pods = self.pods(key)
        for other in list(pods.values()):
            if other.name == pod.name and other.uid != pod.uid and not other.gone:
                pods[other.uid] = other.as_gone()
        pods[pod.uid] = pod
