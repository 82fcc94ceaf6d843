"""Plain HTTP requests to a Kubernetes API server, whose answers a test sees as they are."""

import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

PUBLISHED = Path(__file__).resolve().parents[2] / "shared" / "kubernetes"
"""Schemas and recorded exchanges, which lie beside a checkout where they are there at all."""


def published(name: str) -> Path:
    """Return the path of a published file; skip where it is absent."""
    path = PUBLISHED / name
    if not path.exists():
        pytest.skip(f"{path} is absent")
    return path


def definitions() -> list[Path]:
    """Return the published definitions of Kubeflow's kinds."""
    names = (
        "kubeflow.org_pytorchjobs.json",
        "kubeflow.org_tfjobs.json",
        "trainer.kubeflow.org_trainjobs.json",
    )
    return [published(name) for name in names]


@dataclass(frozen=True)
class Answer:
    """An answer as it came."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def lines(self) -> list[Any]:
        return [json.loads(line) for line in self.text.splitlines()]

    @property
    def warnings(self) -> list[str]:
        return [value for name, value in self.headers if name == "Warning"]

    def header(self, name: str) -> str | None:
        return dict(self.headers).get(name)


class Caller:
    """A client of one server, with one connection for each request."""

    def __init__(self, url: str, token: str | None) -> None:
        self.address = urlsplit(url).netloc
        self.token = token

    @contextmanager
    def open(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str | None = None,
        token: str | None = "",
        **query: object,
    ) -> Iterator[http.client.HTTPResponse]:
        """Send a request and yield the response, whose body may come little by little."""
        headers = {} if content_type is None else {"Content-Type": content_type}
        if token := self.token if token == "" else token:
            headers["Authorization"] = f"Bearer {token}"
        if body is not None and not isinstance(body, str):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        where = quote(path) + (f"?{urlencode(query)}" if query else "")
        connection = http.client.HTTPConnection(self.address, timeout=20)
        with closing(connection):
            connection.request(method, where, body, headers)
            yield connection.getresponse()

    def __call__(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        with self.open(method, path, body, **more) as response:
            return Answer(response.status, response.getheaders(), response.read().decode())
