"""How facts look everywhere: one tag for money, one for codes, one for phones, one badge, one time, one date."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from hijridate import Gregorian

from branches import money as amounts
from branches.models import Branch

register = template.Library()

# The first that fits: most browsers call themselves by the others' names too.
BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrom", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    *(("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad")),
    *(("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux")),
)
STALE, OLD = dt.timedelta(hours=3), dt.timedelta(days=1)
HIJRI_MONTHS = (
    lambda: _("Muharram"),
    lambda: _("Safar"),
    lambda: _("Rabi I"),
    lambda: _("Rabi II"),
    lambda: _("Jumada I"),
    lambda: _("Jumada II"),
    lambda: _("Rajab"),
    lambda: _("Shaban"),
    lambda: _("Ramadan"),
    lambda: _("Shawwal"),
    lambda: _("Dhu al-Qadah"),
    lambda: _("Dhu al-Hijjah"),
)


@register.simple_tag
def money(amount: Decimal, currency: str, size: str = "") -> SafeString:
    return amounts.money(amount, currency, size)


@register.simple_tag
def figure(amount: Decimal, currency: str) -> str:
    return amounts.figure(amount, currency)


@register.simple_tag
def figure_plain(amount: Decimal) -> str:
    """For machines: 1234.5 without grouping, whatever the language."""
    return f"{amount:f}"


@register.filter
def grouped(count: Any) -> Any:
    """For people: 28006 -> '28,006'. Never inside a field's value or an address."""
    return number_format(count, force_grouping=True) if isinstance(count, int) else count


@register.simple_tag
def sign(currency: str) -> str:
    return amounts.currency_sign(currency)


@register.simple_tag
def code(groups: Sequence[str], css: str = "code-xl") -> SafeString:
    """A code in groups, isolated left-to-right; the groups are spans, so that a copy has no spaces."""
    spans = format_html_join("", "<span>{}</span>", ((group,) for group in groups))
    return format_html('<bdi dir="ltr" class="code {}">{}</bdi>', css, spans)


@register.simple_tag
def phone(text: str) -> SafeString:
    return format_html('<bdi dir="ltr" class="phone">{}</bdi>', text) if text else SafeString("—")


@register.filter
def as_json(value: Any) -> str:
    """For an attribute that a script reads."""
    return json.dumps(value, cls=DjangoJSONEncoder)


@register.filter
def date_at(moment: dt.datetime, branch: Branch) -> dt.date:
    """The day that the branch's own clock shows then."""
    return moment.astimezone(branch.zone).date()


@register.filter
def in_fours(text: str) -> str:
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


@register.filter
def browser_name(agent: str) -> str:
    """Enough to tell one's own machines apart: "Firefox · Windows"."""
    browser = next((name for mark, name in BROWSERS if mark in agent), "")
    system = next((name for mark, name in SYSTEMS if mark in agent), "")
    return " · ".join(filter(None, (browser, system))) or agent[:40] or "—"


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    return format_html('<span class="i i-{} {}" aria-hidden="true"></span>', name, css)


@register.simple_tag
def badge(tone: str, icon_name: str, text: Any) -> SafeString:
    return format_html(
        '<span class="st t-{}"><span class="i i-{}" aria-hidden="true"></span>{}</span>', tone, icon_name, text
    )


@register.simple_tag
def ago(moment: dt.datetime | None, branch: Branch | None = None) -> SafeString:
    """Relative under an hour, else the clock time; the exact time on hover and for screen readers."""
    if moment is None:
        return SafeString("—")
    local = moment.astimezone(branch.zone if branch else timezone.get_default_timezone())
    exact = date_format(local, "DATETIME_FORMAT") + local.strftime(":%S")
    text = relative(timezone.now() - moment) or clock_or_day(local)
    hidden = "" if text == exact else format_html('<span class="visually-hidden"> ({})</span>', exact)
    return format_html(
        '<time datetime="{}" title="{}">{}{}</time>', local.isoformat(timespec="seconds"), exact, text, hidden
    )


@register.simple_tag
def as_of(moment: dt.datetime | None, branch: Branch) -> SafeString:
    """How old a mirrored fact is: grey after hours, red after a day, and always in words."""
    if moment is None:
        return format_html('<span class="asof asof-old">{}{}</span>', icon("clock"), _("Never read"))
    age = timezone.now() - moment
    css = "asof asof-old" if age >= OLD else "asof asof-stale" if age >= STALE else "asof"
    said = str(escape(_("As of %(when)s"))) % {"when": ago(moment, branch)}
    return format_html('<span class="{}">{}<span>{}</span></span>', css, icon("clock"), SafeString(said))


@register.simple_tag
def clock(value: dt.datetime | None, branch: Branch) -> SafeString:
    """14:30 at the branch."""
    if value is None:
        return SafeString("—")
    local = value.astimezone(branch.zone)
    written = format_html('<bdi dir="ltr">{}</bdi>', local.strftime("%H:%M"))
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), written)


@register.simple_tag
def day_and_time(value: dt.datetime | None, branch: Branch) -> SafeString:
    """When an appointment is: weekday, date and time at the branch."""
    if value is None:
        return SafeString("—")
    local = value.astimezone(branch.zone)
    comma = "،" if get_language() == "ar" else ","
    weekday = date_format(local, "l" if get_language() == "ar" else "D")  # Arabic has no short names that people use
    date = f"{weekday} {date_format(local, 'DATE_FORMAT')}{comma}"
    written = format_html('{} <bdi dir="ltr">{}</bdi>', date, local.strftime("%H:%M"))
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="minutes"), written)


def relative(age: dt.timedelta) -> str:
    seconds = max(int(age.total_seconds()), 0)
    if seconds < 10:
        return _("just now")
    if seconds < 60:
        return ngettext("%(n)s second ago", "%(n)s seconds ago", seconds) % {"n": seconds}
    minutes = seconds // 60
    return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes} if minutes < 60 else ""


def clock_or_day(local: dt.datetime) -> str:
    today = timezone.now().astimezone(local.tzinfo).date()
    return date_format(local, "TIME_FORMAT") if local.date() == today else date_format(local, "DATETIME_FORMAT")


@register.simple_tag
def moment(value: dt.datetime | None, branch: Branch) -> SafeString:
    """Date and time at the branch, with seconds: for evidence and slips."""
    if value is None:
        return SafeString("—")
    local = value.astimezone(branch.zone)
    comma = "،" if get_language() == "ar" else ","
    clock = local.strftime("%H:%M:%S")
    written = format_html('{}{} <bdi dir="ltr">{}</bdi>', date_format(local, "DATE_FORMAT"), comma, clock)
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), written)


@register.simple_tag
def day_at(value: dt.datetime | None, branch: Branch) -> SafeString:
    """The day of a moment at the branch, as `day` writes it."""
    return day(value.astimezone(branch.zone).date() if value else None, branch)


@register.simple_tag
def when(value: dt.datetime | None, branch: Branch) -> SafeString:
    """21 Nov 2026, 14:30 at the branch: of an appointment."""
    if value is None:
        return SafeString("—")
    local = value.astimezone(branch.zone)
    comma = "،" if get_language() == "ar" else ","
    return format_html("{}{} {}", date_format(local, "DATE_FORMAT"), comma, clock(value, branch))


@register.simple_tag
def day(value: dt.date | None, branch: Branch | None = None) -> SafeString:
    """21 Nov 2026, with the Hijri date small beside it where the branch wants one."""
    if value is None:
        return SafeString("—")
    written = date_format(value, "DATE_FORMAT")
    if branch is None or not branch.shows_hijri:
        return format_html("{}", written)
    return format_html('{} <span class="hijri">{}</span>', written, hijri(value))


def hijri(value: dt.date) -> str:
    try:
        date = Gregorian(value.year, value.month, value.day).to_hijri()
    except (OverflowError, ValueError):  # the tables end in 2077
        return ""
    return f"{date.day} {HIJRI_MONTHS[date.month - 1]()} {date.year}"
