"""The fork servers of a platform, one for each interpreter, environment and set of imports."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from selectors import BaseSelector

from .fork_server.channel import Message
from .fork_server_client import ForkServerClient
from .settings import Settings


class ForkServers:
    """Starts a fork server when the first job needs it, and replaces a server that has died."""

    def __init__(
        self,
        settings: Settings,
        selector: BaseSelector,
        on_answer: Callable[[str, Message], None],
    ) -> None:
        self.log = Path(settings.folder) / "fork-server.log"
        """File with what the servers print, such as the traceback of one that died."""
        self._settings = settings
        self._selector = selector
        self._on_answer = on_answer
        self._servers: dict[str, ForkServerClient] = {}

    def find(self, interpreter: Message) -> ForkServerClient:
        """Return the server for an interpreter; raise `OSError` if it cannot be started."""
        key = json.dumps(interpreter, sort_keys=True)
        server = self._servers.get(key)
        if server is None or (server.dead and not server.refusal):
            session = self._settings.session
            server = ForkServerClient(
                interpreter, self.log, self._selector, self._on_answer, session
            )
            self._servers[key] = server
            if interpreter["prestart"]:
                server.prepare(self._settings.concurrency)
        return server

    @property
    def answer_by(self) -> float:
        """Time at which `kill_unresponsive` has something to do; infinity if it has not."""
        servers = self._servers.values()
        return min((server.answer_by for server in servers), default=float("inf"))

    def kill_unresponsive(self) -> None:
        """Kill the processes of the servers that have not answered in time."""
        for server in list(self._servers.values()):
            server.kill_unresponsive()

    def release_idle(self) -> None:
        """Release what idle processes of the servers hold, because the machine refuses more."""
        for server in self._servers.values():
            server.release_idle()

    def close(self) -> None:
        """Stop every server."""
        for server in self._servers.values():
            server.close()
        self._servers.clear()
