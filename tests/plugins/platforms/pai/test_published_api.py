"""What the platform and the double say to each other, against OpenPAI's published description."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import jsonschema
import pytest
import yaml

from sweepwright.contracts import ProbeRequest, TrialCode, Workspace
from sweepwright.plugins.platforms.pai.cleaning import clean_cluster
from sweepwright.plugins.platforms.pai.options import StorageOptions
from sweepwright.plugins.platforms.pai.probing import probe
from sweepwright.testing.openpai.exchange import Exchange
from sweepwright.testing.openpai.exit_specs import OUT_OF_MEMORY
from sweepwright.testing.platform_harness import sweep_of
from tests.plugins.platforms.pai.conftest import Drivers, run
from tests.plugins.platforms.pai.test_protocol import SEARCHED

UNPUBLISHED = {401, 413, 429}
"""Statuses that any request may meet, which the description does not list for each."""


@cache
def described() -> Any:
    found = next((folder for folder in SEARCHED if folder.is_dir()), None)
    if found is None:
        pytest.skip("OpenPAI's schemas are not here: ../shared/openpai is absent")
    return _nullable(yaml.safe_load((found / "swagger.yaml").read_text()))


def _nullable(node: Any) -> Any:
    """Write ``nullable`` of OpenAPI as JSON Schema does."""
    if isinstance(node, list):
        return [_nullable(each) for each in node]
    if not isinstance(node, dict):
        return node
    changed = {key: _nullable(value) for key, value in node.items()}
    if changed.pop("nullable", False):
        changed["type"] = [changed["type"], "null"]
    return changed


def operation(exchange: Exchange) -> Any:
    for path, operations in described()["paths"].items():
        pattern = re.sub(r"\\{\w+\\}", "[^/~]+", re.escape(path))
        if re.fullmatch(pattern, exchange.path) and exchange.method.lower() in operations:
            return operations[exchange.method.lower()]
    raise AssertionError(f"OpenPAI has no {exchange.method} {exchange.path}")


def schema_of(exchange: Exchange) -> Any:
    answer = operation(exchange)["responses"].get(str(exchange.status))
    assert answer, f"{exchange.method} {exchange.path} does not answer {exchange.status}"
    if "$ref" in answer:
        answer = described()["components"]["responses"][answer["$ref"].rpartition("/")[2]]
    return next(iter(answer["content"].values()))["schema"]


def check(exchange: Exchange) -> None:
    parameters = operation(exchange).get("parameters", [])
    published = {each["name"] for each in parameters if "name" in each}
    # The server reads `tail-mode`, whatever its description says.
    assert exchange.query.keys() <= published | {"tail-mode"}
    if exchange.status in UNPUBLISHED or exchange.path.endswith("/config"):
        return
    schema = {**schema_of(exchange), "components": described()["components"]}
    jsonschema.validate(json.loads(exchange.answer), schema)


@pytest.fixture
def exchanges(drivers: Drivers) -> Callable[[], list[Exchange]]:
    """Give the exchanges about the API so far."""
    return lambda: [e for e in drivers.cluster.exchanges if e.path.startswith("/api/")]


def test_all_requests_and_answers_are_as_published(
    drivers: Drivers, exchanges: Callable[[], list[Exchange]]
) -> None:
    drivers.cluster.storages["team"] = drivers.folder
    options: dict[str, Any] = {"storages": (StorageOptions("team"),), "files": "team"}
    harness = drivers.start(**options)
    drivers.cluster.faults.lose_answers("POST", "/jobs$")
    drivers.cluster.hidden_lists = 3
    job = harness.launch("talk")
    run(harness, job)
    failing = harness.launch("hang")
    harness.watch_to_start(failing)
    drivers.cluster.end_task(drivers.cluster.wait_for(failing.name, "RUNNING"), OUT_OF_MEMORY)
    run(harness, failing)
    stopped = harness.launch("hang")
    harness.watch_to_start(stopped)
    harness.platform.cancel(stopped.name)
    run(harness, stopped)
    code = TrialCode("suite", job.roles)
    list(probe(replace(drivers.options, **options), ProbeRequest(code)))
    list(clean_cluster(drivers.options, Workspace(sweep_of(drivers.folder), drivers.folder)))

    seen = exchanges()
    for exchange in seen:
        check(exchange)
    kinds = {(e.method, re.sub(r"~[^/]+", "~", e.path), e.status) for e in seen}
    assert {
        ("POST", "/api/v2/jobs", 202),
        ("POST", "/api/v2/jobs", 409),
        ("GET", "/api/v2/jobs", 200),
        ("GET", "/api/v2/jobs/alice~", 200),
        ("GET", "/api/v2/jobs/alice~/config", 200),
        ("PUT", "/api/v2/jobs/alice~/executionType", 202),
        ("GET", "/api/v2/virtual-clusters", 200),
        ("GET", "/api/v2/info", 200),
    } <= kinds
    assert {e.content_type for e in seen if e.method == "POST"} == {"text/yaml"}
