"""What OpenPAI's own validator rejects, in its words, and how it fills in templates."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_ROLE = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_TEMPLATE = re.compile(r"<%\s*\$([a-zA-Z0-9_]+)\.([a-zA-Z0-9_.]+)\s*%>")
_KEYS = {
    *("protocolVersion", "name", "type", "version", "contributor", "description"),
    *("prerequisites", "parameters", "secrets", "jobRetryCount", "taskRoles"),
    *("deployments", "defaults", "extras"),
}
_ROLE_KEYS = {
    *("protocolVersion", "instances", "completion", "taskRetryCount", "dockerImage"),
    *("data", "output", "script", "extraContainerOptions", "resourcePerInstance", "commands"),
    "prerequisites",
}
_RESOURCES = ("cpu", "memoryMB", "gpu")


def parse_protocol(body: str) -> Any:
    """Parse a job. The double reads JSON alone, which is YAML of the plainest form."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise ValueError(f"the double reads only protocols in JSON: {error}") from error


def faults_of(protocol: Any) -> list[str]:
    """List what is wrong with a job; empty if it is valid."""
    if not isinstance(protocol, dict):
        return ["should be object"]
    return list(_faults(protocol))


def _faults(protocol: Mapping[str, Any]) -> Iterator[str]:
    for key in ("protocolVersion", "name", "type", "taskRoles"):
        if key not in protocol:
            yield f"should have required property '{key}'"
    yield from ("should NOT have additional properties" for _ in protocol.keys() - _KEYS)
    if not _NAME.fullmatch(str(protocol.get("name", ""))):
        yield '.name should match pattern "^[a-zA-Z0-9_-]+$"'
    if protocol.get("protocolVersion") not in (2, "2"):
        yield ".protocolVersion should be equal to one of the allowed values"
    retries = protocol.get("jobRetryCount", 0)
    if not _is_integer(retries) or retries < 0:
        yield ".jobRetryCount should be >= 0"
    images = {each.get("name") for each in protocol.get("prerequisites", [])}
    roles = protocol.get("taskRoles")
    if not isinstance(roles, dict) or not roles:
        yield ".taskRoles should NOT have fewer than 1 properties"
        return
    for name, role in roles.items():
        yield from (f".taskRoles['{name}'] {fault}" for fault in _role_faults(name, role, images))


def _role_faults(name: str, role: Mapping[str, Any], images: set[Any]) -> Iterator[str]:
    if not _ROLE.fullmatch(name):
        yield "should NOT have additional properties"
    yield from ("should NOT have additional properties" for _ in role.keys() - _ROLE_KEYS)
    if role.get("dockerImage") not in images:
        yield f"Prerequisite {role.get('dockerImage')} does not exist."
    resources = role.get("resourcePerInstance", {})
    for key in _RESOURCES:
        if not _is_integer(resources.get(key)):
            yield f".resourcePerInstance.{key} should be integer"
    if resources.get("ports") == {}:
        yield ".resourcePerInstance.ports should NOT have fewer than 1 properties"
    if not role.get("commands"):
        yield ".commands should NOT have fewer than 1 items"
    if not _is_integer(role.get("instances", 1)) or role.get("instances", 1) < 1:
        yield ".instances should be >= 1"
    for key, value in role.get("completion", {}).items():
        if not _is_integer(value):
            yield f".completion.{key} should be integer"


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def entrypoint(protocol: Mapping[str, Any], role: str) -> str:
    """Return the shell program of a task role, with its templates filled in."""
    commands = protocol["taskRoles"][role]["commands"]
    joined = " && ".join(command.strip() for command in commands)

    def fill_in(match: re.Match[str]) -> str:
        found: Any = protocol.get(match[1], {})
        for key in match[2].split("."):
            found = found.get(key, "") if isinstance(found, dict) else ""
        return str(found)

    return _TEMPLATE.sub(fill_in, joined).strip()
