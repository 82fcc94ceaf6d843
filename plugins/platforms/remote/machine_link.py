"""The link to one machine: a thread that keeps a connection to the machine's daemon.

A thread connects, attaches to the daemon of the sweep, passes messages in both directions, and
connects again when the connection is lost. It decides nothing: it passes all that it
learns to the platform as a `Notice`.

Keepalives of a transport do not detect a frozen peer, so the link sends pings of its own. If
nothing arrives for `heartbeat_seconds`, the connection is given up.
"""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from random import Random
from typing import Protocol, TypeAlias

from sweepwright.events import Json

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
_MOST_MESSAGES = 1000
"""Number of messages in one notice."""
_MOST_NOTICES = 2
"""Number of unhandled notices with messages at which the link stops reading, so that a machine
which sends endlessly fills no memory, and leaves the driver time for other machines."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A machine takes commands; `hello` is the first message of its daemon."""

    machine: str
    hello: Json


@dataclass(frozen=True, slots=True)
class Received:
    """Messages of a machine's daemon, in order."""

    machine: str
    messages: Sequence[Json]


@dataclass(frozen=True, slots=True)
class Detached:
    """A connection was lost, or could not be made; the link tries again by itself."""

    machine: str
    reason: str
    unfit: bool = False
    """Whether the machine was reached but cannot run trials."""


LinkNotice: TypeAlias = Attached | Received | Detached


class NoticeQueue(Protocol):
    """The part of the platform's queue that a link uses."""

    def put(self, item: LinkNotice) -> None:
        """Add a notice."""
        ...


class UnfitMachineError(Exception):
    """A machine was reached, and cannot run trials; the message has one line."""


class ReplacedError(UnfitMachineError):
    """Another driver serves the sweep on a machine now.

    If the link connected again, it would disconnect the other driver, which would do the same.
    """


class Attachment(Protocol):
    """An open stream of messages to and from a daemon: one thread reads while another writes."""

    hello: Json
    """The first message of the daemon."""

    def receive(self, seconds: float) -> Sequence[Json]:
        """Wait for messages.

        Raises
        ------
        TimeoutError
            If nothing arrives in time.
        OSError
            If the stream has ended.
        UnfitMachineError
            If the machine sends something that no daemon sends.
        """
        ...

    def send(self, messages: Sequence[Json]) -> None:
        """Send messages; raise `OSError` if the stream has ended."""
        ...

    def close(self) -> None:
        """Close the stream and its connection, also while a thread is blocked in it."""
        ...


class MachineLink:
    """Keeps one machine attached, with one thread that reads and one that writes."""

    def __init__(
        self,
        machine: str,
        attach: Callable[[], Attachment],
        notices: NoticeQueue,
        heartbeat_seconds: float,
    ) -> None:
        self._machine = machine
        self._attach = attach
        self._notices = notices
        self._heartbeat = heartbeat_seconds
        self._outbox: SimpleQueue[Json] | None = None
        self._attachment: Attachment | None = None
        self._attached_at = float("inf")
        """Time at which the current connection was attached; infinity if it was not."""
        self._lock = threading.Lock()
        self._unhandled = threading.Semaphore(_MOST_NOTICES)
        self._pings = self._pongs = 0
        """Numbers of pings that were sent, and answered; each is counted by one thread."""
        self._closing = threading.Event()
        self._random = Random()  # noqa: S311 - it only spreads attempts over time
        self._thread = threading.Thread(target=self._run, name=f"link to {machine}", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def send(self, message: Json) -> None:
        """Send a message, or drop it if the machine is not attached."""
        if (outbox := self._outbox) is not None:
            outbox.put(message)

    def on_handled(self) -> None:
        """Note that the platform has handled a notice with messages."""
        self._unhandled.release()

    def close(self) -> None:
        """End the connection, without waiting for the threads."""
        with self._lock:
            self._closing.set()
            if self._attachment is not None:
                self._attachment.close()

    def join(self, seconds: float) -> None:
        """Wait for the end of the threads."""
        if self._thread.ident is not None:
            self._thread.join(seconds)

    def _run(self) -> None:
        pause = FIRST_PAUSE_SECONDS
        while not self._closing.is_set():
            self._attached_at = float("inf")
            try:
                self._connect_once()
            except UnfitMachineError as error:
                self._notices.put(Detached(self._machine, _one_line(error), unfit=True))
                if isinstance(error, ReplacedError):
                    return
            except Exception as error:  # noqa: BLE001 - without this thread, jobs wait for ever
                self._notices.put(Detached(self._machine, _one_line(error)))
            if time.monotonic() - self._attached_at > pause:
                pause = FIRST_PAUSE_SECONDS  # the connection was good for a while
            # After a failure of the network, not all machines must connect at the same moment.
            self._closing.wait(pause * self._random.uniform(0.5, 1.0))
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)

    def _connect_once(self) -> None:
        """Serve one connection; raise an error that says why it ended."""
        attachment = self._attach()
        try:
            with self._lock:
                if self._closing.is_set():
                    raise ConnectionError(_CLOSED)
                self._attachment = attachment
            self._attached_at = time.monotonic()
            self._serve(attachment)
        finally:
            with self._lock:
                self._attachment = None
            attachment.close()

    def _serve(self, attachment: Attachment) -> None:
        """Pass messages in both directions; raise an error when the stream ends."""
        outbox: SimpleQueue[Json] = SimpleQueue()
        writer = threading.Thread(target=self._write, args=(attachment, outbox), daemon=True)
        writer.start()
        # The platform must not send before it has seen `Attached`, but may do so at once then.
        self._outbox = outbox
        self._notices.put(Attached(self._machine, attachment.hello))
        self._pongs = self._pings
        try:
            while True:
                self._pass_on(attachment.receive(self._heartbeat))
        except TimeoutError:
            raise TimeoutError(f"no message for {self._heartbeat:g} s") from None
        finally:
            self._outbox = None
            outbox.put(_END)

    def _pass_on(self, messages: Sequence[Json]) -> None:
        """Give messages to the platform, as fast as it handles them."""
        told = [message for message in messages if "pong" not in message]
        if any("replaced" in message for message in told):
            raise ReplacedError("another driver has taken over the sweep")
        self._pongs += len(messages) - len(told)
        if self._pongs > self._pings:
            raise UnfitMachineError("it answers pings that were not sent")
        for start in range(0, len(told), _MOST_MESSAGES):
            # While the driver waits, as for space on its disk, the machine's log keeps the rest.
            while not self._unhandled.acquire(timeout=_LOOK_SECONDS):
                if self._closing.is_set():
                    raise ConnectionError(_CLOSED)
            self._notices.put(Received(self._machine, told[start : start + _MOST_MESSAGES]))

    def _write(self, attachment: Attachment, outbox: SimpleQueue[Json]) -> None:
        """Send messages until `_END`; if that fails, close the stream, so that its reader ends."""
        try:
            self._send_until_end(attachment, outbox)
        except Exception:  # noqa: BLE001 - the reader would go on, and no command be sent
            attachment.close()

    def _send_until_end(self, attachment: Attachment, outbox: SimpleQueue[Json]) -> None:
        """Send the messages in the outbox, and a ping at regular intervals."""
        pinged = time.monotonic()
        while True:
            messages = _take_all(outbox, self._heartbeat / _PINGS)
            if _END in messages:
                return
            if time.monotonic() - pinged >= self._heartbeat / _PINGS:
                pinged = time.monotonic()
                self._pings += 1
                messages.append({"ping": int(pinged)})
            if messages:
                attachment.send(messages)


_END: Json = {"end of outbox": True}
_PINGS = 3
"""Number of pings within the time after which a silent connection is given up."""
_LOOK_SECONDS = 0.25
"""Interval at which a link that waits for the platform checks whether it must close."""
_CLOSED = "the link was closed"


def _take_all(outbox: SimpleQueue[Json], seconds: float) -> list[Json]:
    """Wait for a message, and take all that have arrived; nothing if none arrives in time."""
    messages = []
    with suppress(Empty):
        messages.append(outbox.get(timeout=seconds))
        while True:
            messages.append(outbox.get_nowait())
    return messages


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
