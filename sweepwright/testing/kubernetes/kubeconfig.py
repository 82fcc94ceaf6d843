"""Kubeconfig files that lead to a server of a test."""

import base64
import json
from pathlib import Path

from .store.resources import JsonObject


def kubeconfig(
    url: str,
    *,
    token: str | None = None,
    user: JsonObject | None = None,
    authority: bytes | None = None,
    namespace: str = "default",
    context: str = "test",
) -> JsonObject:
    """Return a kubeconfig of one cluster, one user and one context.

    `user` is used as it is, for credentials other than a token: `exec`, client certificates.
    """
    cluster: JsonObject = {"server": url}
    if authority is not None:
        cluster["certificate-authority-data"] = base64.b64encode(authority).decode()
    credentials = user if user is not None else {} if token is None else {"token": token}
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": context, "cluster": cluster}],
        "users": [{"name": context, "user": credentials}],
        "contexts": [
            {
                "name": context,
                "context": {"cluster": context, "user": context, "namespace": namespace},
            }
        ],
        "current-context": context,
    }


def write_kubeconfig(path: Path, config: JsonObject) -> Path:
    """Write a kubeconfig, as JSON, which is YAML as well, and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(config, indent=2))
    path.chmod(0o600)
    return path
