"""Handles the messages in which a driver tells a daemon what to do."""

from __future__ import annotations

from typing import Any

from .attached_client import AttachedClient
from .event_log import EventLog
from .recorded_engine import RecordedEngine
from .submissions import Places, localise


class DriverRequests:
    """Does what one attached driver asks for."""

    def __init__(
        self, client: AttachedClient, recorded: RecordedEngine, log: EventLog, places: Places
    ) -> None:
        self._client = client
        self._recorded = recorded
        self._log = log
        self._places = places
        self._handlers = {
            "launch": self._launch,
            "adopt": self._adopt,
            "cancel": self._cancel,
            "finish": self._finish,
            "reserve": self._reserve,
            "ping": self._ping,
        }

    def handle(self, message: dict[str, Any]) -> None:
        """Do what a message asks for; a message of an unknown kind is answered with ``notice``."""
        for kind, handler in self._handlers.items():
            if kind in message:
                try:
                    handler(message)
                except (KeyError, TypeError, ValueError, AttributeError) as error:
                    # Only a driver of another version sends such messages.
                    reason = f"{type(error).__name__}: {error}"
                    self._client.tell({"notice": f"`{kind}` is invalid: {reason}"})
                return
        self._client.tell({"notice": f"unknown message: {sorted(message)}"})

    def _launch(self, message: dict[str, Any]) -> None:
        name = message["launch"]
        try:
            submission = localise(message["submission"], self._places)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if self._recorded.accept(name):
                self._client.follow({name: 0})
                reason = f"its submission is invalid: {type(error).__name__}: {error}"
                self._recorded.refuse(name, reason)
            return
        self._recorded.launch(name, submission)
        self._client.follow({name: 0})

    def _adopt(self, message: dict[str, Any]) -> None:
        offsets: dict[str, int] = message["adopt"]
        known = {name: int(offset) for name, offset in offsets.items() if name in self._log.jobs}
        self._client.follow(known)
        for name in offsets:
            if name not in known:
                self._client.tell({"unknown": name})

    def _cancel(self, message: dict[str, Any]) -> None:
        self._end(message["cancel"])
        self._recorded.cancel(message["cancel"])

    def _finish(self, message: dict[str, Any]) -> None:
        self._end(message["finish"])
        self._recorded.finish(message["finish"])

    def _end(self, name: str) -> None:
        if name not in self._log.jobs:
            self._client.tell({"unknown": name})

    def _reserve(self, message: dict[str, Any]) -> None:
        name = message["reserve"]
        try:
            members = [(str(role), int(rank)) for role, rank in message["members"]]
            ports = self._recorded.engine.reserve(name, members)
        except OSError as error:
            self._client.tell({"reserved": name, "error": error.strerror or str(error)})
        else:
            self._client.tell({"reserved": name, "ports": ports})

    def _ping(self, message: dict[str, Any]) -> None:
        self._client.tell({"pong": message["ping"]})
