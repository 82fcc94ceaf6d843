"""The server answers as a real one did: kube-apiserver v1.36.2, with Kubeflow's definitions.

What each run makes anew is left out of the comparison: uids, versions, times, generated names,
tokens of pages and the record of who manages which field.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from sweepwright.testing.kubernetes import ApiServer
from tests.kubernetes_caller import Answer, Caller, definitions, published

ADMINISTRATOR = "admintoken"
_OF_THE_RUN = {
    "continue",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
    "resourceVersion",
    "uid",
}
_RUN_TEXTS = {
    r"\btrial-[a-z0-9]{5}\b": "trial-*****",
    r"(?<=in record \()[-0-9a-f]+": "uid",
    r"(too old resource version: \d+) \(\d+\)": r"\1 (n)",
    r"(?<=, current: )\d+": "n",
}


@pytest.fixture
def recorded_server() -> Iterator[ApiServer]:
    paths = definitions()
    # Nothing is collected: a namespace that is being deleted stays as it was when recorded.
    with ApiServer(
        crds=paths, token=ADMINISTRATOR, namespaces=(), collection_delay=3600
    ) as server:
        server.add_user("usertoken", "alice", [])
        yield server


def test_all_recorded_exchanges_agree(recorded_server: ApiServer) -> None:
    exchanges = json.loads(published("recorded-exchanges.json").read_text())
    differences = {}
    for exchange in exchanges:
        answer = _replay(recorded_server, exchange["request"])
        if different := list(_differences(answer, exchange["response"])):
            differences[exchange["name"]] = different
    agreed = len(exchanges) - len(differences)
    print(f"{agreed} of {len(exchanges)} recorded exchanges agree")  # noqa: T201 - a figure to see
    assert not differences
    assert len(exchanges) == 56


def _replay(server: ApiServer, request: dict[str, Any]) -> Answer:
    call = Caller(server.url, request["token"])
    return call(
        request["method"],
        request["path"],
        request["body"],
        content_type=request["content_type"],
        **request["query"],
    )


def _differences(answer: Answer, recorded: dict[str, Any]) -> Iterator[str]:
    expected = {"Content-Type": recorded["content_type"], **recorded["headers"]}
    for name in ("Content-Type", "Warning"):
        if answer.header(name) != expected.get(name):
            yield f"{name}: {answer.header(name)} instead of {expected.get(name)}"
    if answer.status != recorded["status"]:
        yield f"status {answer.status} instead of {recorded['status']}"
    wanted = _lasting(_parsed(recorded["body"]))
    found = _lasting(_parsed(answer.text))
    if found != wanted:
        yield f"body {found} instead of {wanted}"


def _parsed(body: Any) -> Any:
    """Return a body as JSON, the lines of a watch as a list, or other text as it is."""
    if not isinstance(body, str):
        return body
    try:
        lines = [json.loads(line) for line in body.splitlines()]
    except ValueError:
        return body
    return lines if len(lines) != 1 else lines[0]


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _lasting(each) for k, each in value.items() if k not in _OF_THE_RUN}
    if isinstance(value, list):
        return [_lasting(each) for each in value]
    if isinstance(value, str):
        for pattern, replacement in _RUN_TEXTS.items():
            value = re.sub(pattern, replacement, value)
    return value
