"""Connections: a thread for each, over TCP with or without TLS."""

import contextlib
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from .messages import Dropped, Request, Response, Stream

_PAUSE = 0.05

Serve: TypeAlias = Callable[[Request], "Response | Stream | None"]
"""Answers a request; None closes the connection instead."""


class Connection(BaseHTTPRequestHandler):
    """One connection of a client, on which requests follow each other."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def __init__(self, connection: socket.socket, address: Any, serve: Serve) -> None:
        self._serve_request = serve
        # The base class serves the whole connection in its constructor.
        super().__init__(connection, address, serve)  # type: ignore[arg-type]

    def handle(self) -> None:
        """Serve requests until the connection ends, from whichever side."""
        with contextlib.suppress(OSError):
            super().handle()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is inherited
        """Print nothing."""

    def serve(self) -> None:
        """Serve one request."""
        answer = self._serve_request(self._read())
        if answer is None:
            self._hang_up()
        elif isinstance(answer, Response):
            self._write(answer)
        else:
            self._stream(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = serve  # noqa: N815

    def _read(self) -> Request:
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        return Request(
            method=self.command,
            path=parts.path if "%2F" in parts.path.upper() else unquote(parts.path),
            query=dict(parse_qsl(parts.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(length) if length else b"",
        )

    def _write(self, answer: Response) -> None:
        headers = [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            *answer.headers,
        ]
        self.wfile.write(_head(answer.status, headers) + answer.body)

    def _stream(self, answer: Stream) -> None:
        headers = [("Content-Type", answer.content_type), ("Transfer-Encoding", "chunked")]
        self.wfile.write(_head(200, headers))
        try:
            with contextlib.closing(answer.chunks) as chunks:
                for chunk in chunks:
                    if chunk:
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
                    elif self._client_is_gone():
                        self._hang_up()
                        return
            self.wfile.write(b"0\r\n\r\n")
        except Dropped:
            self._hang_up()

    def _client_is_gone(self) -> bool:
        poll = select.poll()  # unlike `select`, it knows file descriptors above 1023
        poll.register(self.connection, select.POLLIN)
        if not poll.poll(0):
            return False
        # Over TLS what comes in during a stream can only be the client's farewell.
        tls = isinstance(self.connection, ssl.SSLSocket)
        return tls or not self.connection.recv(1, socket.MSG_PEEK)

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)


def _head(status: int, headers: list[tuple[str, str]]) -> bytes:
    lines = [f"HTTP/1.1 {status} {_phrase(status)}", *(f"{k}: {v}" for k, v in headers), "", ""]
    return "\r\n".join(lines).encode("latin-1", "replace")


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in set(HTTPStatus) else "Unknown"


class Listener:
    """Port on which the server accepts connections, and whose connections it can close.

    A second socket holds the port without listening. Thus the server can refuse connections for
    a while, and nobody else gets the port meanwhile.
    """

    def __init__(self, serve: Serve, tls: ssl.SSLContext | None) -> None:
        self._serve = serve
        self._tls = tls
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, socket.socket] = {}
        self._holder = _bound(0)
        self.port: int = self._holder.getsockname()[1]
        self._listening: socket.socket | None = None
        self._acceptor: threading.Thread | None = None
        self.greet: Callable[[], bool] = lambda: True
        """Called in the thread of each new connection; False closes it."""

    def listen(self) -> None:
        """Begin to accept connections."""
        listening = _bound(self.port)
        listening.listen(1024)
        self._listening = listening
        self._acceptor = threading.Thread(
            target=self._accept, args=(listening,), name="kubernetes-acceptor", daemon=True
        )
        self._acceptor.start()

    def refuse(self) -> None:
        """Accept no connections until told to listen again."""
        listening, self._listening = self._listening, None
        if listening is None:
            return
        with contextlib.suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        if self._acceptor is not None:
            self._acceptor.join()

    def drop(self) -> None:
        """Close all connections."""
        with self._lock:
            connections = list(self._connections.values())
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the port and all connections, and wait for their threads."""
        self.refuse()
        self.drop()
        with self._lock:
            threads = list(self._connections)
        for thread in threads:
            thread.join(timeout=5)
        self._holder.close()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, address = listening.accept()
            except OSError:
                if self._listening is not listening:
                    return
                time.sleep(_PAUSE)  # no file descriptor is free; one may be soon
                continue
            thread = threading.Thread(
                target=self._run, args=(connection, address), name="kubernetes-api", daemon=True
            )
            with self._lock:
                self._connections[thread] = connection
            thread.start()

    def _run(self, connection: socket.socket, address: Any) -> None:
        # The client may go away at any time, or reject the certificate.
        with contextlib.suppress(OSError):
            if self.greet():
                Connection(self._secured(connection), address, self._serve)
        with self._lock:
            last = self._connections.pop(threading.current_thread())
        _close(last)

    def _secured(self, connection: socket.socket) -> socket.socket:
        if self._tls is None:
            return connection
        secured = self._tls.wrap_socket(
            connection, server_side=True, do_handshake_on_connect=False
        )
        with self._lock:
            self._connections[threading.current_thread()] = secured
        secured.do_handshake()
        return secured


def _bound(port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(("127.0.0.1", port))
    return bound


def _close(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
