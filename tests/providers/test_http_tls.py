"""A provider's certificate that is past its days, too early, or of an authority that nobody knows: nothing is sent."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from providers.errors import Unavailable
from tests.providers.layer import OK, layer, send
from tests.providers.scripted_server import saying, serving

DAY = dt.timedelta(days=1)
LOOPBACK = ipaddress.ip_address("127.0.0.1")


class Authority:
    """A certificate authority of this test, and the servers that it vouches for."""

    def __init__(self, folder: Path, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        constraints = x509.BasicConstraints(ca=True, path_length=0)
        own = self._signed(self.name, self.key.public_key(), -DAY, DAY, (constraints, True))
        self.file, self._folder = folder / f"{name}.pem", folder
        self.file.write_bytes(own.public_bytes(serialization.Encoding.PEM))

    def server(self, begins: dt.timedelta = -DAY, ends: dt.timedelta = DAY) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.IPAddress(LOOPBACK)])
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "provider")])
        signed = self._signed(subject, key.public_key(), begins, ends, (names, False))
        pem, form, open_ = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        both = self._folder / "server.pem"
        both.write_bytes(signed.public_bytes(pem) + key.private_bytes(pem, form, open_))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(both)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        begins: dt.timedelta,
        ends: dt.timedelta,
        extension: tuple[x509.ExtensionType, bool],
    ) -> x509.Certificate:
        now = dt.datetime.now(dt.UTC)
        builder = x509.CertificateBuilder(
            self.name, subject, key, x509.random_serial_number(), now + begins, now + ends
        )
        return builder.add_extension(extension[0], critical=extension[1]).sign(self.key, hashes.SHA256())


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path, "ours")


def refusal(context: ssl.SSLContext, trusted: Path) -> str:
    with serving(saying(OK), tls=context) as server, pytest.raises(Unavailable) as raised:
        tls = ssl.create_default_context(cafile=str(trusted))
        send(layer(f"https://127.0.0.1:{server.port}", tls=tls), "write", b'{"canary": 1}')
    assert server.requests == []
    return raised.value.code


def test_a_certificate_of_the_day_is_good(authority: Authority) -> None:
    tls = ssl.create_default_context(cafile=str(authority.file))
    with serving(saying(OK), tls=authority.server()) as server:
        assert send(layer(f"https://127.0.0.1:{server.port}", tls=tls), "write").status == 200


@pytest.mark.parametrize(("begins", "ends"), [(-2 * DAY, -DAY), (DAY, 2 * DAY)], ids=["expired", "too early"])
def test_a_certificate_of_another_day_is_refused(
    authority: Authority, begins: dt.timedelta, ends: dt.timedelta
) -> None:
    assert refusal(authority.server(begins, ends), authority.file) == "tls"


def test_a_certificate_of_an_unknown_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    assert refusal(Authority(tmp_path, "theirs").server(), authority.file) == "tls"
