"""Finds a cluster like kubectl does, and logs in with the official client's configuration.

The client's `load_kube_config` installs a hook that restores the token which it read first
(`refresh_api_key_hook`), so a token that is set later has no effect. Here a login is never
changed: a new one is loaded when it expires, or when the server no longer accepts it.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from .client_configuration import (
    authorization,
    client_module,
    load_context,
    new_configuration,
)
from .errors import NoClusterError
from .exec_credentials import ExecCredential, run_plugin
from .kubeconfig import Context, read_context, shown

SERVICE_ACCOUNT_FOLDER = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_TOKEN_FILE_SECONDS = 60.0
"""Seconds after which a token file is read again, as client-go does: kubelets rotate tokens."""
_EARLY_SECONDS = 60.0
"""Seconds before the end of a credential at which it is replaced."""


@dataclass(frozen=True, slots=True)
class Login:
    """Address, TLS settings and credentials."""

    configuration: Any
    """`kubernetes.client.Configuration`, of which the credentials are not used."""
    authorization: str | None = field(repr=False)
    """Value of the header ``Authorization``."""
    stale_at: float = float("inf")
    """Unix time from which on a new login is to be loaded."""


class LoginSource(Protocol):
    """Where a cluster is configured."""

    @property
    def where(self) -> str:
        """Name the place, for messages."""
        ...

    @property
    def namespace(self) -> str | None:
        """Namespace that the configuration prescribes."""
        ...

    def load(self) -> Login:
        """Read the credentials afresh; raise `NoClusterError`."""
        ...


@dataclass(frozen=True, slots=True)
class KubeconfigLogin:
    """Logs in as the user of a context of kubeconfig files."""

    context: Context
    clock: Callable[[], float] = time.time

    @property
    def where(self) -> str:
        """Name the context and its files."""
        return self.context.where

    @property
    def namespace(self) -> str | None:
        """Namespace of the context."""
        return self.context.namespace

    def load(self) -> Login:
        """Read the files once more, and run the user's credential plugin if it has one."""
        context = read_context(self.context.files, self.context.name)
        credential = _plugin_credential(context)
        configuration = load_context(context, credential)
        return Login(
            configuration, authorization(configuration, self.where), self._stale_at(credential)
        )

    def _stale_at(self, credential: ExecCredential | None) -> float:
        user = self.context.user.value if self.context.user else {}
        if credential is not None and credential.expires is not None:
            # A plugin that returns short-lived credentials is not run at each request.
            return max(credential.expires - _EARLY_SECONDS, self.clock() + 1.0)
        if "auth-provider" in user or ("tokenFile" in user and "token" not in user):
            return self.clock() + _TOKEN_FILE_SECONDS
        return float("inf")


@dataclass(frozen=True, slots=True)
class ServiceAccountLogin:
    """Logs in with the service account of the pod in which the driver runs."""

    folder: Path = SERVICE_ACCOUNT_FOLDER
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    clock: Callable[[], float] = time.time

    @property
    def where(self) -> str:
        """Name the folder."""
        return f"the service account in {self.folder}"

    @property
    def namespace(self) -> str | None:
        """Namespace of the pod."""
        try:
            return (self.folder / "namespace").read_text(encoding="utf-8").strip() or None
        except OSError:
            return None

    def load(self) -> Login:
        """Read the token, which the kubelet replaces from time to time."""
        incluster_config = client_module("kubernetes.config.incluster_config")
        loader = incluster_config.InClusterConfigLoader(
            str(self.folder / "token"),
            str(self.folder / "ca.crt"),
            try_refresh_token=False,
            environ=self.environ,
        )
        configuration = new_configuration()
        try:
            loader.load_and_set(configuration)
        except (incluster_config.ConfigException, OSError) as error:
            raise NoClusterError(f"{self.where}: {error}") from error
        stale_at = self.clock() + _TOKEN_FILE_SECONDS
        return Login(configuration, authorization(configuration, self.where), stale_at)


def find_login(
    kubeconfig: str | None,
    context: str | None,
    *,
    environ: Mapping[str, str] = os.environ,
    service_account: Path = SERVICE_ACCOUNT_FOLDER,
) -> LoginSource:
    """Look for a cluster: option, ``$KUBECONFIG``, ``~/.kube/config``, service account of a pod.

    Raises
    ------
    NoClusterError
        If none is found, or the one that is found is broken.
    """
    looked_for: list[str] = []
    files = _kubeconfig_files(kubeconfig, environ, looked_for)
    if files:
        return KubeconfigLogin(read_context(files, context))
    if kubeconfig:
        raise NoClusterError(f"no cluster: {looked_for[-1]}", looked_for)
    if "KUBERNETES_SERVICE_HOST" not in environ:
        looked_for.append("service account of a pod: $KUBERNETES_SERVICE_HOST is not set")
    elif not (service_account / "token").is_file():
        looked_for.append(f"service account of a pod: {service_account}/token: not found")
    elif context:
        raise NoClusterError(
            f"no kubeconfig defines the context `{context}`", looked_for, option="context"
        )
    else:
        return ServiceAccountLogin(service_account, environ)
    raise NoClusterError(f"no cluster is configured: {'; '.join(looked_for)}", looked_for)


def _kubeconfig_files(
    option: str | None, environ: Mapping[str, str], looked_for: list[str]
) -> list[Path]:
    """Return the files that exist, and note where others were looked for."""
    if option:
        origin, paths = "", option.split(os.pathsep)
    elif environ.get("KUBECONFIG"):
        origin, paths = " of $KUBECONFIG", environ["KUBECONFIG"].split(os.pathsep)
    else:
        looked_for.append("$KUBECONFIG: not set")
        origin, paths = "", ["~/.kube/config"]
    files = [Path(path).expanduser() for path in paths if path]
    # kubectl, too, passes over files that do not exist.
    looked_for += [
        f"kubeconfig file {shown(file)}{origin}: not found" for file in files if not file.exists()
    ]
    return [file for file in files if file.exists()]


def _plugin_credential(context: Context) -> ExecCredential | None:
    user = context.user
    if user is None or not isinstance(user.value.get("exec"), dict):
        return None
    if any(key in user.value for key in ("token", "tokenFile", "auth-provider")):
        return None
    return run_plugin(context, user)
