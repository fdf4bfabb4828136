"""X-SIGNATURE, verified by the `openssl` command: a second implementation that knows nothing of ours."""

from __future__ import annotations

import base64
import datetime as dt
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from providers.afriquia_gaz.signing import RsaSigner, Unsigned, read_key
from providers.errors import Misconfigured
from tests.providers.afriquia_gaz.account import KEY

MOMENT = dt.datetime(2020, 2, 12, 19, 20, 30, 131872, dt.timezone(dt.timedelta(hours=1)))
BODY = b'{"amount": 12.45, "currency": "MAD", "order_id": "TX_123456789", "terminal_id": "POS_123456789"}'
PAYLOAD = base64.b64encode(BODY).decode()
POST = Unsigned("POS_123456789", "app.kenzup.com", "POST", "/api/v1/shops/1234/vouchers-burn", BODY)
GET = Unsigned("POS_123456789", "app.kenzup.com", "GET", "/api/v1/shops/1234/vouchers/dF54GFd7?full=1", None)
BEFORE_PAYLOAD = (
    "client_id=POS_123456789,host=app.kenzup.com,method=POST,timestamp=2020-02-12T19:20:30+01:00,"
    "uri=/api/v1/shops/1234/vouchers-burn,"
)


def signer(**options: Any) -> RsaSigner:
    return RsaSigner(**{"clock": lambda: MOMENT, **options})


def signed(request: Unsigned = POST, **options: Any) -> tuple[str, str]:
    """What stands before the signature, and the signature."""
    text, name, signature = signer(**options).sign(request, KEY).rpartition(",signature=")
    assert name
    return text, signature


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert shutil.which("openssl"), "apt-get install openssl"
    folder = tmp_path_factory.mktemp("keys")
    public = read_key(KEY).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (folder / "public").write_bytes(public)
    return folder


def openssl_accepts(files: Path, text: str, signature: bytes, digest: str = "sha256", *options: str) -> bool:
    (files / "text").write_bytes(text.encode())
    (files / "signature").write_bytes(signature)
    command = ["openssl", "dgst", f"-{digest}", "-verify", "public", "-signature", "signature", *options, "text"]
    ended = subprocess.run(command, cwd=files, capture_output=True, text=True, check=False)
    return ended.returncode == 0 and "Verified OK" in ended.stdout


# What the sample shows


def test_the_readable_part_of_their_sample_comes_out_as_printed() -> None:
    sample = Unsigned("POS_123456789", "kenzup.com", "POST", "/api/v1/shops/1234/earn-requests", BODY)
    text, _ = signed(sample)
    assert text.startswith(
        "client_id=POS_123456789,host=kenzup.com,method=POST,timestamp=2020-02-12T19:20:30+01:00,"
        "uri=/api/v1/shops/1234/earn-requests,payload=eyJhbW91bnQi"
    )


def test_a_header_has_no_line_break_and_ends_with_the_signature() -> None:
    text, signature = signed()
    assert text == f"{BEFORE_PAYLOAD}payload={PAYLOAD}"
    assert "\n" not in text + signature and len(base64.b64decode(signature, validate=True)) == 256


def test_a_request_without_a_body_has_an_empty_payload() -> None:
    text, _ = signed(GET)
    assert text.endswith("method=GET,timestamp=2020-02-12T19:20:30+01:00,uri=" + GET.uri + ",payload=")


# Verified by another implementation, for each way of signing


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_openssl_accepts_pkcs1v15(files: Path, digest: str) -> None:
    text, signature = signed(digest=digest)
    assert openssl_accepts(files, text, base64.b64decode(signature), digest)
    assert not openssl_accepts(files, text + " ", base64.b64decode(signature), digest)


@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
@pytest.mark.parametrize(("salt", "length"), [("digest", "-1"), ("longest", "-3")])
def test_openssl_accepts_pss(files: Path, digest: str, salt: str, length: str) -> None:
    options = ("-sigopt", "rsa_padding_mode:pss", "-sigopt", f"rsa_pss_saltlen:{length}")
    text, signature = signed(digest=digest, scheme="pss", pss_salt=salt)
    assert openssl_accepts(files, text, base64.b64decode(signature), digest, *options)
    assert not openssl_accepts(files, text, base64.b64decode(signature), digest)
    other = base64.b64decode(signed(digest=digest)[1])
    assert not openssl_accepts(files, text, other, digest, *options)


OPTIONS: dict[str, tuple[Unsigned, dict[str, Any], str]] = {
    # what is signed, by option
    "another order": (
        POST,
        {"parts": ("payload", "timestamp", "client_id", "host", "method", "uri")},
        f"payload={PAYLOAD},timestamp=2020-02-12T19:20:30+01:00,client_id=POS_123456789,host=app.kenzup.com,method=POST,"
        "uri=/api/v1/shops/1234/vouchers-burn",
    ),
    "the payload alone": (POST, {"signed_parts": ("payload",)}, f"payload={PAYLOAD}"),
    "values without names": (
        POST,
        {"signed_parts": ("method", "uri", "payload"), "signed_names": False, "signed_separator": "\n"},
        f"POST\n/api/v1/shops/1234/vouchers-burn\n{PAYLOAD}",
    ),
    "the sample's host": (POST, {"host": "kenzup.com", "signed_parts": ("host",)}, "host=kenzup.com"),
    "milliseconds": (
        POST,
        {"timestamp": lambda moment: moment.isoformat(timespec="milliseconds"), "signed_parts": ("timestamp",)},
        "timestamp=2020-02-12T19:20:30.131+01:00",
    ),
    "no client on a read": (
        GET,
        {"client_id_on_reads": False, "signed_parts": ("client_id", "method", "payload")},
        "method=GET,payload=",
    ),
    "no payload on a read": (
        GET,
        {"payload_of_reads": "absent", "signed_parts": ("method", "payload")},
        "method=GET",
    ),
    "no query": (GET, {"signs_query": False, "signed_parts": ("uri",)}, "uri=/api/v1/shops/1234/vouchers/dF54GFd7"),
    "another separator": (
        GET,
        {"separator": ", ", "signed_separator": "&", "signed_parts": ("method", "host")},
        "method=GET&host=app.kenzup.com",
    ),
}


@pytest.mark.parametrize("case", OPTIONS)
def test_every_open_question_is_an_option_and_openssl_accepts_its_text(files: Path, case: str) -> None:
    request, options, canonical = OPTIONS[case]
    header = signer(**options).sign(request, KEY)
    signature = header.rpartition("signature=")[2]
    assert openssl_accepts(files, canonical, base64.b64decode(signature))


def test_a_part_that_a_read_leaves_out_is_not_in_its_header_either() -> None:
    text, _ = signed(GET, client_id_on_reads=False, payload_of_reads="absent")
    assert "client_id" not in text and "payload" not in text
    assert "client_id" in signed(POST, client_id_on_reads=False, payload_of_reads="absent")[0]


@pytest.mark.parametrize("fills", [True, False])
def test_both_texts_can_be_base64url(files: Path, fills: bool) -> None:
    body = b'{"note": "??>>~~"}'  # whose standard base64 has a slash and a plus
    request = Unsigned("POS", "h", "POST", "/x", body)
    text, signature = signed(request, alphabet="url", fills_base64=fills)
    payload = text.rpartition("payload=")[2]
    assert payload == (
        base64.urlsafe_b64encode(body).decode() if fills else base64.urlsafe_b64encode(body).decode().rstrip("=")
    )
    assert not set("+/") & set(payload + signature)
    assert openssl_accepts(files, text, base64.urlsafe_b64decode(signature + "=="))


def test_the_signature_can_have_another_name() -> None:
    assert ",sig=" in signer(signature_name="sig").sign(POST, KEY)


# Time


def test_every_send_is_signed_at_its_own_time() -> None:
    moments = iter([MOMENT, MOMENT + dt.timedelta(seconds=1)])
    once = signer(clock=lambda: next(moments))
    assert once.sign(POST, KEY) != once.sign(POST, KEY)


def test_a_clock_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        signer(clock=lambda: MOMENT.replace(tzinfo=None)).sign(POST, KEY)


# Keys


def pem(key: Any, kind: PrivateFormat = PrivateFormat.PKCS8, secret: Any = None) -> str:
    return str(key.private_bytes(Encoding.PEM, kind, secret or NoEncryption()).decode())


@pytest.fixture(scope="module")
def another_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.mark.parametrize("kind", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", " "])
def test_a_key_is_read_in_both_wrappings_with_any_line_ends(
    another_key: rsa.RSAPrivateKey, kind: PrivateFormat, line_end: str
) -> None:
    assert read_key(pem(another_key, kind).replace("\n", line_end)).key_size == 2048


def test_a_short_key_is_refused_with_its_length() -> None:
    short = pem(rsa.generate_private_key(65537, 1024))
    with pytest.raises(Misconfigured) as raised:
        signer().sign(POST, short)
    assert raised.value.code == "key_too_short" and "1024" in raised.value.detail


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(Misconfigured) as raised:
        read_key(pem(ec.generate_private_key(ec.SECP256R1())))
    assert raised.value.code == "key_not_rsa"


def test_what_is_no_key_is_refused_and_not_quoted(another_key: rsa.RSAPrivateKey) -> None:
    whole = pem(another_key)
    locked = pem(another_key, secret=BestAvailableEncryption(b"canary"))
    public = another_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for text in ("", "canary", whole[:500], locked, public):
        with pytest.raises(Misconfigured) as raised:
            read_key(text)
        assert raised.value.code == "key_unreadable"
        assert "canary" not in str(raised.value) and raised.value.__cause__ is None
