"""Our word to the library of second factors: their secrets are sealed like any other of ours, and each opens only for its
owner."""

from __future__ import annotations

import io
from typing import Any

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.utils.translation import gettext as _

from branches.codes import Unreadable, owner
from branches.models import User
from branches.proof import FACTORS, must_have_second_factor
from providers.secrets import Unsealable, seal, unseal

SEALED = ("secret", "seed")  # of an app on a phone, and of recovery codes; a passkey leaves nothing secret with us


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth ships no types
    def encrypt(self, text: str) -> str:
        return seal(text, f"second factor:{owner()}").decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return unseal(encrypted_text.encode(), f"second factor:{owner()}")
        except Unsealable as error:
            raise Unreadable from error

    def build_totp_svg(self, url: str) -> str:
        picture = io.BytesIO()
        segno.make_qr(url).save(picture, kind="svg", scale=5, border=4, dark="#000", light="#fff")
        return picture.getvalue().decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of a person who must have one: another is set up first."""
        others = Authenticator.objects.filter(user=authenticator.user, type__in=FACTORS).exclude(pk=authenticator.pk)
        return bool(others.exists()) or not must_have_second_factor(authenticator.user)

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Passkey %(number)s") % {"number": number}

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """None: staff have no mail address here. What changed is in the audit trail."""
