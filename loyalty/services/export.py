"""What is owed in points as a file, and a line about who took it away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO

from django.utils.translation import gettext as _

from branches.models import User
from branches.spreadsheets import Cell, Sheet, write_csv, write_xlsx
from loyalty.models import OwedExport
from loyalty.selectors import owed as selectors
from loyalty.selectors.owed import COLUMNS, Chain, Month, Person
from providers.models import Environment

TYPES = {
    OwedExport.Format.CSV: "text/csv; charset=utf-8",
    OwedExport.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that is whole, and the line in the log that says so."""

    file: IO[bytes]
    name: str
    content_type: str
    log: OwedExport


def export_owed(chain: Chain, person: User, file_format: str, *, now: dt.datetime) -> Exported:
    """Twelve months of a chain; as a workbook also who moved how much by hand in them. Logged before it is sent."""
    file = TemporaryFile()  # noqa: SIM115  # the answer closes it
    today = now.astimezone(chain.branch.zone).date()
    months = selectors.owed_by_month(chain, today)
    above = _above(chain)
    sheet = _months_sheet(chain, months, above)
    if file_format == OwedExport.Format.CSV:
        write_csv(file, sheet)
    else:
        people = selectors.people_by_hand(person, chain, months[0].first, months[-1].last)
        write_xlsx(file, [sheet, _people_sheet(chain, people, above)])
    asked = {"account": str(chain.account), "chain": chain.chain_id, "until": today.isoformat()}
    log = OwedExport(by=person, at=now, format=file_format, rows=len(months), filter=asked)
    log.save(force_insert=True)
    file.seek(0)
    training = "training-" if chain.account.environment == Environment.SANDBOX else ""
    return Exported(
        file, f"wasl-{training}points-{today:%Y%m%d}.{file_format}", TYPES[OwedExport.Format(file_format)], log
    )


def _above(chain: Chain) -> list[str]:
    """What nobody may overlook who opens the file."""
    whole, unread = selectors.completeness_of(chain), _("never read whole")
    lines = [_("Training · nothing here is real")] if chain.account.environment == Environment.SANDBOX else []
    cards, moves = (
        f"{at.astimezone(chain.branch.zone):%Y-%m-%d %H:%M}" if at else unread
        for at in (whole.cards_at, whole.movements_at)
    )
    since = whole.since.isoformat() if whole.since else "—"
    lines.append(_("Cards as of: %(when)s") % {"when": cards})
    lines.append(_("Movements as of: %(when)s, since %(day)s") % {"when": moves, "day": since})
    return lines


def _months_sheet(chain: Chain, months: Sequence[Month], above: Sequence[str]) -> Sheet:
    header = [
        *(_("Month"), _("Chain"), _("Currency"), _("Earned"), _("Used in visits"), _("Given by hand")),
        *(_("Taken by hand"), _("Expired"), _("Owed at the end")),
    ]
    rows = (_month_cells(chain, month) for month in reversed(months))
    return Sheet(_("Owed in points"), above, header, [12, 24, 10, 14, 14, 14, 14, 14, 18], rows)


def _month_cells(chain: Chain, month: Month) -> list[Cell]:
    sums: list[Cell] = [_cents(month.sums[name]) for name in COLUMNS]
    return [month.key, chain.title or chain.chain_id, chain.branch.currency, *sums, _cents(month.owed)]


def _people_sheet(chain: Chain, people: Sequence[Person], above: Sequence[str]) -> Sheet:
    header = [_("Staff"), _("Currency"), _("Given by hand"), _("Taken by hand"), _("How often")]
    return Sheet(_("Moved by hand"), above, header, [28, 10, 14, 14, 12], (_person_cells(chain, one) for one in people))


def _person_cells(chain: Chain, one: Person) -> list[Cell]:
    return [one.name, chain.branch.currency, _cents(one.given), _cents(one.taken), one.acts]


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))
