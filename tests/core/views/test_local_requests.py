"""A local server answers only requests that name it, and changes nothing for foreign pages."""

from collections.abc import Iterable, Iterator
from http.client import HTTPConnection
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from sweepwright.core.views.local_requests import LOOPBACK, LocalRequests, is_local

FOREIGN_HOSTS = [
    *(f"rebound-{number}.example:6006" for number in range(20)),
    *(f"10.0.{number}.1" for number in range(10)),
    *("evil.example", "evil.example:80", "localhost.evil.example:6006", "evil.localhost:6006"),
    *("localhost", "127.0.0.1", "[::1]", "localhost:1", "127.0.0.1:1", "[::1]:1"),
    *("127.0.0.2:6006", "0.0.0.0:6006", "[::]:6006", "::1", "localhost.:6006"),
    *("user@localhost:6006", "localhost:6006@evil.example", "localhost:06006", "LOCALHOST.EVIL"),
    "",
]


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Print nothing."""


def _answer(_: Any, start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [])
    return [b"results"]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Serve on the loopback interface; return the port."""
    with make_server(LOOPBACK, 0, LocalRequests(_answer), handler_class=_Quiet) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def _ask(port: int, host: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    connection = HTTPConnection(LOOPBACK, port, timeout=10)
    connection.request(method, "/", headers={"Host": host, **headers})
    answer = connection.getresponse()
    found = answer.status, answer.read()
    connection.close()
    return found


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]", "LocalHost"])
def test_a_request_to_this_machine_is_answered(port: int, name: str) -> None:
    assert _ask(port, f"{name}:{port}") == (200, b"results")


def test_no_foreign_host_is_answered(port: int) -> None:
    answers = {_ask(port, host) for host in FOREIGN_HOSTS}

    assert len(FOREIGN_HOSTS) == 50
    assert answers == {(403, f"this server answers at http://localhost:{port}/\n".encode())}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_foreign_page_changes_nothing(port: int, method: str) -> None:
    host = f"localhost:{port}"
    foreign = ("http://evil.example", "null", "http://localhost:1", f"https://localhost:{port}")
    answers = [_ask(port, host, method, Origin=origin)[0] for origin in foreign]

    assert answers == [403] * len(foreign)
    assert _ask(port, host, method, Origin=f"http://{host}")[0] == 200
    assert _ask(port, host, method)[0] == 200


def test_port_80_may_be_left_out() -> None:
    asked = {"REQUEST_METHOD": "GET", "SERVER_PORT": "80", "HTTP_HOST": "localhost"}

    assert is_local(asked)
    assert not is_local({**asked, "SERVER_PORT": "8080"})
    assert not is_local({"REQUEST_METHOD": "GET", "SERVER_PORT": "80"})
