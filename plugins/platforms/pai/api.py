"""The requests of the API that the platform makes, each with what its answer means."""

import json
import os
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from sweepwright.events import Json

from .client import Client, NoTokenError, UnreachableError
from .command import ARCHIVE
from .options import PaiOptions
from .protocol import MARK
from .task_log import TaskLog

_MOST_LISTED = 50_000


class Api:
    """Requests about the jobs of one sweep; threads may share it."""

    def __init__(self, options: PaiOptions, sweep: str, client: Client) -> None:
        self._options = options
        self._sweep = sweep
        self._client = client

    def submit(self, body: Json) -> None:
        """Submit a job; its secrets are read from the environment, and go nowhere else."""
        names = self._options.secret_env
        if names:
            missing = [name for name in names if name not in os.environ]
            if missing:
                raise NoTokenError(f"the environment variable `{missing[0]}` is not set")
            body = {**body, "secrets": {ARCHIVE: _packed({n: os.environ[n] for n in names})}}
        self._client.call("POST", "/jobs", body=json.dumps(body))

    def list(self) -> Sequence[Json]:
        """List all jobs of the sweep that OpenPAI knows, the latest first."""
        query = {
            "username": self._client.username,
            "keyword": self._sweep,
            "limit": _MOST_LISTED,
        }
        found = self._client.json("GET", "/jobs", query)
        if not isinstance(found, list):
            raise UnreachableError("the list of jobs is not a list")
        return [each for each in found if str(each.get("name", "")).startswith(self._sweep)]

    def latest_submissions(self) -> Sequence[float]:
        """List when the user has last submitted jobs, of this sweep or of others."""
        query = {
            "username": self._client.username,
            "order": "submissionTime,DESC",
            "limit": min(self._options.submissions_per_hour, _MOST_LISTED),
        }
        found = self._client.json("GET", "/jobs", query)
        return [(each.get("submissionTime") or 0) / 1000.0 for each in found]

    def detail(self, name: str) -> Json:
        """Describe a job with its tasks, and with how it has ended."""
        return self._client.json("GET", self._path(name))

    def is_ours(self, name: str, job: str) -> bool:
        """Tell whether a job of this name was submitted for a job of this sweep."""
        text = self._client.call("GET", f"{self._path(name)}/config").decode("utf-8", "replace")
        try:
            mark: Any = json.loads(text)["extras"][MARK]
        except (ValueError, KeyError, TypeError):
            # OpenPAI may have written the YAML anew, in which the words stand nevertheless.
            return MARK in text and self._sweep in text
        return bool(mark == {"sweep": self._sweep, "job": job})

    def stop(self, name: str) -> None:
        """Stop a job; OpenPAI keeps it in its list."""
        body = json.dumps({"value": "STOP"})
        self._client.call("PUT", f"{self._path(name)}/executionType", body=body)

    def log(self, name: str, role: str, index: int = 0) -> TaskLog:
        """Return the log of a task; nothing is read yet."""
        return TaskLog(self._client, self._key(name), role, index)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _path(self, name: str) -> str:
        return f"/jobs/{self._key(name)}"

    def _key(self, name: str) -> str:
        return f"{quote(self._client.username)}~{name}"


def _packed(values: Json) -> str:
    return b64encode(json.dumps(values).encode()).decode("ascii")
