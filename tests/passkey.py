"""A passkey as the library keeps it, of a machine that nobody has."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

CREDENTIAL = b"a passkey of a test"


def credential() -> dict[str, Any]:
    key = ES256.from_cryptography_key(ec.generate_private_key(ec.SECP256R1()).public_key())
    attested = AttestedCredentialData.create(Aaguid.NONE, CREDENTIAL, key)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    facts = AuthenticatorData.create(sha256(b"localhost"), flags, 0, attested)
    client = CollectedClientData.create("webauthn.create", b"challenge", "http://localhost")
    response = {
        "clientDataJSON": websafe_encode(client),
        "attestationObject": websafe_encode(AttestationObject.create("none", facts, {})),
    }
    name = websafe_encode(CREDENTIAL)
    return {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
