"""Changes of objects, each with a version, and the watches that follow them.

All methods are called under the lock of the store. A watch has its own queue, so that one slow
client delays no other.
"""

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from queue import Empty, SimpleQueue

from .resources import JsonObject, Resource
from .selectors import Selects
from .status_errors import expired

# Watches of a real server can go back about five minutes; of a test, about this many changes.
_KEPT_CHANGES = 20_000


class Stored:
    """One version of an object, which is never changed, with its JSON text."""

    def __init__(self, value: JsonObject) -> None:
        self.value = value

    @cached_property
    def encoded(self) -> bytes:
        """Return the object as JSON, encoded once however many clients read it."""
        return json.dumps(self.value, separators=(",", ":"), ensure_ascii=False).encode()

    @property
    def version(self) -> int:
        """Return the version at which the object took this form."""
        return int(self.value["metadata"]["resourceVersion"])


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to one object."""

    type: str
    """`ADDED`, `MODIFIED` or `DELETED`."""
    resource: Resource
    stored: Stored
    previous: Stored | None

    def seen_by(self, namespace: str | None, selects: Selects) -> str | None:
        """Return the type of the change for a client that sees some objects only."""
        if namespace and self.stored.value["metadata"].get("namespace") != namespace:
            return None
        after = self.type != "DELETED" and selects(self.stored.value)
        before = self.previous is not None and selects(self.previous.value)
        if after:
            return "MODIFIED" if before else "ADDED"
        return "DELETED" if before else None


@dataclass(frozen=True, slots=True)
class Notice:
    """What a watch tells its client: a change, or that it ends."""

    type: str
    """The type of a change; `CLOSED` where the connection is to be dropped, or `EXPIRED`."""
    stored: Stored | None = None


class Watch:
    """Changes of the objects that one client follows, in order."""

    def __init__(self, resource: Resource, namespace: str | None, selects: Selects) -> None:
        self.resource = resource
        self.namespace = namespace
        self.selects = selects
        self._notices: SimpleQueue[Notice] = SimpleQueue()

    def offer(self, change: Change) -> None:
        """Queue a change if the client is to see it."""
        kind = change.seen_by(self.namespace, self.selects)
        if kind is not None:
            self._notices.put(Notice(kind, change.stored))

    def put(self, notice: Notice) -> None:
        """Queue a notice whatever the client selects."""
        self._notices.put(notice)

    @property
    def pending(self) -> bool:
        """Tell whether the client has not been told everything yet."""
        return not self._notices.empty()

    def next(self, seconds: float) -> Notice | None:
        """Wait for the next notice; return None if there is none in this time."""
        try:
            return self._notices.get(timeout=max(seconds, 0.001))
        except Empty:
            return None


class History:
    """The latest changes, and the watches that wait for more."""

    def __init__(self, first: int) -> None:
        self.version = first
        """Version of the latest change."""
        self.oldest = first
        """Version since which all changes are known."""
        self._changes: deque[Change] = deque()
        self._watches: list[Watch] = []

    def next_version(self) -> int:
        """Count one more change and return its version."""
        self.version += 1
        return self.version

    def add(self, change: Change) -> None:
        """Keep a change and tell the watches of its kind."""
        self._changes.append(change)
        while len(self._changes) > _KEPT_CHANGES:
            self.oldest = self._changes.popleft().stored.version
        for watch in self._watches:
            if watch.resource == change.resource:
                watch.offer(change)

    def open(self, watch: Watch, since: int | None) -> None:
        """Begin to feed a watch, with the changes after a version first."""
        if since is not None:
            for change in self._since(watch.resource, since):
                watch.offer(change)
        self._watches.append(watch)

    def close(self, watch: Watch) -> None:
        """Feed a watch no more."""
        if watch in self._watches:
            self._watches.remove(watch)

    def end_watches(self, notice: Notice) -> int:
        """Tell all watches that they end, and return how many there were."""
        for watch in self._watches:
            watch.put(notice)
        return len(self._watches)

    def forget(self) -> None:
        """Forget all changes, as a server does after a compaction of its database."""
        self._changes.clear()
        self.oldest = self.next_version()

    def _since(self, resource: Resource, version: int) -> Iterator[Change]:
        if version < self.oldest:
            raise expired(version, self.oldest)
        later = [change for change in self._changes if change.stored.version > version]
        return (change for change in later if change.resource == resource)
