"""The session with an API server: the current login, and the connections made with it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .errors import NoClusterError
from .login import Login, LoginSource

if TYPE_CHECKING:  # the package `kubernetes`, which transport.py imports, may be missing
    from .transport import Transport

_TLS_SETTINGS = (
    "host",
    "ssl_ca_cert",
    "cert_file",
    "key_file",
    "verify_ssl",
    "tls_server_name",
    "assert_hostname",
    "proxy",
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request is sent with."""

    number: int
    """Number of the login, so that of many requests that are refused one reloads it."""
    transport: "Transport"
    authorization: str | None = field(repr=False)


class Session:
    """Holds the current login, and replaces it when it expires or is refused."""

    def __init__(self, source: LoginSource, clock: Callable[[], float] = time.time) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._login: Login | None = None
        self._credentials: Credentials | None = None

    def credentials(self) -> Credentials:
        """Return the current credentials; raise `NoClusterError` if there are none."""
        with self._lock:
            known, login = self._credentials, self._login
            if known is None or login is None:
                return self._load(0)
            if self._clock() < login.stale_at:
                return known
            try:
                return self._load(known.number)
            except NoClusterError:
                # The old credentials may still be good. If not, the server will say so.
                return known

    def reload(self, refused: Credentials) -> Credentials:
        """Return newer credentials than those that the server refused."""
        with self._lock:
            known = self._credentials
            if known is not None and known.number > refused.number:
                return known
            return self._load(refused.number)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            if self._credentials is not None:
                self._credentials.transport.close()

    def _load(self, number: int) -> Credentials:
        login = self._source.load()
        transport = self._transport_for(login)
        self._login = login
        self._credentials = Credentials(number + 1, transport, login.authorization)
        return self._credentials

    def _transport_for(self, login: Login) -> "Transport":
        """Keep the connections if the new login differs in its token alone."""
        from .transport import Transport  # noqa: PLC0415

        if self._credentials is not None and self._login is not None:
            old, new = self._login.configuration, login.configuration
            if _tls_settings(old) == _tls_settings(new):
                return self._credentials.transport
        return Transport(login.configuration)


def _tls_settings(configuration: Any) -> list[Any]:
    return [getattr(configuration, name, None) for name in _TLS_SETTINGS]
