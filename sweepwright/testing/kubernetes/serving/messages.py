"""Requests and answers, apart from the connection that carries them."""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..store.status_errors import StatusError, bad_request

JSON_TYPE = "application/json"
TEXT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """A request as read from a connection."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    """Headers by name in lower case."""
    body: bytes = b""

    @property
    def content_type(self) -> str:
        """Return the media type of the body, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def number(self, name: str) -> int | None:
        """Return a whole number of the query; None where it has none."""
        text = self.query.get(name, "")
        if text and not text.isdecimal():
            raise bad_request(f'{name}: strconv.ParseInt: parsing "{text}": invalid syntax')
        return int(text) if text else None

    def flag(self, name: str) -> bool:
        """Tell whether a parameter of the query is set."""
        return self.query.get(name, "").lower() in {"1", "t", "true"}


@dataclass(frozen=True, slots=True)
class Response:
    """An answer whose body is complete."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Sequence[tuple[str, str]] = field(default=())


class Chunks:
    """Chunks of a body that is written as it comes about.

    The first chunk is taken from the source at once, before a client hears anything: the source
    may refuse the request till then, and what it follows it follows from then on. An empty chunk
    sends nothing: it lets the connection see whether its client is still there.
    """

    def __init__(self, source: Iterable[bytes]) -> None:
        self._source = iter(source)
        self._first: bytes | None = next(self._source, b"")

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        return next(self._source) if first is None else first

    def close(self) -> None:
        """End the source, if it is one that can be ended."""
        if isinstance(self._source, Generator):
            self._source.close()


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer whose body is written as it comes about."""

    chunks: Chunks
    content_type: str = JSON_TYPE


class Dropped(Exception):  # noqa: N818 - it is no error of the server's
    """The connection is to be closed without an end of the stream."""


def json_response(
    value: Any, status: int = 200, *, warnings: Sequence[str] = (), encoded: bytes | None = None
) -> Response:
    """Return an answer in JSON, with a header for each warning."""
    body = encoded if encoded is not None else json.dumps(value, separators=(",", ":")).encode()
    headers = [("Warning", warning_header(warning)) for warning in dict.fromkeys(warnings)]
    return Response(status, body, headers=headers)


def error_response(error: StatusError) -> Response:
    """Return the answer that refuses a request."""
    answer = json_response(error.body(), error.code, warnings=error.warnings)
    after = (error.details or {}).get("retryAfterSeconds")
    extra = [("Retry-After", str(after))] if after else []
    return Response(answer.status, answer.body, headers=[*answer.headers, *extra])


def page_not_found() -> Response:
    """Return the answer to an unknown path, which is no JSON."""
    return Response(404, b"404 page not found\n", TEXT_TYPE)


def warning_header(text: str) -> str:
    """Return the value of a `Warning` header, whose text is a quoted string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'299 - "{escaped}"'
