"""The ledger as a file: what was asked for, as far as a file may go, and a line about who took it away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any

from django.db import connection, transaction
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from branches.models import Branch, User
from branches.spreadsheets import Cell, Sheet, write_csv, write_xlsx
from providers import registry
from providers.badges import TONES
from providers.models import Environment
from vouchers.models import LedgerExport, Redemption
from vouchers.outcomes import SHORT
from vouchers.selectors import ledger as selectors
from vouchers.selectors.ledger import LedgerFilter, Total

MOST_ROWS = 10_000
CHUNK = 500
TYPES = {
    LedgerExport.Format.CSV: "text/csv; charset=utf-8",
    LedgerExport.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that is whole, and the line in the log that says so."""

    file: IO[bytes]
    name: str
    content_type: str
    log: LedgerExport


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: int
    cell: Callable[[Redemption], Cell]


def export_ledger(
    wanted: LedgerFilter, person: User, file_format: str, *, now: dt.datetime, most: int = MOST_ROWS
) -> Exported:
    """Written to the disk first, so that a file that ends in the middle is never sent, and logged before it is sent."""
    file = TemporaryFile()  # noqa: SIM115  # the answer closes it
    with one_moment():
        totals = selectors.ledger_totals(wanted)
        found = sum(day.rows for day in totals)
        rows, training = min(found, most), selectors.is_training(wanted.branches)
        above = _above(found, most, training)
        ledger = _ledger_sheet(wanted, above, most)
        if file_format == LedgerExport.Format.CSV:
            write_csv(file, ledger)
        else:
            write_xlsx(file, [ledger, _totals_sheet(totals, above)])
        log = LedgerExport(by=person, at=now, format=file_format, rows=rows, cut=found > rows, filter=in_words(wanted))
        log.save(force_insert=True)
    file.seek(0)
    days = f"{wanted.since:%Y%m%d}-{wanted.until:%Y%m%d}"
    name = f"wasl-{'training-' if training else ''}ledger-{days}.{file_format}"
    return Exported(file, name, TYPES[LedgerExport.Format(file_format)], log)


@contextmanager
def one_moment() -> Iterator[None]:
    """The rows and what they add up to are of the same moment, though the file takes a while."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def in_words(wanted: LedgerFilter) -> dict[str, Any]:
    """What was asked for, as the audit shows it."""
    asked = {
        "branches": [branch.code for branch in wanted.branches],
        "since": wanted.since.isoformat(),
        "until": wanted.until.isoformat(),
        "issuer": wanted.issuer,
        "staff": wanted.staff,
        "status": wanted.status,
        "reference": wanted.reference,
    }
    return {name: value for name, value in asked.items() if value}


def _above(found: int, most: int, training: bool) -> list[str]:
    lines = [_("Training · nothing here is real")] if training else []
    if found > most:
        figures = {"rows": f"{most:,}", "found": f"{found:,}"}
        lines.append(_("Only the newest %(rows)s of %(found)s redemptions. Choose fewer days for the rest.") % figures)
    return lines


# The redemptions ------------------------------------------------------------------------------------------------------


def _ledger_sheet(wanted: LedgerFilter, above: Sequence[str], most: int) -> Sheet:
    columns = _columns(wanted.branches)
    order_id = KeyTextTransform("order_id", KeyTransform("references", "operation__outcome"))
    rows = selectors.as_shown(selectors.ledger_rows(wanted)).annotate(order_id=order_id)
    return Sheet(
        title=_("Ledger"),
        above=above,
        header=[column.title for column in columns],
        widths=[column.width for column in columns],
        rows=_cells(rows[:most].iterator(chunk_size=CHUNK), columns),
    )


def _cells(rows: Iterable[Redemption], columns: Sequence[Column]) -> Iterator[list[Cell]]:
    return ([column.cell(row) for column in columns] for row in rows)


def _columns(branches: Iterable[Branch]) -> list[Column]:
    """Names and words are looked up once, not for each of ten thousand rows."""
    places = {branch.pk: branch for branch in branches}
    names = {branch.pk: branch.name for branch in places.values()}
    states = {state: str(SHORT[tone]) for state, tone in TONES.items()}
    part = str(SHORT["plain"])
    issuers = {slug: registry.provider_name(slug) for slug in registry.specs_of("vouchers")}
    training = _("training")

    def moment(row: Redemption) -> dt.datetime:
        return row.operation.created_at.astimezone(places[row.operation.branch_id].zone).replace(
            tzinfo=None, microsecond=0
        )

    def issuer(row: Redemption) -> str:
        account = row.operation.account
        real = account.environment == Environment.LIVE
        return issuers[account.provider] if real else f"{issuers[account.provider]} ({training})"

    return [
        Column(_("Our reference"), 14, lambda row: row.operation.reference),
        Column(pgettext("column", "Trading day"), 12, lambda row: row.business_date),
        Column(_("Time at the branch"), 20, moment),
        Column(_("Branch"), 24, lambda row: names[row.operation.branch_id]),
        Column(_("Till"), 8, lambda row: row.operation.till.number if row.operation.till else None),
        Column(_("Staff"), 24, lambda row: str(row.operation.actor or "")),
        Column(_("Issuer"), 22, issuer),
        Column(_("Codes end in"), 16, lambda row: " ".join(line.code_last4 for line in row.lines.all())),
        Column(_("Codes"), 8, lambda row: len(row.lines.all())),
        Column(_("Person present"), 28, lambda row: row.person_name),
        Column(_("Status"), 18, lambda row: part if _found(row, "in_part") else states[row.operation.state]),
        Column(_("Currency"), 10, lambda row: row.currency),
        Column(_("Services total"), 16, lambda row: _amount(row.services_total)),
        Column(_("Voucher value"), 16, lambda row: _amount(row.operation.amount)),
        Column(_("Taken off with the voucher"), 16, lambda row: _amount(_found(row, "worth"))),
        Column(_("Left to pay"), 16, lambda row: _amount(_found(row, "rest"))),
        Column(_("Issuer’s number"), 18, lambda row: _found(row, "order_id") or ""),
        Column(_("In dispute"), 14, lambda row: _amount_or_none(_found(row, "disputed"))),
        Column(_("Taken back"), 14, lambda row: _amount_or_none(_found(row, "corrected"))),
    ]


def _found(row: Redemption, name: str) -> Any:
    """What the question added to the row; the model knows nothing of it."""
    return getattr(row, name)


def _amount_or_none(value: Decimal | None) -> Decimal | None:
    return None if value is None else _amount(value)


def _amount(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"))


# What they add up to --------------------------------------------------------------------------------------------------


def _totals_sheet(totals: Sequence[Total], above: Sequence[str]) -> Sheet:
    header = [
        *(
            pgettext("column", "Trading day"),
            _("Currency"),
            _("Used"),
            _("Services total"),
            _("Taken off with the voucher"),
        ),
        *(_("Left to pay"), _("Still open"), _("Value of the open ones")),
    ]
    return Sheet(_("Totals"), above, header, [14, 10, 10, 18, 18, 18, 10, 18], map(_total_cells, totals))


def _total_cells(day: Total) -> list[Cell]:
    figures: list[Cell] = [day.used, _amount(day.services), _amount(day.value), _amount(day.left)]
    return [day.day, day.currency, *figures, day.open, _amount(day.open_value)]
