"""Codes of a phone and recovery codes, as they are typed: each is taken once, and only a few wrong ones are.

The library remembers a used code in a cache, which is each process's own. Here the last step that was taken is written into the
factor itself, under a lock: that code, and every one before it, is spent for every process.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    get_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from branches.audit import note
from branches.guesses import too_many_codes
from branches.models import User

log = logging.getLogger(__name__)
WRONG = _("This code is not right, or it was used before. Wait for the next one.")
LOCKED = _("Too many wrong codes. Wait fifteen minutes, or use a passkey.")
LONGEST = 20
LAST = "last_counter"
_owner: ContextVar[str] = ContextVar("owner", default="")


class Unreadable(Exception):
    """A factor's secret was sealed for somebody else, or with a key that is gone. A page shows nothing in its place."""

    silent_variable_failure = True


def owner() -> str:
    """Whose factor is being sealed or opened: its secret opens for nobody else."""
    return _owner.get() or str(context.request.user.pk)


@contextmanager
def owned_by(person: User) -> Iterator[None]:
    token = _owner.set(str(person.pk))
    try:
        yield
    finally:
        _owner.reset(token)


def counter_of(secret: str, code: str) -> int | None:
    """The step of time that this code belongs to, if it is one of now."""
    steps = yield_hotp_counters_from_time()
    return next(
        (n for n in steps if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, n)))), None
    )


def spend(factor: Authenticator, counter: int) -> None:
    factor.data[LAST] = counter
    factor.save(update_fields=["data"])


def plain(code: str) -> str:
    """As the app shows it, whatever digits the keyboard has."""
    return "".join(str(unicodedata.decimal(sign, sign)) for sign in code)


def _takes(factor: Authenticator, code: str) -> bool:
    try:
        return _checked(factor, code)
    except Unreadable:
        log.error("the secret of factor %s cannot be opened", factor.pk)  # noqa: TRY400  # a trace would say no more
        return False


def _checked(factor: Authenticator, code: str) -> bool:
    if factor.type != Authenticator.Type.TOTP:
        return bool(factor.wrap().validate_code(code))
    counter = counter_of(decrypt(factor.data["secret"]), code)
    if counter is None or counter <= factor.data.get(LAST, -1):
        return False
    spend(factor, counter)
    return True


def factor_for(person: User, code: str) -> Authenticator:
    """The factor that takes this code, or a ValidationError. What went wrong is kept, so it is raised outside."""
    request = context.request
    with transaction.atomic(), owned_by(person):
        User.objects.select_for_update(no_key=True).get(pk=person.pk)
        factors = Authenticator.objects.select_for_update().filter(user=person)
        locked, factor = too_many_codes(person), None
        if not locked:
            typed = factors.exclude(type=Authenticator.Type.WEBAUTHN).order_by("-type")
            factor = next((row for row in typed if _takes(row, plain(code))), None)
        if factor is None:
            note(request, person, "code_locked" if locked else "code_failed")
    if factor is None:
        raise ValidationError(LOCKED if locked else WRONG)
    factor.user = person
    return factor


class CodeForm(forms.Form):
    """For the second step of signing in."""

    code = forms.CharField(max_length=LONGEST, error_messages={"required": _("Type the code.")})

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        self.factor = factor_for(self.user, code)
        return code

    def save(self) -> None:
        post_authentication(context.request, self.factor)


class FirstCodeForm(forms.Form):
    """Shows that the phone has the secret that the page showed."""

    code = forms.CharField(max_length=LONGEST, error_messages={"required": _("Type the code.")})

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.secret: str = get_totp_secret(regenerate=False)

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        counter = counter_of(self.secret, plain(code))
        if counter is None:
            raise ValidationError(WRONG)
        self.counter = counter
        return code
