"""Exchanges with an API server over the connection pool of the official client.

Each answer is returned as it is; errors of connections are converted to `ApiError`. Nothing is
retried here: `cluster` does that.
"""

import socket
import ssl
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import urllib3
from kubernetes.client import ApiClient
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    InsecureRequestWarning,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from .errors import ApiError, one_line
from .shared_tls import share_context

_CONNECT_SECONDS = 10.0
_MOST_IDLE = 1024
"""Connections that the pool keeps. Beyond it urllib3 would log a warning at each that it drops."""
_CHUNK_BYTES = 65536
_CERTIFICATE_HELP = (
    "the kubeconfig's cluster needs the right `certificate-authority-data` "
    "(verification is skipped only if it says `insecure-skip-tls-verify`)"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Stream:
    """The body of an answer that does not end soon: one thread reads, any may end it."""

    def __init__(self, answer: Any, host: str) -> None:
        self._answer = answer
        self._host = host
        self._socket: socket.socket | None = getattr(answer.connection, "sock", None)
        self._lock = threading.Lock()
        self._closed = False

    def limit_silence(self, seconds: float) -> None:
        """Set the time without data after which the stream counts as broken."""
        if self._socket is not None:
            self._socket.settimeout(seconds)

    def __iter__(self) -> Iterator[bytes]:
        """Yield data as it arrives, until the end; raise `ApiError` if the connection breaks."""
        while not self._closed:
            try:
                data = self._answer.read1(_CHUNK_BYTES)
            except (HTTPError, OSError) as error:
                if self._closed:
                    return
                raise connection_error(error, self._host) from error
            if not data:
                return
            yield data

    def cut(self) -> None:
        """Receive nothing more: the reading thread gets what has arrived, and then an error."""
        with self._lock, suppress(ValueError, RuntimeError, OSError):
            if self._closed:
                return
            if self._socket is None:
                self._answer.shutdown()
            else:
                # The method of SSLSocket would drop the keys, and so what has arrived.
                socket.socket.shutdown(self._socket, socket.SHUT_RD)

    def close(self) -> None:
        """End the stream at once, also while another thread waits for data."""
        self.cut()
        self._closed = True

    def release(self) -> None:
        """Close the connection; only the thread that reads may do so."""
        with self._lock, suppress(HTTPError, OSError, ValueError):
            self._closed = True
            self._answer.close()


class Transport:
    """Connections to one API server with one set of TLS settings."""

    def __init__(self, configuration: Any) -> None:
        self.host: str = configuration.host
        if not configuration.verify_ssl:
            # The user's kubeconfig asks for it; a warning at each request would change nothing.
            urllib3.disable_warnings(InsecureRequestWarning)
        try:
            self._pool = ApiClient(configuration).rest_client.pool_manager
            share_context(self._pool.connection_pool_kw)
        except (OSError, ValueError) as error:
            raise connection_error(error, self.host) from error
        self._pool.connection_pool_kw.update(maxsize=_MOST_IDLE, socket_options=_socket_options())

    def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float,
    ) -> Answer:
        """Send a request, and read the whole answer."""
        answer = self._open(method, path, headers, body, seconds)
        try:
            data = answer.read()
        except (HTTPError, OSError) as error:
            answer.close()
            raise connection_error(error, self.host) from error
        answer.release_conn()
        return Answer(answer.status, answer.headers, data)

    def open(
        self, path: str, headers: Mapping[str, str], seconds: float, silence: float
    ) -> tuple[int, Mapping[str, str], Stream]:
        """Send a GET request, and return the status, the headers and the body to come.

        `seconds` limits the wait for the headers, and `silence` that for each part of the body.
        Nothing can end the wait for headers, so it should be short.
        """
        answer = self._open("GET", path, headers, None, seconds)
        stream = Stream(answer, self.host)
        stream.limit_silence(silence)
        return answer.status, answer.headers, stream

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._pool.clear()

    def _open(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float,
    ) -> Any:
        try:
            return self._pool.request(
                method,
                self.host + path,
                headers=dict(headers),
                body=body,
                timeout=urllib3.Timeout(connect=min(seconds, _CONNECT_SECONDS), read=seconds),
                preload_content=False,
                retries=False,
                redirect=False,
            )
        except (HTTPError, OSError, ValueError) as error:
            raise connection_error(error, self.host) from error


def connection_error(error: Exception, host: str) -> ApiError:
    """Say in one line why there is no answer."""
    inner = error.args[0] if isinstance(error, SSLError | ProxyError) and error.args else error
    match inner:
        case ssl.SSLCertVerificationError():
            text = f"{host}: its certificate is not accepted: {_certificate_fault(inner)}"
            return ApiError(0, "Certificate", text, transient=False)
        case ssl.SSLError(reason=str(reason)) if "WRONG_VERSION" in reason or "HTTP" in reason:
            return ApiError(0, "Tls", f"{host} does not speak TLS on this port", transient=False)
        case ssl.SSLError(reason=str(reason)) if "ALERT" in reason:
            text = f"{host} does not accept the client certificate: {one_line(reason.lower())}"
            return ApiError(0, "Tls", text, transient=False)
    if isinstance(error, ProxyError):
        return ApiError(0, "Proxy", f"{host} cannot be reached through the proxy: {_why(error)}")
    return ApiError(0, "Unreachable", f"{host} does not answer: {_why(error)}")


def _certificate_fault(error: ssl.SSLCertVerificationError) -> str:
    fault = one_line(error.verify_message or str(error))
    if "mismatch" in fault.lower() or "not valid for" in fault.lower():
        return f"{fault}; `tls-server-name` in the kubeconfig names the host to expect"
    if "expired" in fault:
        return fault
    return f"{fault}; {_CERTIFICATE_HELP}"


def _why(error: Exception) -> str:
    """Return the reason that the system gives; urllib3's own texts name objects."""
    if isinstance(error, NameResolutionError):
        return "its name cannot be resolved"
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.strerror:
            return one_line(cause.strerror).lower()
        inner = next((each for each in cause.args if isinstance(each, Exception)), None)
        cause = cause.__cause__ or inner
    match error:
        case NewConnectionError():
            return "no connection"
        case ConnectTimeoutError():
            return "no connection in time"
        case ReadTimeoutError() | TimeoutError():
            return "no answer in time"
    return one_line(str(error))[:200] or type(error).__name__


def _socket_options() -> list[tuple[int, int, int]]:
    """Let the kernel notice a dead peer after a minute, also on streams that are silent."""
    options = [
        (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
        (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    ]
    if sys.platform == "linux":
        options += [
            (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 30),
            (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
            (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
        ]
    return options
