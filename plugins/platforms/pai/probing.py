"""Probing: asks a cluster whether it can run the trials of a sweep; it has no effect on jobs."""

import json
import os
import sys
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sweepwright.contracts import Finding, ProbeRequest, Role
from sweepwright.diagnostics import did_you_mean

from .client import ApiError, Client, NoTokenError, PaiError, read_token
from .options import PaiOptions

_RENDER = "`sweepwright render` writes the jobs without a cluster"
_UNAUTHORIZED = 401
_SOON = 24 * 3600.0


def probe(options: PaiOptions, request: ProbeRequest) -> Iterator[Finding]:
    """Yield a finding for each fault that would keep the sweep from running."""
    missing = list(_missing(options))
    yield from missing
    if missing:
        return
    client = Client(options)
    try:
        yield from _token_findings(options)
        yield from _connect(options, client, request)
    except PaiError as error:
        yield _fault(options, error)
    finally:
        client.close()


def _missing(options: PaiOptions) -> Iterator[Finding]:
    """Yield what the options do not say, and where it was looked for."""
    if find_spec("urllib3") is None:
        help_ = f"install it: `{sys.executable} -m pip install 'sweepwright[pai]'`"
        yield Finding((), "the package `urllib3`, which speaks HTTP, is not installed", help_)
    if options.url is None:
        help_ = f"give `platform.url=https://…`, the address of its web portal; {_RENDER}"
        yield Finding(("url",), "no OpenPAI cluster is given: `platform.url` is null", help_)
    if options.username is None:
        help_ = f"give `platform.username=…`, your name in the web portal; {_RENDER}"
        yield Finding(("username",), "no user is given: `platform.username` is null", help_)
    try:
        read_token(options)
    except NoTokenError as error:
        place = "token_env" if options.token_file is None else "token_file"
        yield Finding((place,), str(error), f"{_token_help(options)}; {_RENDER}")
    for index, name in enumerate(options.secret_env):
        if name not in os.environ:
            yield Finding(("secret_env", index), f"the environment variable `{name}` is not set")


def _token_findings(options: PaiOptions) -> Iterator[Finding]:
    """Read the claims of the token, which is not verified here."""
    claims = _claims(read_token(options))
    place = ("token_env",) if options.token_file is None else ("token_file",)
    user = claims.get("username")
    if user is not None and user != options.username:
        message = f"the token belongs to `{user}`, not to `{options.username}`"
        yield Finding(("username",), message, f"give `platform.username={user}`")
    left = float(claims.get("exp") or "inf") - time.time()
    if 0 < left < _SOON:
        message = f"the token expires in {left / 3600:.1f} hours"
        yield Finding(place, message, _token_help(options), warning=True)


def _token_help(options: PaiOptions) -> str:
    """Say where a token comes from, and where it is read."""
    place = options.token_file or f"${options.token_env}"
    return (
        "create an application token, which does not expire, on the profile page of the web "
        f"portal, and put it into {place}"
    )


def _claims(token: str) -> Mapping[str, Any]:
    """Return what a JSON Web Token says; nothing if it is none."""
    try:
        _, payload, _ = token.split(".")
        found = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _connect(options: PaiOptions, client: Client, request: ProbeRequest) -> Iterator[Finding]:
    info = client.json("GET", "/info")
    if info.get("launcherType") == "yarn":
        message = f"the cluster (version {info.get('version')}) runs jobs on YARN"
        yield Finding(("url",), message, "it needs OpenPAI 1.0 or newer, on Kubernetes")
        return
    client.json("GET", "/jobs", {"username": client.username, "limit": 1})
    yield from _virtual_cluster_findings(options, client, request)
    yield from _storage_findings(options, client)


def _virtual_cluster_findings(
    options: PaiOptions, client: Client, request: ProbeRequest
) -> Iterator[Finding]:
    known = client.json("GET", "/virtual-clusters")
    name = options.virtual_cluster or "default"
    place = ("virtual_cluster",)
    if name not in known:
        help_ = did_you_mean(name, list(known)) or f"it has {', '.join(map(str, known))}"
        yield Finding(place, f"the cluster has no virtual cluster `{name}`", help_)
        return
    total = known[name].get("resourcesTotal") or {}
    for role in request.code.roles:
        gpus = role.resources.get("gpu", options.gpus) * role.replicas
        if "gpu" in total and gpus > total["gpu"]:
            yield Finding(place, _too_few(role, name, gpus, total["gpu"]))


def _too_few(role: Role, name: str, needed: float, total: float) -> str:
    needs = f"role `{role.name}` needs {needed:g} GPUs"
    return f"{needs}, and the virtual cluster `{name}` has {total:g} in all"


def _storage_findings(options: PaiOptions, client: Client) -> Iterator[Finding]:
    if not options.storages:
        return
    known = [str(each["name"]) for each in client.json("GET", "/storages")["storages"]]
    for index, storage in enumerate(options.storages):
        if storage.name not in known:
            help_ = (
                did_you_mean(storage.name, known) or f"you can use {', '.join(known) or 'none'}"
            )
            message = f"you can use no storage `{storage.name}` of the cluster"
            yield Finding(("storages", index, "name"), message, help_)
        if storage.local and not os.access(Path(storage.local).expanduser(), os.W_OK):
            message = f"you cannot write to `{storage.local}`"
            yield Finding(("storages", index, "local"), message)


def _fault(options: PaiOptions, error: PaiError) -> Finding:
    if isinstance(error, ApiError) and error.status == _UNAUTHORIZED:
        place = "token_env" if options.token_file is None else "token_file"
        return Finding((place,), f"{options.url} refuses the token: {error}", _token_help(options))
    if "certificate" in str(error).lower():
        help_ = "give `platform.ca_file`, the certificate of the authority that has signed it"
        return Finding(("ca_file",), str(error), help_)
    return Finding(("url",), str(error), f"try the address in a browser; {_RENDER}")
