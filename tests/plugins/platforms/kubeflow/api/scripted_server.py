"""An HTTP server whose answers a test prescribes."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

from sweepwright.plugins.platforms.kubeflow.api.cluster import Cluster, ClusterSettings
from sweepwright.plugins.platforms.kubeflow.api.login import find_login


@dataclass
class Request:
    """A request that the server has received."""

    method: str
    path: str
    query: dict[str, str]
    headers: Mapping[str, str]
    body: Any


@dataclass
class Reply:
    """A whole answer."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Chunks:
    """The parts of an endless answer, and what happens after the last."""

    parts: Sequence[Any]
    then: str = "end"
    """``end``, ``drop`` the connection, or ``hang`` until the server is closed."""


DROP = "drop"
"""Close the connection instead of answering."""


class ScriptedServer:
    """Answers each request by a function of the request."""

    def __init__(self, answer: Callable[[Request], Any]) -> None:
        self.answer = answer
        self.requests: list[Request] = []
        self.closing = threading.Event()
        self.hanging: SimpleQueue[str] = SimpleQueue()
        """The paths of streams that now hang."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def __getattr__(self, name: str) -> Any:
                if name.startswith("do_"):
                    return self.handle_any
                raise AttributeError(name)

            def handle_any(self) -> None:
                with suppress(OSError):  # clients leave
                    serve(server, self)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def close(self) -> None:
        self.closing.set()
        self.http.shutdown()
        self.http.server_close()


def serve(server: ScriptedServer, handler: BaseHTTPRequestHandler) -> None:
    parts = urlsplit(handler.path)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    length = int(handler.headers.get("Content-Length") or 0)
    body = handler.rfile.read(length)
    request = Request(
        handler.command,
        parts.path,
        query,
        dict(handler.headers),
        json.loads(body) if body else None,
    )
    server.requests.append(request)
    match server.answer(request):
        case "drop":
            handler.close_connection = True
            handler.connection.shutdown(socket.SHUT_RDWR)
        case Chunks() as chunks:
            send_chunks(server, handler, chunks)
        case Reply() as reply:
            send(handler, reply)


def send(handler: BaseHTTPRequestHandler, reply: Reply) -> None:
    data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
    handler.send_response(reply.status)
    for name, value in reply.headers.items():
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    handler.wfile.write(data)


def send_chunks(server: ScriptedServer, handler: BaseHTTPRequestHandler, chunks: Chunks) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    for part in chunks.parts:
        data = part if isinstance(part, bytes) else json.dumps(part).encode() + b"\n"
        handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        handler.wfile.flush()
    if chunks.then == "end":
        handler.wfile.write(b"0\r\n\r\n")
        return
    if chunks.then == "hang":
        server.hanging.put(handler.path)
        server.closing.wait()
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


class NoJitter(Random):
    """Makes all pauses zero."""

    def uniform(self, a: float, b: float) -> float:
        del a, b
        return 0.0


class FakeTime:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> bool:
        if seconds:
            self.slept.append(seconds)
        self.now += seconds
        return False


def write_kubeconfig(path: Path, url: str, **user: Any) -> Path:
    """Write a kubeconfig with one context."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "clusters": [{"name": "c", "cluster": {"server": url}}],
        "users": [{"name": "u", "user": user}],
        "contexts": [
            {"name": "test", "context": {"cluster": "c", "user": "u", "namespace": "lab"}}
        ],
    }
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


@contextmanager
def opened_cluster(
    folder: Path,
    answer: Callable[[Request], Any],
    *,
    user: Mapping[str, Any] | None = None,
    time: FakeTime | None = None,
    random: Random | None = None,
    **settings: Any,
) -> Iterator[tuple[Cluster, ScriptedServer]]:
    """Yield a cluster that talks to a scripted server."""
    server = ScriptedServer(answer)
    file = write_kubeconfig(folder / "kubeconfig", server.url, **(user or {"token": "t0"}))
    fakes: dict[str, Any] = {"clock": time.clock, "sleep": time.sleep} if time else {}
    rate = {"requests_per_second": 1e6, "burst": 1000}
    cluster = Cluster(
        find_login(str(file), None),
        ClusterSettings(kubeconfig=str(file), **{**rate, **settings}),
        random=random,
        **fakes,
    )
    try:
        yield cluster, server
    finally:
        cluster.close()
        server.close()


def status(code: int, reason: str, message: str = "no", **details: Any) -> Reply:
    """Return the answer of an API server that refuses."""
    body = {"kind": "Status", "status": "Failure", "reason": reason, "message": message}
    return Reply(code, {**body, "code": code, "details": details})
