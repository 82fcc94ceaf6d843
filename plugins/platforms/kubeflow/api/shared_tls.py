"""One TLS context for all connections to a server.

urllib3 makes a context for each connection, and loads the trusted certificates into it. Those of
the system take 0.8 MB and 17 ms, and a driver holds a connection for each job.
"""

import ssl
from collections.abc import Iterable, MutableMapping
from typing import Any


class _SharedContext(ssl.SSLContext):
    """A context that is complete before the first connection."""

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        """Change nothing: urllib3 calls this while other threads make connections.

        Without the extension, servers speak HTTP/1.1, which is what urllib3 asks for.
        """


def share_context(keywords: MutableMapping[str, Any]) -> None:
    """Replace the TLS settings of a pool by a context with these settings."""
    context = _SharedContext(ssl.PROTOCOL_TLS_CLIENT)
    if keywords["cert_reqs"] == ssl.CERT_NONE:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    authority, data = keywords.pop("ca_certs", None), keywords.pop("ca_cert_data", None)
    if authority or data:
        context.load_verify_locations(authority, cadata=data)
    else:
        context.load_default_certs()
    certificate, key = keywords.pop("cert_file", None), keywords.pop("key_file", None)
    if certificate:
        context.load_cert_chain(certificate, key)
    keywords["ssl_context"] = context
