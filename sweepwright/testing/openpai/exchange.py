"""A request to the double, and its answer, so that tests can look at both."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer."""

    method: str
    path: str
    """Path of the request, which begins with ``/api/v2``."""
    query: Mapping[str, str]
    body: str
    content_type: str
    status: int
    answer: bytes
