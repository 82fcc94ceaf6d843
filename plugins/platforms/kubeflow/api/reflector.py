"""Follows all objects of a kind that a selector selects: list, then watch.

The technique is that of client-go's reflectors. A list gives the objects and a resource version;
a watch reports each later change, and bookmarks move the version forward when nothing changes. A
watch that breaks is continued from the last version. If the server has forgotten that version
(410 Gone), the objects are listed again, and those that vanished in between are reported.
"""

import json
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from sweepwright.events import Json

from .backoff import Backoff
from .cluster import Cluster, Query
from .errors import ApiError
from .notices import Changed, Deleted, Interrupted, Listed, Notice, Resumed
from .resources import Resource

if TYPE_CHECKING:  # the package `kubernetes`, which transport.py imports, may be missing
    from .transport import Stream

_PAGE = 250
"""Objects that are asked for at once: a page of pods has about 2 MB."""
_WATCH_SECONDS = 300
"""Seconds after which the server ends a watch, at least; at most twice as many. A server that
restarts would otherwise keep all watches of the others."""
SILENCE_SECONDS = 90.0
"""Seconds without an event after which a watch counts as broken: bookmarks come each minute."""


class Reflector:
    """A thread that puts `Listed`, `Changed`, `Deleted`, `Interrupted` and `Resumed`."""

    def __init__(
        self,
        cluster: Cluster,
        resource: Resource,
        selector: str,
        put: Callable[[Notice], None],
        *,
        silence: float = SILENCE_SECONDS,
    ) -> None:
        self._cluster = cluster
        self._resource = resource
        self._path = resource.path(cluster.namespace)
        self._selector = selector
        self._put = put
        self._silence = silence
        self._backoff = Backoff(cluster.random)
        self._closing = threading.Event()
        self._stream: Stream | None = None
        self._interrupted = False
        self._known: dict[str, Json] = {}
        """Metadata of the objects that exist, as far as is known."""
        self._thread = threading.Thread(
            target=self._run, name=f"watch {resource.plural}", daemon=True
        )

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self, seconds: float = 1.0) -> None:
        """Stop, also while the thread waits for an event, and wait for its end."""
        self._closing.set()
        if self._stream is not None:
            self._stream.close()
        if self._thread.is_alive():
            self._thread.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def _run(self) -> None:
        version: str | None = None
        while not self._over:
            try:
                if version is None:
                    version = _understood(self._list)
                version = _understood(partial(self._watch, version))
            except ApiError as error:
                if self._over:
                    return
                if _forgotten(error):
                    version = None
                    continue
                self._interrupted = True
                self._put(Interrupted(self._resource, error.message, error.status))
                self._pause(error.retry_after)

    @property
    def _over(self) -> bool:
        return self._closing.is_set() or self._cluster.closed

    def _pause(self, retry_after: float | None = None) -> None:
        """Wait before the next attempt, but not longer than until `close`."""
        self._closing.wait(self._backoff.pause(retry_after))

    def _list(self) -> str:
        """List all objects, and return their version."""
        try:
            objects, version = self._read_pages(_PAGE)
        except ApiError as error:
            if not _forgotten(error):
                raise
            # The first page was forgotten before the last was read. One answer has no such pages.
            objects, version = self._read_pages(None)
        self._resume()
        found = {each["metadata"]["name"]: each for each in objects}
        for name in [name for name in self._known if name not in found]:
            self._put(Deleted(self._resource, self._known.pop(name)))
        self._known = {name: _remembered(each) for name, each in found.items()}
        self._put(Listed(self._resource, found))
        return version

    def _read_pages(self, limit: int | None) -> tuple[list[Json], str]:
        objects: list[Json] = []
        rest: str | None = None
        while True:
            page = self._cluster.request(
                "GET",
                self._path,
                query={"labelSelector": self._selector, "limit": limit, "continue": rest},
                give_up=0.0,
            )
            objects += [self._complete(each) for each in page.get("items") or []]
            rest = page["metadata"].get("continue")
            if not rest:
                return objects, page["metadata"]["resourceVersion"]

    def _watch(self, version: str) -> str:
        """Put all changes until the watch ends, and return the last version.

        A watch that breaks off is no interruption, since the next usually succeeds. One that
        brought nothing is followed by a pause, so that a proxy that cuts all watches is not
        asked without end.
        """
        seconds = round(_WATCH_SECONDS * self._cluster.random.uniform(1, 2))
        query: Query = {
            "labelSelector": self._selector,
            "watch": True,
            "resourceVersion": version,
            "allowWatchBookmarks": True,
            "timeoutSeconds": seconds,
        }
        begun = version
        with self._cluster.stream(self._path, query, silence=self._silence) as stream:
            self._stream = stream
            if self._closing.is_set():
                return version
            self._resume()
            try:
                for event in _events(stream):
                    version = self._on_event(event)
                    self._backoff.reset()
            except _BrokenError:
                pass
            except ApiError as error:
                if error.status:
                    raise
            finally:
                self._stream = None
        if version == begun and not self._over:
            self._pause()
        return version

    def _on_event(self, event: Json) -> str:
        """Put what a line of a watch reports, and return the version that it moves on to."""
        kind, object_ = event["type"], event["object"]
        if kind == "ERROR":
            raise ApiError(
                int(object_.get("code") or 500),
                str(object_.get("reason") or "Error"),
                str(object_.get("message") or "the watch failed"),
            )
        metadata = object_["metadata"]
        if kind in ("ADDED", "MODIFIED"):
            self._known[metadata["name"]] = _remembered(self._complete(object_))
            self._put(Changed(self._resource, object_))
        elif kind == "DELETED":
            self._known.pop(metadata["name"], None)
            self._put(Deleted(self._resource, self._complete(object_)))
        return str(metadata["resourceVersion"])

    def _resume(self) -> None:
        if self._interrupted:
            self._interrupted = False
            self._put(Resumed(self._resource))

    def _complete(self, object_: Json) -> Json:
        """Add what objects in a list lack, and leave out what is large and never read."""
        object_.setdefault("kind", self._resource.kind)
        object_.setdefault("apiVersion", self._resource.api_version)
        object_["metadata"].pop("managedFields", None)
        return object_


def _understood(call: Callable[[], str]) -> str:
    """Call a function; answers that only a proxy gives, in JSON of its own, are an `ApiError`."""
    try:
        return call()
    except (AttributeError, LookupError, TypeError) as error:
        text = f"the answer is not that of an API server ({error!r})"
        raise ApiError(0, "NoDocument", text) from error


class _BrokenError(Exception):
    """A watch ended within an event."""


def _events(stream: Iterable[bytes]) -> Iterator[Any]:
    """Split a stream into lines, and decode each as JSON."""
    rest = b""
    for data in stream:
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            if line.strip():
                yield _decoded(line)
    if rest.strip():
        yield _decoded(rest)


def _decoded(line: bytes) -> Any:
    with suppress(ValueError):
        return json.loads(line)
    raise _BrokenError


def _forgotten(error: ApiError) -> bool:
    """Tell whether the server no longer knows a version, or, restored from a backup, not yet."""
    return error.status == 410 or "Too large resource version" in error.message  # noqa: PLR2004


def _remembered(object_: Json) -> Json:
    """Keep of an object what identifies it."""
    metadata = object_["metadata"]
    kept = ("name", "namespace", "uid", "labels", "annotations")
    return {
        "apiVersion": object_["apiVersion"],
        "kind": object_["kind"],
        "metadata": {key: metadata[key] for key in kept if key in metadata},
    }
