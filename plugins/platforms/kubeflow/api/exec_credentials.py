"""Runs the credential plugin of a kubeconfig's user (`client.authentication.k8s.io`).

The official client logs a failure of the plugin and goes on without credentials, so that the
server's 401 would be all that the user sees; so plugins are run here.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from .errors import NoClusterError, one_line
from .kubeconfig import Context, Entry, shown

_PLUGIN_SECONDS = 60.0
_LONGEST_MESSAGE = 300


@dataclass(frozen=True, slots=True)
class ExecCredential:
    """What a plugin has returned."""

    token: str | None = field(repr=False)
    certificate: str | None = field(repr=False)
    """A client certificate in PEM."""
    key: str | None = field(repr=False)
    expires: float | None
    """Unix time at which the credential expires, if the plugin says."""


def run_plugin(context: Context, user: Entry) -> ExecCredential:
    """Run the plugin of a user; raise `NoClusterError` with what is wrong with it."""
    settings = user.value["exec"]
    version, command = settings.get("apiVersion"), settings.get("command")
    if not version or not command:
        raise NoClusterError(
            f"{shown(user.file)}: user `{user.name}`: `exec` needs `apiVersion` and `command`"
        )
    if settings.get("interactiveMode") == "Always":
        raise NoClusterError(
            f"the credential plugin `{command}` of {context.where} asks questions, "
            "which nobody answers while a sweep runs"
        )
    output = _run(context, user, settings, str(command), str(version))
    return _parse(f"the credential plugin `{command}`", output, str(version))


def _run(
    context: Context, user: Entry, settings: Mapping[str, Any], command: str, version: str
) -> str:
    plugin = f"the credential plugin `{command}` of {context.where}"
    program = shutil.which(str(user.file.parent / command) if "/" in command else command)
    if program is None:
        hint = one_line(str(settings.get("installHint") or ""))[:_LONGEST_MESSAGE]
        raise NoClusterError(f"{plugin} is not installed{': ' if hint else ''}{hint}")
    try:
        done = subprocess.run(
            [program, *map(str, settings.get("args") or [])],
            env=_environment(context, settings, version),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_PLUGIN_SECONDS,
            check=False,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        # The exception holds the output, and so perhaps a token.
        raise NoClusterError(f"{plugin} did not end within {_PLUGIN_SECONDS:g} s") from None
    except OSError as error:
        raise NoClusterError(f"{plugin} cannot be started: {error.strerror}") from error
    if done.returncode:
        said = one_line(done.stderr)[-_LONGEST_MESSAGE:]
        raise NoClusterError(f"{plugin} failed with exit code {done.returncode}: {said}")
    return done.stdout


def _environment(context: Context, settings: Mapping[str, Any], version: str) -> dict[str, str]:
    spec: dict[str, Any] = {"interactive": False}
    if settings.get("provideClusterInfo"):
        spec["cluster"] = _cluster_info(context.cluster)
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    own = {str(item["name"]): str(item["value"]) for item in settings.get("env") or []}
    return {**os.environ, **own, "KUBERNETES_EXEC_INFO": json.dumps(info)}


def _cluster_info(cluster: Entry) -> dict[str, Any]:
    kept: dict[str, Any] = {
        key: cluster.value[key]
        for key in (
            "server",
            "tls-server-name",
            "insecure-skip-tls-verify",
            "certificate-authority-data",
            "proxy-url",
        )
        if key in cluster.value
    }
    for extension in cluster.value.get("extensions") or []:
        if extension.get("name") == "client.authentication.k8s.io/exec":
            kept["config"] = extension.get("extension")
    return kept


def _parse(plugin: str, output: str, version: str) -> ExecCredential:
    try:
        answer = json.loads(output)
    except ValueError:
        raise NoClusterError(f"{plugin} printed no JSON") from None
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict):
        raise NoClusterError(f"{plugin} printed no ExecCredential with a status")
    if answer.get("apiVersion") != version:
        raise NoClusterError(
            f"{plugin} speaks {answer.get('apiVersion')}, and the kubeconfig says {version}"
        )
    token, certificate = status.get("token"), status.get("clientCertificateData")
    if not token and not (certificate and status.get("clientKeyData")):
        raise NoClusterError(f"{plugin} returned neither a token nor a certificate with its key")
    return ExecCredential(
        token, certificate, status.get("clientKeyData"), _time(status.get("expirationTimestamp"))
    )


def _time(timestamp: object) -> float | None:
    try:
        return datetime.fromisoformat(str(timestamp)).timestamp()
    except ValueError:
        return None
