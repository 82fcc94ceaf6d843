"""Requests to one cluster, from any thread: limited in rate, and retried until given up.

A request that was not answered may have been carried out. Its repetition is then answered by 409
(create) or 404 (delete), which callers have to recognise.
"""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

from sweepwright.events import Json

from .backoff import Backoff
from .errors import ApiError, NoClusterError, refusal, warning_texts
from .file_limit import raise_file_limit
from .login import LoginSource, find_login
from .rate_limit import TokenBucket
from .session import Credentials, Session

if TYPE_CHECKING:  # the package `kubernetes`, which transport.py imports, may be missing
    from .transport import Stream

T = TypeVar("T")
Query = Mapping[str, str | int | bool | None]
_AGENT = "sweepwright"
_REFUSAL_BYTES = 65536


@dataclass(frozen=True, slots=True)
class ClusterSettings:
    """Options of the platform that this package reads."""

    kubeconfig: str | None = None
    context: str | None = None
    namespace: str | None = None
    request_timeout: float = 30.0
    """Seconds to wait for each answer."""
    requests_per_second: float = 50.0
    """As kubectl. Since version 1.20 servers divide their time fairly between clients, and answer
    429 when they have none left; this limit only keeps a driver from being greedy."""
    burst: int = 100
    give_up: float = 60.0
    """Seconds after which a request is given up that is answered by 429 or 5xx, or not at all."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The document that answers a request, and the server's warnings about the request."""

    document: Json
    warnings: list[str]


def open_cluster(settings: ClusterSettings) -> "Cluster":
    """Find the cluster; raise `NoClusterError` or `MissingClientError`. It is not asked yet."""
    cluster = Cluster(find_login(settings.kubeconfig, settings.context), settings)
    cluster.log_in()
    raise_file_limit()
    return cluster


class Cluster:
    """One cluster, as one user."""

    def __init__(
        self,
        source: LoginSource,
        settings: ClusterSettings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], bool] | None = None,
        random: Random | None = None,
    ) -> None:
        self._settings = settings
        self._session = Session(source)
        self._bucket = TokenBucket(settings.requests_per_second, settings.burst, clock)
        self._clock = clock
        self._closed = threading.Event()
        self._sleep = sleep or self._closed.wait
        self.random = random or Random()  # noqa: S311 — jitter
        self.where = source.where
        """Where the cluster is configured."""
        self.namespace = settings.namespace or source.namespace or "default"

    def log_in(self) -> None:
        """Load the credentials; raise `NoClusterError`."""
        self._session.credentials()

    @property
    def host(self) -> str:
        """Address of the API server."""
        return self._session.credentials().transport.host

    @property
    def requests(self) -> int:
        """Number of requests that were sent."""
        return self._bucket.taken

    def clock(self) -> float:
        """Read a clock that only moves forward, in seconds."""
        return self._clock()

    def sleep(self, seconds: float) -> bool:
        """Wait; return True, at once, if the cluster is closed."""
        return self._sleep(seconds)

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed.is_set()

    def close(self) -> None:
        """End all waiting; requests that are under way are not repeated."""
        self._closed.set()
        self._session.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Json = None,
        content_type: str = "application/json",
        timeout: float | None = None,
        give_up: float | None = None,
    ) -> Json:
        """Send a request, and return the document that answers it; raise `ApiError`."""
        return self.exchange(
            method,
            path,
            query=query,
            body=body,
            content_type=content_type,
            timeout=timeout,
            give_up=give_up,
        ).document

    def exchange(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Json = None,
        content_type: str = "application/json",
        timeout: float | None = None,
        give_up: float | None = None,
    ) -> Reply:
        """Send a request like `request`, and return the server's warnings as well."""
        address = _address(path, query)
        data = None if body is None else json.dumps(body, ensure_ascii=True).encode()
        headers = {} if data is None else {"Content-Type": content_type}
        seconds = self._settings.request_timeout if timeout is None else timeout

        def send(credentials: Credentials) -> Reply:
            answer = credentials.transport.send(
                method, address, _headers(credentials, headers), data, seconds
            )
            document = _document(answer.body)
            if not 200 <= answer.status < 300:  # noqa: PLR2004
                raise refusal(answer.status, answer.headers, answer.body, document)
            if not isinstance(document, dict):
                raise _no_document(answer.status, credentials.transport.host)
            return Reply(document, warning_texts(answer.headers))

        return self._retried(send, self._settings.give_up if give_up is None else give_up)

    @contextmanager
    def stream(
        self, path: str, query: Query | None = None, *, silence: float
    ) -> Iterator["Stream"]:
        """Open a stream of bytes, and close it at the end of the block; nothing is retried.

        `silence` is the number of seconds without data after which the stream counts as broken.
        """
        address = _address(path, query)

        def send(credentials: Credentials) -> "Stream":
            status, headers, stream = credentials.transport.open(
                address, _headers(credentials, {}), self._settings.request_timeout, silence
            )
            if status == 200:  # noqa: PLR2004
                return stream
            try:
                body = b"".join(stream)[:_REFUSAL_BYTES]
            finally:
                stream.release()
            raise refusal(status, headers, body, _document(body))

        stream = self._sent(send)
        try:
            yield stream
        finally:
            stream.release()

    def _retried(self, send: Callable[[Credentials], T], give_up: float) -> T:
        backoff = Backoff(self.random)
        end = self._clock() + give_up
        while True:
            try:
                return self._sent(send)
            except ApiError as error:
                pause = backoff.pause(error.retry_after)
                if not error.transient or self._clock() + pause > end or self._sleep(pause):
                    raise

    def _sent(self, send: Callable[[Credentials], T]) -> T:
        """Send a request; if its credentials are refused, load them again and repeat it once."""
        credentials = self._admitted()
        try:
            return send(credentials)
        except ApiError as error:
            if error.status != 401:  # noqa: PLR2004
                raise
            try:
                newer = self._session.reload(credentials)
            except NoClusterError as cause:
                text = f"{error.message}; {cause}"
                raise ApiError(401, error.reason, text, warnings=error.warnings) from cause
        self._bucket.reserve()
        return send(newer)

    def _admitted(self) -> Credentials:
        """Wait until the rate allows another request."""
        if self._closed.is_set() or self._sleep(self._bucket.reserve()):
            raise ApiError(0, "Closed", "the connection to the cluster is closed", transient=False)
        try:
            return self._session.credentials()
        except NoClusterError as error:
            raise ApiError(0, "NoCluster", str(error), transient=False) from error


def _address(path: str, query: Query | None) -> str:
    """Append the parameters that are set to a path."""
    pairs = [
        (key, str(value).lower() if isinstance(value, bool) else str(value))
        for key, value in (query or {}).items()
        if value is not None
    ]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _headers(credentials: Credentials, more: Mapping[str, str]) -> dict[str, str]:
    headers = {"Accept": "application/json, */*", "User-Agent": _AGENT, **more}
    if credentials.authorization:
        headers["Authorization"] = credentials.authorization
    return headers


def _no_document(status: int, host: str) -> ApiError:
    """Describe an answer that no API server gives, but for example a proxy that wants a login."""
    text = f"{host} answers with status {status}, and not as an API server: without JSON"
    return ApiError(0, "NoDocument", text)


def _document(body: bytes) -> Json:
    """Return a body as JSON, or None: unknown paths are answered in plain text."""
    try:
        return json.loads(body)
    except ValueError:
        return None
