"""A phone with an app for codes, and paper with recovery codes."""

from __future__ import annotations

import re
import time
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.utils.html import strip_tags

from tests.scene import eventually

APP, CODES, AGAIN, MINE, SECOND = (
    *("/accounts/mine/app/", "/accounts/mine/codes/", "/accounts/again/", "/accounts/mine/", "/accounts/login/code/"),
)

STEP, HASTE = 30, 2  # seconds


class Phone:
    """What it has been shown once; `behind` steps of half a minute are how wrong its clock is."""

    def __init__(self, secret: str, behind: int = 0) -> None:
        self.secret, self.behind = secret, behind
        self.look()

    def look(self) -> Phone:
        """Its codes are those of this moment until the next look: a test that needs the same code twice has it, whatever
        the clock does in between. Like whoever types one, it leaves a code alone that is about to run out."""
        eventually(lambda: STEP - time.time() % STEP > HASTE)
        self.seen_at = int(time.time()) // STEP
        return self

    def code(self, step: int = 0) -> str:
        return format_hotp_value(hotp_value(self.secret, self.seen_at - self.behind + step))


def secret_on(page: bytes) -> str:
    found = re.search(rb"data-secret>([A-Z2-7 ]+)<", page)
    assert found, strip_tags(page.decode())
    return found[1].decode().replace(" ", "")


def enrol(client: Client) -> Phone:
    """Through the pages. The code that showed it is spent; so are those before it."""
    phone = Phone(secret_on(client.get(APP).content), behind=1)
    answer = client.post(APP, {"code": phone.code()})
    assert (answer.status_code, answer.headers["Location"]) == (302, CODES), strip_tags(answer.content.decode())
    phone.behind = 0
    return phone


def paper_of(client: Client) -> list[str]:
    return re.findall(r"<li>(\d{4} \d{4})</li>", client.get(CODES).content.decode())


def stored(person: Any, kind: str = "totp") -> Authenticator:
    found: Authenticator = Authenticator.objects.get(user=person, type=kind)
    return found
