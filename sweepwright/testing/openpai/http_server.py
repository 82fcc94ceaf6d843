"""The HTTP side of the double: connections, rate limits and faults."""

import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from .cluster import OpenPai
from .exchange import Exchange
from .faults import LOST_ANSWER
from .routes import ROUTES, Answer, Request, answer_with

_BODY_LIMIT = 100 * 1024
_API = "/rest-server"


@contextmanager
def served(cluster: OpenPai, certificate: tuple[Path, Path] | None = None) -> Iterator[OpenPai]:
    """Serve a cluster on a free port of this machine, and end its containers at the end.

    Parameters
    ----------
    certificate
        Files with a certificate for ``localhost`` and its key, to serve HTTPS.
    """
    http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cluster))
    http.daemon_threads = True
    cluster.url = f"http://127.0.0.1:{http.server_port}"
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        http.socket = context.wrap_socket(http.socket, server_side=True)
        cluster.url = f"https://localhost:{http.server_port}"
    threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield cluster
    finally:
        http.shutdown()
        http.server_close()
        cluster.close()


def _handler(cluster: OpenPai) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            target = urlsplit(self.path)
            path = target.path.removeprefix(_API)
            query = {name: values[-1] for name, values in parse_qs(target.query).items()}
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length).decode("utf-8")
            request = Request(cluster, self.command, path, query, body, dict(self.headers))
            answer = None if cluster.faults.away else _answer(request)
            if answer is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        do_POST = do_PUT = do_GET  # noqa: N815 - names that the library calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
            """Write nothing."""

    return Handler


def _answer(request: Request) -> Answer | None:
    """Answer a request, or inject a fault; None if the answer is lost."""
    fault = request.cluster.faults.take(request.method, request.path)
    if fault is not None and fault.status != LOST_ANSWER:
        answer = answer_with(fault.status, {"code": fault.code, "message": "injected"})
        if fault.retry_after is not None:
            answer.headers["Retry-After"] = str(fault.retry_after)
    else:
        answer = _route(request)
    request.cluster.exchanges.append(
        Exchange(
            request.method,
            request.path,
            request.query,
            request.body,
            request.headers.get("Content-Type", ""),
            answer.status,
            answer.body,
        )
    )
    return None if fault is not None and fault.status == LOST_ANSWER else answer


def _route(request: Request) -> Answer:
    if len(request.body) > _BODY_LIMIT:
        return answer_with(413, {"message": "request entity too large"})
    for method, pattern, route in ROUTES:
        match = re.fullmatch(pattern, request.path)
        if method == request.method and match:
            return _limited(request) or route(request, **match.groupdict())
    return answer_with(404, {"code": "NoApiError", "message": f"API {request.path} is not found."})


def _limited(request: Request) -> Answer | None:
    """Return the refusal of a request above a rate limit; None if it is within the limits."""
    if not request.path.startswith("/api/"):
        return None
    kinds = ["request"]
    if request.path == "/api/v2/jobs":
        kinds.append("list" if request.method == "GET" else "submission")
    for kind in kinds:
        user = "" if kind == "request" else request.user or ""
        if refused := request.cluster.limiters[kind].refuse(user):
            text = b"Too many requests, please try again later."
            return Answer(429, text, {"Content-Type": "text/html", **refused})
    return None
