"""Restricts a web server to requests that were addressed to this machine by its own name.

A server that listens on the loopback interface alone can still be reached by web pages of others.
Such a page lets the name of its own host resolve to 127.0.0.1 (DNS rebinding), and the browser
then takes the local server for the page's own. But the browser sends the name of the page's host
in the header ``Host``, and a page's origin in the header ``Origin`` of requests that change
something. Every server of sweepwright checks both.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOPBACK = "127.0.0.1"
"""The address that servers listen on. It cannot be reached from other machines."""

_NAMES = ("localhost", LOOPBACK, "[::1]")
_READING = ("GET", "HEAD", "OPTIONS")


class LocalRequests:
    """A WSGI application that passes local requests on, and answers all others with 403."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer a request."""
        if is_local(environ):
            return self._application(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
        return [f"this server answers at http://localhost:{environ['SERVER_PORT']}/\n".encode()]


def is_local(environ: dict[str, Any]) -> bool:
    """Tell whether a request names this server as its host, and as its origin if it writes."""
    hosts = _hosts(environ["SERVER_PORT"])
    origin = environ.get("HTTP_ORIGIN")
    # Programs other than browsers send no origin. No page can make a browser leave it out.
    writes_from_elsewhere = (
        environ["REQUEST_METHOD"] not in _READING
        and origin is not None
        and origin.lower() not in {f"http://{host}" for host in hosts}
    )
    return environ.get("HTTP_HOST", "").lower() in hosts and not writes_from_elsewhere


def _hosts(port: str) -> set[str]:
    """Return the values of ``Host`` that name this server. Browsers leave out port 80."""
    hosts = {f"{name}:{port}" for name in _NAMES}
    return hosts | set(_NAMES) if port == "80" else hosts
