"""Follows the log of one container through the API server, without losing or repeating a line.

A stream of a log may break at any time, and may begin anew after a rotation. The agent's records
in the log carry numbers, by which a `LogReader` skips what was read before. So after a break, the
log is read again from a few seconds before the position. An end of the stream does not mean that
the container has ended: the log is complete when the agent's last record was read, or when the
pod has ended (`finish`) and the log was read once more to its end.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sweepwright.events import Json
from sweepwright.runner_client.pods.log_reader import Item, LogReader, Record

from .backoff import Backoff
from .cluster import Cluster
from .errors import UNKNOWN_PATH, ApiError
from .notices import LogEnded, LogItems, Notice
from .resources import POD

if TYPE_CHECKING:  # the package `kubernetes`, which transport.py imports, may be missing
    from .transport import Stream

_TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"
_SILENCE_SECONDS = 600.0
"""Seconds without output after which a stream is opened again. Trials may be silent for long; the
kernel notices dead peers earlier, but not a proxy that has forgotten the stream."""
STEADY_SECONDS = 5.0
"""Duration of a stream that works. Where a node has too many open files, each stream ends
as soon as it has begun, with a complaint among the output."""
_READ_REST_SECONDS = 60.0
"""Seconds after `finish` during which the rest of the log is asked for."""
_MOST_NOTICES = 4
"""Number of notices that nobody has handled at which the follower stops reading, so that a trial
that prints endlessly fills no memory."""
_DENIED = (401, 403)
_LAST_EVENTS = ("ended", "refused")


class LogFollower:
    """A thread that puts `LogItems` and, last, `LogEnded`."""

    def __init__(
        self,
        cluster: Cluster,
        pod: str,
        container: str,
        position: Json,
        put: Callable[[Notice], None],
    ) -> None:
        self.pod = pod
        """Name of the pod whose log is followed."""
        self._cluster = cluster
        self._container = container
        self._reader = LogReader(position, one_run=True)
        self._put = put
        self._backoff = Backoff(cluster.random)
        self._wake = threading.Event()
        """Set by `finish` and `close`: whoever waits looks at the state again."""
        self._finishing = False
        self._closing = threading.Event()
        self._stream: Stream | None = None
        self._complete = False
        self._room = threading.Semaphore(_MOST_NOTICES)
        self._thread = threading.Thread(target=self._run, name=f"log {pod}", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def taken(self) -> None:
        """Note that the consumer has handled one `LogItems`."""
        self._room.release()

    def finish(self) -> None:
        """Read the rest of the log, whose container has ended, and end."""
        self._finishing = True
        self._wake.set()
        if (stream := self._stream) is not None:
            stream.cut()

    def close(self, seconds: float = 1.0) -> None:
        """Stop at once, without `LogEnded`, and wait for the end of the thread."""
        self._closing.set()
        self._room.release()
        self._wake.set()
        if (stream := self._stream) is not None:
            stream.close()
        if self._thread.is_alive():
            self._thread.join(seconds)

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    @property
    def _over(self) -> bool:
        return self._closing.is_set() or self._cluster.closed

    def _run(self) -> None:
        while not self._over:
            last = self._finishing
            reason = self._read_all() if last else self._follow()
            if self._over:
                return
            if self._reader.replaced:
                reason = "another container has taken the place of the one that was followed"
            if self._complete or last or reason is not None:
                if rest := self._reader.finish():
                    self._put_items(rest)
                self._put(LogEnded(self.pod, reason, self._complete))
                return
            self._wake.wait(self._backoff.pause())

    def _follow(self) -> str | None:
        """Read until the stream ends; return why there is no use in another try, if so."""
        try:
            self._read(follow=True)
        except ApiError as error:
            # 400: the container waits to start; 403: permissions are being changed, perhaps.
            if error.status == 404 and error.reason != UNKNOWN_PATH:  # noqa: PLR2004
                return error.message
            self._wake.wait(error.retry_after or 0.0)
        return None

    def _read_all(self) -> str | None:
        """Read what there is; return why that was not possible."""
        end = self._cluster.clock() + _READ_REST_SECONDS
        while True:
            try:
                self._read(follow=False)
            except ApiError as error:
                pause = self._backoff.pause(error.retry_after)
                passing = error.transient or error.status in _DENIED
                if not passing or self._cluster.clock() + pause > end:
                    return error.message
                if self._closing.wait(pause):
                    return error.message
            else:
                return None

    def _read(self, *, follow: bool) -> None:
        """Open the log, and put what is new in it until the stream ends."""
        self._reader.start()
        path = POD.path(self._cluster.namespace, self.pod, "log")
        query = {
            "container": self._container,
            "follow": follow or None,
            "sinceTime": _rfc3339(self._reader.since),
        }
        silence = _SILENCE_SECONDS if follow else _READ_REST_SECONDS
        with self._cluster.stream(path, query, silence=silence) as stream:
            self._stream, begin = stream, self._cluster.clock()
            if self._closing.is_set():
                return
            if follow and self._finishing:  # it was told before it could cut this stream
                stream.cut()
            try:
                self._consume(stream)
            finally:
                self._stream = None
                if self._cluster.clock() - begin >= STEADY_SECONDS:
                    self._backoff.reset()

    def _consume(self, stream: "Stream") -> None:
        for data in stream:
            if items := self._reader.feed(data):
                self._room.acquire()
                if self._over:
                    return
                self._put_items(items)
                self._complete = any(_is_last(item) for item in items)
            if self._complete or self._reader.replaced:
                return

    def _put_items(self, items: Sequence[Item]) -> None:
        self._put(LogItems(self.pod, items, self._reader.position))


def _is_last(item: Item) -> bool:
    """Tell whether an item is the agent's last record."""
    return isinstance(item, Record) and item.event["event"] in _LAST_EVENTS


def _rfc3339(at: float | None) -> str | None:
    """Return a time, rounded down to whole seconds."""
    return None if at is None else datetime.fromtimestamp(int(at), UTC).strftime(_TIME_FORMAT)
