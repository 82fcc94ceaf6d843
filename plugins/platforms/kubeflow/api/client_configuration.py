"""Configurations of the official client, whose modules are imported only here.

They are imported late: that takes 0.2 s, and the package may be missing.
"""

import base64
import importlib
import os
import ssl
from typing import Any
from urllib.parse import urlsplit

from .errors import MissingClientError, NoClusterError, one_line
from .exec_credentials import ExecCredential
from .kubeconfig import Context


def client_module(name: str) -> Any:
    """Import a module of the client; raise `MissingClientError`."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise MissingClientError from error


def new_configuration() -> Any:
    """Return a configuration with the defaults of the client, and the proxies of this process."""
    return client_module("kubernetes.client").Configuration()


def authorization(configuration: Any, where: str) -> str | None:
    """Return the header of the token, which the client keeps under a name that has changed.

    A token that cannot be sent is reported here. The library that sends headers would quote it.
    """
    configuration.refresh_api_key_hook = None
    bearer = configuration.auth_settings().get("BearerToken")
    value = str(bearer["value"]).strip() if bearer and bearer["value"] else ""
    if not (value.isascii() and value.isprintable()):
        raise NoClusterError(f"{where}: its token has characters that no token can have")
    return value or None


def load_context(context: Context, credential: ExecCredential | None) -> Any:
    """Return the configuration of a context, with the credential of its plugin if it has one."""
    kube_config = client_module("kubernetes.config.kube_config")
    configuration = new_configuration()
    _check_server(context)
    try:
        merger = kube_config.KubeConfigMerger(os.pathsep.join(map(str, context.files)))
        if credential is not None:
            _replace_plugin(merger, context, credential)
        loader = kube_config.KubeConfigLoader(
            config_dict=merger.config,
            active_context=context.name,
            config_base_path=None,
            # Tokens of OpenID Connect are rotated: the old one is worthless once it was used.
            config_persister=merger.save_changes if credential is None else None,
        )
        loader.load_and_set(configuration)
    except (kube_config.ConfigException, OSError, ValueError) as error:
        raise NoClusterError(f"{context.where}: {_first_line(error)}") from None
    _check_tls(context, configuration)
    return configuration


def _check_server(context: Context) -> None:
    """Check the address, because the client would accept any text."""
    server = context.cluster.value.get("server")
    if not server:
        raise NoClusterError(f"{context.where}: its cluster has no `server`")
    try:
        address = urlsplit(str(server))
        fit = address.scheme in ("http", "https") and bool(address.hostname)
    except ValueError:
        fit = False
    if not fit:
        raise NoClusterError(f"{context.where}: its `server` is no URL: {one_line(str(server))}")


def _check_tls(context: Context, configuration: Any) -> None:
    """Read certificates and keys now: the client would do so when it first connects."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    what = "certificate authority"
    try:
        if configuration.ssl_ca_cert:
            tls.load_verify_locations(configuration.ssl_ca_cert)
        what = "client certificate or its key"
        if configuration.cert_file:
            # Without a password OpenSSL would ask for one on the terminal.
            tls.load_cert_chain(configuration.cert_file, configuration.key_file, lambda: b"")
    except (OSError, ValueError) as error:
        raise NoClusterError(f"{context.where}: the {what} cannot be read") from error


def _replace_plugin(merger: Any, context: Context, credential: ExecCredential) -> None:
    """Put what the plugin returned in the place of the plugin."""
    for user in merger.config.value["users"]:
        if context.user is not None and user.value["name"] == context.user.name:
            content = {k: v for k, v in context.user.value.items() if k != "exec"}
            if credential.token:
                content["token"] = credential.token
            if credential.certificate and credential.key:
                content["client-certificate-data"] = _base64(credential.certificate)
                content["client-key-data"] = _base64(credential.key)
            user.value = {"name": context.user.name, "user": content}


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _first_line(error: Exception) -> str:
    """Say what is wrong; errors of decoding would quote what they could not decode."""
    if isinstance(error, OSError):
        return f"{error.filename or 'a file'}: {error.strerror or error}"
    if isinstance(error, ValueError):
        return "a certificate or key cannot be decoded"
    return str(error).split("\n")[0]
