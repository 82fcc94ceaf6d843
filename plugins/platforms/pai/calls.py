"""Requests that are made by a few threads, so that the driver's thread never waits for one."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeAlias

from .client import PaiError

THREADS = 4


@dataclass(frozen=True, slots=True)
class Answered:
    """A request has been answered, or has failed."""

    on_answer: Callable[[Any], None]
    result: Any
    """The answer, or a `PaiError`."""


Request: TypeAlias = tuple[Callable[[], Any], Callable[[Any], None]]


class Calls:
    """Makes requests in threads that start with the first one, and end with `close`."""

    def __init__(self, answers: SimpleQueue[Answered]) -> None:
        self._answers = answers
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._threads: list[threading.Thread] = []

    def ask(self, request: Callable[[], Any], on_answer: Callable[[Any], None]) -> None:
        """Make a request; its answer is put into the queue of answers."""
        if len(self._threads) < THREADS:
            thread = threading.Thread(target=self._work, name="requests to OpenPAI", daemon=True)
            self._threads.append(thread)
            thread.start()
        self._requests.put((request, on_answer))

    def close(self) -> None:
        """Let the threads end when they have made the requests that they have begun."""
        for _ in self._threads:
            self._requests.put(None)

    def _work(self) -> None:
        while (wanted := self._requests.get()) is not None:
            request, on_answer = wanted
            try:
                result = request()
            except PaiError as error:
                result = error
            except Exception as error:  # noqa: BLE001 - without an answer, a job would wait for ever
                result = PaiError(f"{type(error).__name__}: {error}")
            self._answers.put(Answered(on_answer, result))
