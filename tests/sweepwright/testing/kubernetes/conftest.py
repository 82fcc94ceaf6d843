"""A server without schemas, and what calls it."""

from collections.abc import Iterator

import pytest

from sweepwright.testing.kubernetes import ApiServer
from tests.kubernetes_caller import Caller


@pytest.fixture
def server() -> Iterator[ApiServer]:
    """Start a server with the namespace `default`."""
    with ApiServer(collection_delay=0.01) as server:
        yield server


@pytest.fixture
def call(server: ApiServer) -> Caller:
    """Return what sends requests to the server as its administrator."""
    return Caller(server.url, server.token)
