"""One box for vouchers and for people: what was typed says which of them it is."""

from __future__ import annotations

import re

from branches.models import Branch
from providers import registry
from providers.contracts import CodeFit
from providers.normalise import clean_text, latin_digits, read_code, to_e164
from vouchers.selectors import voucher_accounts

_NUMBER = re.compile(r"[0-9\s()+.\-]+")


def is_voucher(typed: str, branch: Branch) -> bool:
    """What has letters and digits is a code, and so is all that can be nothing else: a wrong code must be told as one.

    A phone is a person's though an issuer's codes may look like it; and so is a word that is written as names are.
    """
    text = latin_digits(clean_text(typed))
    reading = read_code(typed, [registry.SPECS[account.provider] for account in voucher_accounts(branch)])
    if not any(char.isdigit() for char in text):
        return reading.fit is CodeFit.SURE and not _is_name(text)
    if _NUMBER.fullmatch(text):
        return reading.fit is CodeFit.SURE and not to_e164(text, country=branch.country)
    return True


def _is_name(text: str) -> bool:
    return text.istitle() or text.islower() or text.isupper() or not text.isascii()
