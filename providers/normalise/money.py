"""Amounts as people type them and as providers want them. Refuses rather than guess wrong by a factor of a thousand."""

from __future__ import annotations

import re
from decimal import Decimal

from providers.contracts import POINTS
from providers.normalise.text import is_invisible, latin_digits

DECIMALS = {"SAR": 2, "MAD": 2, "AED": 2, "QAR": 2, "EGP": 2, "EUR": 2, "USD": 2}
DECIMALS |= {POINTS: 2}
DECIMALS |= {"KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}
MOST_DIGITS = 12
_LONGEST_TYPED = 64
_MOST_MAGNITUDE = 30  # beyond it a plain number is a wall of zeros, and somebody is playing with us
_MINUS = ("-", "\u2212", "\u2013", "(")
_UNIFIED = str.maketrans({"\u066c": "T", "\u066b": "D", "\u060c": ",", "\u00a0": " ", "\u202f": " ", "\u2009": " "})
_GROUPED = r"[0-9]{1,3}(?:%s[0-9]{3})+"
# (shape, what separates thousands, what separates decimals); the first that matches decides.
_SHAPES = (
    (re.compile(r"[0-9]+"), "", ""),
    (re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+"), ",", ""),  # "1,234" is one thousand and more, never 1.234
    (re.compile(r"[1-9][0-9]{0,2}(?:\.[0-9]{3}){2,}"), ".", ""),
    (re.compile(_GROUPED % " "), " ", ""),
    (re.compile(_GROUPED % "T"), "T", ""),
    (re.compile(r"[0-9]+[.,D][0-9]+"), "", ".,D"),
    (re.compile(_GROUPED % "," + r"\.[0-9]+"), ",", "."),
    (re.compile(_GROUPED % r"\." + r",[0-9]+"), ".", ","),
    (re.compile(_GROUPED % " " + r"[.,D][0-9]+"), " ", ".,D"),
    (re.compile(_GROUPED % "T" + r"[.,D][0-9]+"), "T", ".,D"),
)


class UnreadableAmount(ValueError):
    """`code` is one of empty, not_a_number, negative, too_many_decimals, too_large."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def decimals_of(currency: str) -> int:
    """How many decimals an amount may have. Raises LookupError for a currency no branch of ours uses."""
    return DECIMALS[currency]


def read_amount(text: str, currency: str) -> Decimal:
    """The amount in the major unit, as typed. Raises UnreadableAmount.

    A single comma with exactly three digits behind it separates thousands; a single dot never does, because a till that
    means 1234 when it says "1.234" must be asked, not believed.
    """
    clean = latin_digits("".join(char for char in text if not is_invisible(char))).translate(_UNIFIED).strip()
    if not clean:
        raise UnreadableAmount("empty")
    whole, fraction = _split(_unsigned(clean))
    if clean.startswith(_MINUS):
        raise UnreadableAmount("negative")
    if len(fraction) > decimals_of(currency):
        raise UnreadableAmount("too_many_decimals")
    if len(whole.lstrip("0")) + len(fraction) > MOST_DIGITS:
        raise UnreadableAmount("too_large")
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def plain_amount(amount: Decimal) -> str:
    """The amount as providers print it: "200", "200.5"; no exponent, no zeros behind. ValueError when not finite."""
    if not amount.is_finite():
        raise ValueError("This is not an amount of money.")
    if not amount:
        return "0"
    if abs(amount.adjusted()) > _MOST_MAGNITUDE or len(amount.as_tuple().digits) > _MOST_MAGNITUDE:
        raise ValueError("No amount of money has so many digits.")
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _unsigned(text: str) -> str:
    if text.startswith("("):
        return text.removeprefix("(").removesuffix(")").strip()
    return text.removeprefix("-").removeprefix("\u2212").removeprefix("\u2013").strip()


def _split(text: str) -> tuple[str, str]:
    if len(text) > _LONGEST_TYPED:
        raise UnreadableAmount("too_large" if text.isdigit() else "not_a_number")
    for shape, thousands, points in _SHAPES:
        if shape.fullmatch(text):
            return _parts(text.replace(thousands, "") if thousands else text, points)
    raise UnreadableAmount("not_a_number")


def _parts(text: str, points: str) -> tuple[str, str]:
    whole, *fraction = re.split(f"[{re.escape(points)}]", text) if points else [text]
    return whole, "".join(fraction)
