"""The one way to write an amount. Latin digits in every language; the figure is isolated left-to-right, the currency follows
in the page's direction."""

from __future__ import annotations

from decimal import Decimal

from babel.numbers import format_decimal, get_currency_precision
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

SIGNS = {
    "ar": {"SAR": "ر.س", "MAD": "د.م.", "PTS": "نقطة"},
    "en": {"PTS": "points"},
    "fr": {"PTS": "points"},
}
PATTERNS = {0: "#,##0", 2: "#,##0.00", 3: "#,##0.000"}


def figure(amount: Decimal, currency: str) -> str:
    """1234.5 SAR -> '1,234.50' (Arabic, English) or '1 234,50' (French), with the currency's own number of decimals."""
    language = (get_language() or "ar")[:2]
    pattern = PATTERNS[get_currency_precision(currency)]
    written = format_decimal(
        amount, format=pattern, locale="fr" if language == "fr" else "en", decimal_quantization=True
    )
    return written.replace("-", "\u2212")


def currency_sign(currency: str) -> str:
    return SIGNS.get((get_language() or "ar")[:2], {}).get(currency, currency)


def money(amount: Decimal, currency: str, size: str = "") -> SafeString:
    css = f"money money-{size}" if size else "money"
    text = '<bdi class="{}"><bdi dir="ltr">{}</bdi> <span class="cur">{}</span></bdi>'
    return format_html(text, css, figure(amount, currency), currency_sign(currency))


def money_text(amount: Decimal, currency: str) -> str:
    """For places without markup, such as a printed sentence or an alert."""
    return f"\u2068{figure(amount, currency)} {currency_sign(currency)}\u2069"
