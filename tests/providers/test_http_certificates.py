"""The HTTP layer over TLS: whom it trusts, and that a slow one is cut off too."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.contracts import Call
from providers.errors import OutcomeUnknown, Unavailable
from tests.providers.layer import DRIPS, OK, layer, send
from tests.providers.scripted_server import saying, serving


def _certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    own = [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))] if name == "localhost" else []
    names = x509.SubjectAlternativeName([x509.DNSName(name), *own])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - dt.timedelta(1)).not_valid_after(now + dt.timedelta(1))
    builder = builder.add_extension(names, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context


def test_a_self_signed_certificate_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    _, context = _certificate(tmp_path, "localhost")
    calls: list[Call] = []
    with serving(saying(OK), tls=context) as server, pytest.raises(Unavailable) as raised:
        send(layer(f"https://127.0.0.1:{server.port}", calls), "write")
    assert raised.value.code == "tls"
    assert server.requests == []
    assert not calls[0].bytes_left


def test_a_certificate_for_another_host_is_refused(tmp_path: Path) -> None:
    public, context = _certificate(tmp_path, "other.example.com")
    with serving(saying(OK), tls=context) as server, pytest.raises(Unavailable) as raised:
        trusting = ssl.create_default_context(cafile=str(public))
        send(layer(f"https://127.0.0.1:{server.port}", tls=trusting), "write")
    assert raised.value.code == "tls"


def test_a_plain_server_behind_an_https_address_gets_nothing() -> None:
    with serving(saying(OK)) as server, pytest.raises(Unavailable):
        send(layer(f"https://127.0.0.1:{server.port}", connect_seconds=0.5), "write", b'{"canary": 1}')
    assert all(b"canary" not in request for request in server.requests)


def test_it_speaks_tls_to_a_host_it_trusts_and_resolves_it_once(tmp_path: Path) -> None:
    public, context = _certificate(tmp_path, "localhost")
    asked: list[str] = []

    def resolve(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with serving(saying(OK), tls=context) as server:
        trusting = ssl.create_default_context(cafile=str(public))
        found = send(layer(f"https://localhost:{server.port}", tls=trusting, resolve=resolve), "write")
    assert found.json() == {"key": "ok"}
    assert asked == ["localhost"]


@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_server_that_drips_through_tls_is_cut_off_too(part: str, tmp_path: Path) -> None:
    public, context = _certificate(tmp_path, "localhost")
    started = time.monotonic()
    with serving(DRIPS[part], tls=context) as server, pytest.raises(OutcomeUnknown) as raised:
        trusting = ssl.create_default_context(cafile=str(public))
        send(layer(f"https://localhost:{server.port}", tls=trusting, total_seconds=0.7), "write")
    assert raised.value.code == "timed_out"
    assert time.monotonic() - started < 6
