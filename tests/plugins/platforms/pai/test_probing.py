"""The probe names everything that a cluster lacks, before the first trial."""

import base64
import json
import ssl
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from sweepwright.contracts import Finding, ProbeRequest, PythonModule, Role, TrialCode
from sweepwright.plugins.platforms.pai.client import describe_cause
from sweepwright.plugins.platforms.pai.options import PaiOptions, StorageOptions
from sweepwright.plugins.platforms.pai.probing import probe
from sweepwright.testing.openpai.cluster import OpenPai
from sweepwright.testing.openpai.http_server import served
from tests.plugins.platforms.pai.conftest import Drivers

ENTRY = PythonModule("sweepwright.trials.noop")


def look(options: PaiOptions, **resources: float) -> list[Finding]:
    code = TrialCode("mine", (Role("main", ENTRY, resources=resources),))
    return list(probe(options, ProbeRequest(code)))


def token(**claims: Any) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def test_a_good_cluster_has_no_fault(drivers: Drivers) -> None:
    drivers.cluster.storages["team"] = drivers.folder
    storage = StorageOptions("team", local=str(drivers.folder))

    assert look(replace(drivers.options, storages=(storage,)), gpu=8) == []
    assert not any(method != "GET" for method, _, _ in drivers.cluster.requests)


def test_what_is_missing_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PAI_TOKEN", raising=False)
    found = look(PaiOptions(secret_env=("NO_SUCH_SECRET",)))

    assert [each.path for each in found] == [
        ("url",),
        ("username",),
        ("token_env",),
        ("secret_env", 0),
    ]
    assert all("render" in (each.help or "") for each in found[:3])
    assert "put it into $PAI_TOKEN" in (found[2].help or "")


REFUSED = "Failed to establish a new connection: [Errno 111] Connection refused"


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (f"HTTPConnection(host='h', port=1): {REFUSED}", "Connection refused"),
        (f"<urllib3.connection.HTTPConnection object at 0x1>: {REFUSED}", "Connection refused"),
        ("Failed to resolve 'h' ([Errno -2] unknown)", "Failed to resolve 'h' (unknown)"),
    ],
)
def test_the_cause_of_a_lost_connection_names_no_objects(said: str, cause: str) -> None:
    assert describe_cause(OSError(said)) == cause


@pytest.mark.parametrize(
    ("changes", "needs", "path", "words"),
    [
        ({"virtual_cluster": "defautl"}, {}, ("virtual_cluster",), "no virtual cluster `defautl`"),
        ({}, {"gpu": 9}, ("virtual_cluster",), "needs 9 GPUs"),
        (
            {"storages": (StorageOptions("taem"),)},
            {},
            ("storages", 0, "name"),
            "no storage `taem`",
        ),
        ({"url": "http://127.0.0.1:1"}, {}, ("url",), "does not answer"),
    ],
    ids=["virtual cluster", "gpus", "storage", "address"],
)
def test_a_fault_is_named(
    drivers: Drivers, changes: dict[str, Any], needs: dict[str, Any], path: Any, words: str
) -> None:
    drivers.cluster.storages["team"] = drivers.folder
    [found] = look(replace(drivers.options, **changes), **needs)

    assert found.path == path
    assert words in found.message
    assert len(found.message.splitlines()) == 1


def test_a_token_that_is_refused_is_named(drivers: Drivers) -> None:
    drivers.cluster.users["alice"] = "renewed"
    [found] = look(drivers.options)

    assert found.path == ("token_env",)
    assert "UnauthorizedUserError" in found.message
    assert "application token" in (found.help or "")


@pytest.mark.parametrize("text", [b"canary\nof two lines", b"canary\xff", "canary 日本".encode()])
def test_a_token_that_cannot_be_sent_is_not_quoted(drivers: Drivers, text: bytes) -> None:
    file = drivers.folder / "token"
    file.write_bytes(text)
    (found,) = look(replace(drivers.options, token_file=str(file)))

    assert str(file) in found.message
    assert "canary" not in found.message


def test_the_token_says_whose_it_is_and_how_long(
    drivers: Drivers, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = token(username="bob", exp=time.time() + 7200)
    monkeypatch.setenv("PAI_TOKEN", other)
    drivers.cluster.users["alice"] = other
    owner, end = look(drivers.options)

    assert owner.message == "the token belongs to `bob`, not to `alice`"
    assert end.warning
    assert "expires in 2.0 hours" in end.message


def test_certificates_are_verified(
    tmp_path: Path, drivers: Drivers, make_certificate: Callable[[], tuple[Path, Path]]
) -> None:
    certificate = make_certificate()
    cluster = OpenPai(tmp_path / "tls", users={"alice": "token"})
    with served(cluster, certificate) as secure:
        unknown = look(replace(drivers.options, url=secure.url))
        known = look(replace(drivers.options, url=secure.url, ca_file=str(certificate[0])))

    assert [each.path for each in unknown] == [("ca_file",)]
    assert "certificate" in unknown[0].message
    assert known == []


@pytest.fixture
def make_certificate(tmp_path: Path) -> Callable[[], tuple[Path, Path]]:
    """Make a certificate for ``localhost`` that no authority has signed."""

    def make() -> tuple[Path, Path]:
        certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
        private = ec.generate_private_key(ec.SECP256R1())
        name, now = x509.Name.from_rfc4514_string("CN=localhost"), datetime.now(UTC)
        alternative = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = (
            x509.CertificateBuilder(name, name, private.public_key(), 1)
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(alternative, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        )
        signed = builder.sign(private, hashes.SHA256())
        certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        key.write_bytes(
            private.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        assert ssl.create_default_context(cafile=certificate)
        return certificate, key

    return make
