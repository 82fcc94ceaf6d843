"""Certificates of a server of a test: an authority, and the server's own by that authority."""

import ipaddress
import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from .validation.optional import cryptography

_ONE_DAY = timedelta(days=1)


def server_context() -> tuple[ssl.SSLContext, bytes]:
    """Return what serves TLS on 127.0.0.1, and the certificate of its authority in PEM."""
    authority_key, authority = _authority("sweepwright test authority")
    key = _new_key()
    certificate = _sign(
        _builder("127.0.0.1", "sweepwright test authority", key.public_key()).add_extension(
            _alternative_names(), critical=False
        ),
        authority_key,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder, "chain.pem")
        chain.write_bytes(_pem_of_key(key) + _pem(certificate))
        context.load_cert_chain(chain)
    return context, _pem(authority)


def other_authority() -> bytes:
    """Return the certificate of an authority that has signed nothing, in PEM."""
    return _pem(_authority("another test authority")[1])


def _authority(name: str) -> tuple[Any, Any]:
    x509 = cryptography("x509")
    key = _new_key()
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
    )
    return key, _sign(builder, key)


def _builder(subject: str, issuer: str, public_key: Any) -> Any:
    x509 = cryptography("x509")
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_named(subject))
        .issuer_name(_named(issuer))
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _ONE_DAY)
        .not_valid_after(now + _ONE_DAY)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _named(name: str) -> Any:
    x509 = cryptography("x509")
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])


def _alternative_names() -> Any:
    x509 = cryptography("x509")
    address = ipaddress.ip_address("127.0.0.1")
    return x509.SubjectAlternativeName([x509.IPAddress(address), x509.DNSName("localhost")])


def _new_key() -> Any:
    curves = cryptography("hazmat.primitives.asymmetric.ec")
    return curves.generate_private_key(curves.SECP256R1())


def _sign(builder: Any, key: Any) -> Any:
    x509 = cryptography("x509")
    identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
    hashes = cryptography("hazmat.primitives.hashes")
    return builder.add_extension(identifier, critical=False).sign(key, hashes.SHA256())


def _pem(certificate: Any) -> bytes:
    serialization = cryptography("hazmat.primitives.serialization")
    encoded: bytes = certificate.public_bytes(serialization.Encoding.PEM)
    return encoded


def _pem_of_key(key: Any) -> bytes:
    serialization = cryptography("hazmat.primitives.serialization")
    encoded: bytes = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return encoded
