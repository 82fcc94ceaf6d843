"""The client of OpenPAI's REST API, version 2: one request, one answer, and errors of one line.

Nothing is repeated here: the caller knows what a lost answer means, and what its budget permits.
"""

import json
import os
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urljoin, urlsplit

if TYPE_CHECKING:  # it may be missing, which the probe reports
    import urllib3

from .options import PaiOptions

API = "/rest-server/api/v2"
_LONGEST = 300
"""Number of characters to keep of a message."""
_CONNECTIONS = 8
_UNAUTHORIZED = 401
_LIBRARY_WORDS = re.compile(
    r"^(?:<.*?>|\w+\(.*?\)): |Failed to establish a new connection: |\[Errno -?\d+\] "
)
"""What urllib3 puts before the reason of an error: its objects, and the number of the error."""


class PaiError(Exception):
    """A request failed; the message is one line."""


class UnreachableError(PaiError):
    """The cluster gave no answer, so that the request may or may not have had its effect."""


class NoTokenError(PaiError):
    """There is no token to send."""


@dataclass(eq=False)
class ApiError(PaiError):
    """The cluster refused a request, or failed at it."""

    status: int
    code: str
    """OpenPAI's own word, such as ``ConflictJobError``; empty if there is none."""
    message: str
    retry_after: float | None = None
    """Seconds after which the request may be repeated, if the cluster names them."""

    def __str__(self) -> str:
        return f"{self.code or f'HTTP {self.status}'}: {self.message}"

    @property
    def passes(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status >= 500 or self.status in (408, 429)  # noqa: PLR2004 - HTTP's numbers


class Client:
    """Sends requests to one cluster; threads may share it."""

    def __init__(self, options: PaiOptions, now: Callable[[], float] = time.time) -> None:
        self.url = (options.url or "").rstrip("/")
        self.username = options.username or ""
        self._options = options
        self._now = now
        self._token = ""

    def call(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        body: str | None = None,
    ) -> bytes:
        """Make a request of the API, and return the body of its answer.

        A token that has expired is read again from its file, once.

        Raises
        ------
        PaiError
            When the cluster gives no answer, or refuses.
        """
        url = f"{self.url}{API}{path}{f'?{urlencode(query)}' if query else ''}"
        # JSON is YAML, so a job can be sent as the type that the API wants.
        kind = "text/yaml" if path == "/jobs" else "application/json"
        headers = {"Content-Type": kind} if body is not None else {}
        data = None if body is None else body.encode()
        try:
            return self._send(method, url, data, {**headers, **self._authorization()})
        except ApiError as error:
            before = self._token
            fresh = error.status == _UNAUTHORIZED and self._authorization(fresh=True)
            if not fresh or self._token == before:
                raise
            return self._send(method, url, data, {**headers, **self._authorization()})

    def json(self, method: str, path: str, query: Mapping[str, Any] | None = None) -> Any:
        """Make a request of the API, and return its answer."""
        data = self.call(method, path, query)
        try:
            return json.loads(data)
        except ValueError as error:
            raise UnreachableError(f"{self.url} answers with {_line(data)!r}") from error

    def read(self, uri: str) -> bytes:
        """Read a log; `uri` is as the API gives it, and carries a token of its own."""
        target = urljoin(f"{self.url}/", uri)
        # The token of the user must not go to another server, such as that of a storage.
        own = urlsplit(target).netloc == urlsplit(self.url).netloc
        return self._send("GET", target, None, self._authorization() if own else {})

    def close(self) -> None:
        """Close all connections."""
        if "_pool" in self.__dict__:
            self._pool.clear()

    @cached_property
    def _pool(self) -> "urllib3.PoolManager":
        import urllib3  # noqa: PLC0415 - `plan` and `render` work without it

        ca_file = self._options.ca_file and str(Path(self._options.ca_file).expanduser())
        return urllib3.PoolManager(
            cert_reqs="CERT_REQUIRED",
            ca_certs=ca_file,
            retries=False,
            maxsize=_CONNECTIONS,
            timeout=urllib3.Timeout(total=self._options.request_timeout),
        )

    def _authorization(self, *, fresh: bool = False) -> dict[str, str]:
        if fresh or not self._token:
            self._token = read_token(self._options)
        return {"Authorization": f"Bearer {self._token}"}

    def _send(
        self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]
    ) -> bytes:
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - as above

        try:
            answer = self._pool.request(method, url, body=data, headers=headers)
        except HTTPError as error:
            raise UnreachableError(
                f"{self.url} does not answer: {describe_cause(error)}"
            ) from error
        if answer.status >= 300:  # noqa: PLR2004 - a redirect must not take the token elsewhere
            raise self._error(answer)
        return answer.data

    def _error(self, answer: "urllib3.BaseHTTPResponse") -> ApiError:
        try:
            said = json.loads(answer.data)
            code, message = str(said.get("code") or ""), _text(said.get("message"))
        except (ValueError, AttributeError):
            code, message = "", _line(answer.data)
        return ApiError(answer.status, code, message or "no reason given", self._pause(answer))

    def _pause(self, answer: "urllib3.BaseHTTPResponse") -> float | None:
        """Return the seconds to wait before the request is repeated.

        ``Retry-After`` of express-rate-limit is always the length of the whole window;
        ``X-RateLimit-Reset`` is the time, in seconds since 1970, at which the window ends.
        """
        for name, offset in (("X-RateLimit-Reset", self._now()), ("Retry-After", 0.0)):
            try:
                return max(1.0, float(answer.headers[name]) - offset)
            except (KeyError, ValueError):
                continue
        return None


def read_token(options: PaiOptions) -> str:
    """Read the token from its file or its environment variable.

    Raises
    ------
    NoTokenError
        When there is none.
    """
    if options.token_file is None:
        token = os.environ.get(options.token_env, "").strip()
        return _sendable(token, f"the environment variable `{options.token_env}`")
    try:
        token = Path(options.token_file).expanduser().read_text("utf-8").strip()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise NoTokenError(f"cannot read `{options.token_file}`: {reason}") from error
    except UnicodeDecodeError as error:
        raise NoTokenError(f"`{options.token_file}` is no text in UTF-8") from error
    return _sendable(token, f"`{options.token_file}`")


def _sendable(token: str, place: str) -> str:
    """Check a token here, since the library that sends headers would quote a wrong one."""
    if not token:
        raise NoTokenError(f"{place} has no token")
    if not (token.isascii() and token.isprintable()):
        raise NoTokenError(f"the token in {place} has characters that no token can have")
    return token


def describe_cause(error: BaseException) -> str:
    """Return the innermost reason of a connection error, in one line."""
    reason: Any = error
    while True:
        inner = getattr(reason, "reason", None)
        if not isinstance(inner, BaseException) or inner is reason:
            break
        reason = inner
    text = _LIBRARY_WORDS.sub("", str(reason)) or type(reason).__name__
    return _line(text.encode())


def _text(message: Any) -> str:
    """Return a message as one line; the protocol's validator gives a list of objects."""
    if isinstance(message, list):
        return "; ".join(
            " ".join(str(each.get(key, "")) for key in ("dataPath", "message")).strip()
            if isinstance(each, dict)
            else str(each)
            for each in message
        )[:_LONGEST]
    return _line(str(message or "").encode())


def _line(data: bytes) -> str:
    return " ".join(data.decode("utf-8", "replace").split())[:_LONGEST]
