"""Phones as tills and providers write them, in E.164 where they can be read. Never rejects: '' means unreadable."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import phonenumbers

from providers.normalise.text import clean_text, latin_digits

_LONGEST = 40
_READABLE = re.compile(r"\+?[0-9 .()\-]+")
# Morocco opens mobile ranges faster than the library's tables learn of them: of a national plan only the shape is sure.
_MOBILES = {212: re.compile(r"[67][0-9]{8}")}
_SHORTEST_WITH_COUNTRY = 11  # shorter digits that happen to begin like a foreign country are not read as foreign


def to_e164(raw: str, *, country: str, country_code: str = "") -> str:
    """The number as E.164, or '' when it cannot be read.

    `country` is the branch's ISO code ("SA", "MA"): a number without a prefix is tried there. `country_code` is what
    the provider keeps beside the number ("+966"), and is tried first.
    """
    text = _readable(raw)
    if not text:
        return ""
    for number, region in _attempts(text, country.upper(), _digits(country_code).lstrip("0")):
        found = _valid(number, region)
        if found:
            return found
    return ""


def mask_phone(phone: str) -> str:
    """An E.164 number as "+966 50 ••• ••69"; of anything else only the last two digits."""
    try:
        number = phonenumbers.parse(phone) if phone.startswith("+") else None
    except phonenumbers.NumberParseException:
        number = None
    national = str(number.national_number or "") if number else ""
    if number is None or len(national) < 6:
        return _mask_unread(phone)
    return f"+{number.country_code} {national[:2]} ••• ••{national[-2:]}"


def _mask_unread(phone: str) -> str:
    digits = _digits(phone)
    return "••••" + (digits[-2:] if len(digits) >= 6 else "")


def _readable(raw: str) -> str:
    if len(raw) > _LONGEST:
        return ""
    latin = unicodedata.normalize("NFKC", latin_digits(clean_text(raw)))
    text = re.sub("[\u2010-\u2015\u2212]", "-", latin).replace("(0)", "")
    return text if _READABLE.fullmatch(text) else ""


def _digits(text: str) -> str:
    return re.sub(r"[^0-9]", "", latin_digits(text))


def _attempts(text: str, country: str, prefix: str) -> Iterator[tuple[str, str | None]]:
    digits = _digits(text)
    if text.startswith("+") or digits.startswith("00"):
        yield "+" + digits.removeprefix("00"), None
        return
    if prefix:
        yield digits, phonenumbers.region_code_for_country_code(int(prefix[:4]))
        yield "+" + prefix + digits, None
    yield digits, country
    if len(digits) >= _SHORTEST_WITH_COUNTRY:
        yield "+" + digits, None


def _valid(number: str, region: str | None) -> str:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_valid_number(parsed) and not _is_mobile(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def _is_mobile(number: phonenumbers.PhoneNumber) -> bool:
    shape = _MOBILES.get(number.country_code or 0)
    return bool(shape and shape.fullmatch(phonenumbers.national_significant_number(number)))
