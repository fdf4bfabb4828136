"""Forms of passkeys that take nonsense for what it is: the library reads fields of an answer before it knows them there."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.forms import AddWebAuthnForm, AuthenticateWebAuthnForm, ReauthenticateWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST = 20_000
ANSWER, PROMISE = {"clientDataJSON", "authenticatorData", "signature"}, {"clientDataJSON", "attestationObject"}


class Credential(forms.JSONField):
    def __init__(self, fields: set[str]) -> None:
        super().__init__(required=True)
        self.texts = fields

    def clean(self, value: Any) -> Any:
        try:
            found = super().clean(value) if len(value or "") <= LONGEST else None
        except (ValueError, RecursionError):  # a number of thousands of digits, a thousand brackets
            raise refused() from None
        found = found if isinstance(found, dict) else {}
        response = found.get("response")
        shaped = (
            isinstance(response, dict)
            and all(isinstance(found.get(name), str) for name in ("id", "rawId", "type"))
            and all(isinstance(response.get(name), str) for name in self.texts)
        )
        if not shaped:
            raise refused()
        return found


def refused() -> ValidationError:
    return ValidationError(_("The passkey was not accepted. Try again."))


class SignInPasskey(AuthenticateWebAuthnForm):  # type: ignore[misc]  # allauth ships no types
    credential = Credential(ANSWER)

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()
        except (TypeError, ValueError, KeyError, AttributeError, IndexError):  # well shaped, and still no answer
            raise refused() from None


class ProofByPasskey(SignInPasskey, ReauthenticateWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    """In the midst of a session."""


class NewPasskey(AddWebAuthnForm):  # type: ignore[misc]  # allauth has no types
    name = forms.CharField(required=False, max_length=60)
    credential = Credential(PROMISE)

    def clean(self) -> dict[str, Any]:
        try:
            return dict(super().clean())
        except (TypeError, ValueError, KeyError, AttributeError, IndexError):
            raise refused() from None
