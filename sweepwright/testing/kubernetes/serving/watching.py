"""Verb `watch`: a stream of changes, one JSON object a line."""

import json
import random
import time
from collections.abc import Iterator
from typing import Any

from ..store.history import Notice, Watch
from ..store.objects import ObjectStore, Snapshot
from ..store.resources import JsonObject, Resource
from ..store.selectors import Selects
from ..store.status_errors import StatusError, expired, too_large_version
from .messages import Chunks, Dropped, Request, Stream
from .paths import Target
from .reading import asked_version, selection

# A real server ends a watch without a limit of its own after 30 to 60 minutes.
_SHORTEST_SECONDS = 1800
# How often an idle stream looks whether its client is still there.
_CHECK_SECONDS = 2.0
_INITIAL_EVENTS_END = "k8s.io/initial-events-end"


class Watching:
    """Answers to watches."""

    def __init__(self, store: ObjectStore, bookmark_seconds: float) -> None:
        self._store = store
        self._bookmark_seconds = bookmark_seconds

    def watch(self, target: Target, request: Request) -> Stream:
        """Stream what happens to the objects that the client selects."""
        selects = selection(target.resource, request)
        since = asked_version(request)
        if since is not None and since > self._store.history.version:
            raise too_large_version(since, self._store.history.version)
        if target.name:
            selects = _named(target.name, selects)
        return Stream(Chunks(self._lines(target, request, selects, since or None)))

    def _lines(
        self, target: Target, request: Request, selects: Selects, since: int | None
    ) -> Iterator[bytes]:
        watch = Watch(target.resource, target.namespace or None, selects)
        lists = since is None or request.flag("sendInitialEvents")
        try:
            with self._store.watching(watch, None if lists else since) as current:
                yield b""  # from here on nothing is missed, and the client gets the headers
                if lists:
                    yield from _initial(target.resource, request, current)
                yield from self._changes(watch, request)
        except StatusError as error:  # the watch has begun: the error comes as an event
            yield _line("ERROR", json.dumps(error.body()).encode())

    def _changes(self, watch: Watch, request: Request) -> Iterator[bytes]:
        end = time.monotonic() + _timeout(request)
        bookmarks = request.flag("allowWatchBookmarks")
        bookmark_at = time.monotonic() + self._bookmark_seconds
        while (now := time.monotonic()) < end:
            wait = min(end - now, _CHECK_SECONDS)
            if bookmarks:
                wait = min(wait, bookmark_at - now)
            notice = watch.next(wait)
            if notice is not None:
                yield _notice_line(notice, self._store)
                if notice.type == "EXPIRED":
                    return
            elif bookmarks and time.monotonic() >= bookmark_at:
                yield self._bookmark_of(watch)
                bookmark_at = time.monotonic() + self._bookmark_seconds
            else:
                yield b""

    def _bookmark_of(self, watch: Watch) -> bytes:
        with self._store.lock:  # what happened before this version is in the queue already
            version = self._store.history.version
            pending = watch.pending
        return b"" if pending else _bookmark(watch.resource, version)


def _initial(resource: Resource, request: Request, current: Snapshot) -> Iterator[bytes]:
    """Yield what there is when the watch begins, and a bookmark after it if it is asked for."""
    for stored in current.objects:
        yield _line("ADDED", stored.encoded)
    if request.flag("sendInitialEvents") and request.flag("allowWatchBookmarks"):
        yield _bookmark(resource, current.version, {_INITIAL_EVENTS_END: "true"})


def _named(name: str, selects: Selects) -> Selects:
    return lambda found: found["metadata"]["name"] == name and selects(found)


def _timeout(request: Request) -> float:
    asked = request.number("timeoutSeconds")
    return asked or _SHORTEST_SECONDS * random.uniform(1, 2)  # noqa: S311 - nothing secret


def _notice_line(notice: Notice, store: ObjectStore) -> bytes:
    if notice.type == "CLOSED":
        raise Dropped
    if notice.type == "EXPIRED":
        history = store.history
        error = expired(history.oldest - 1, history.oldest)
        return _line("ERROR", json.dumps(error.body()).encode())
    assert notice.stored is not None
    return _line(notice.type, notice.stored.encoded)


def _bookmark(
    resource: Resource, version: int, annotations: dict[str, str] | None = None
) -> bytes:
    metadata: JsonObject = {"resourceVersion": str(version), "creationTimestamp": None}
    if annotations:
        metadata["annotations"] = annotations
    value: dict[str, Any] = {
        "kind": resource.kind,
        "apiVersion": resource.api_version,
        "metadata": metadata,
    }
    return _line("BOOKMARK", json.dumps(value, separators=(",", ":")).encode())


def _line(kind: str, encoded: bytes) -> bytes:
    return b'{"type":"%s","object":%s}\n' % (kind.encode(), encoded)
