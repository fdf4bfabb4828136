"""The ledger as a file: right in a spreadsheet, inert, capped, logged, and for few."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation
from openpyxl import load_workbook

from branches.models import Change, Membership, User
from branches.roles import Role
from providers.models import Account, Environment, Operation, State
from tests.signed_in import sign_in
from tests.vouchers.ledger.files import body, book, lines, parts, speak, table, taken
from tests.vouchers.ledger.rows import in_part, on_day, redeemed
from tests.web.books import unchanged
from tests.web.world import World, browser
from tests.web.years import fill
from vouchers import services
from vouchers.models import LedgerExport
from vouchers.selectors.ledger import LedgerFilter
from vouchers.services import export as service
from vouchers.views.ledger import ledger

PATH = "/vouchers/ledger/export/"


@pytest.fixture
def manager(world: World) -> Client:
    User.objects.update(language="en")
    return world.client("manager")


# What is in it ----------------------------------------------------------------------------------------------------------


def test_a_row_holds_what_the_ledger_shows_in_plain_figures(world: World, manager: Client) -> None:
    row = redeemed(world.ours)
    [found] = table(manager)
    at = row.operation.created_at.astimezone(world.ours.branch.zone)
    assert found == {
        "Our reference": row.operation.reference,
        "Trading day": row.business_date.isoformat(),
        "Time at the branch": f"{at:%Y-%m-%d %H:%M:%S}",
        "Branch": "Branch",
        "Till": "1",
        "Staff": "clerk-ours",
        "Issuer": "Alreaaiaa (training)",
        "Codes end in": row.lines.get().code_last4,
        "Codes": "1",
        "Person present": "سارة",
        "Status": "Used",
        "Currency": "SAR",
        "Services total": "600.00",
        "Voucher value": "200.00",
        "Taken off with the voucher": "200.00",
        "Left to pay": "400.00",
        "Issuer’s number": "",
        "In dispute": "",
        "Taken back": "",
    }


def test_what_is_disputed_and_what_was_taken_back_go_along(world: World, manager: Client) -> None:
    case, now = world.ours.case(sent=True), timezone.now()
    assert [(row["In dispute"], row["Taken back"]) for row in table(manager)] == [(f"{case.amount:.2f}", "")]
    ruling = services.Ruling("accepted", "CN-7", timezone.localdate())
    services.close_case(case, world.people["accountant"], ruling, now=now)
    assert [(row["In dispute"], row["Taken back"]) for row in table(manager)] == [("", f"-{case.amount:.2f}")]


def test_the_issuers_own_number_goes_along_and_is_inert(world: World, manager: Client) -> None:
    row = redeemed(world.ours)
    Operation.objects.filter(pk=row.operation_id).update(outcome={"references": {"order_id": "=1+1"}})
    assert table(manager)[0]["Issuer’s number"] == "'=1+1"


def test_it_holds_what_the_filter_leaves_and_no_other_branch(world: World, manager: Client) -> None:
    done, part, _open = redeemed(world.ours), in_part(world.ours), redeemed(world.ours, State.UNKNOWN)
    redeemed(world.theirs)
    on_day(redeemed(world.ours), world.ours.branch.business_date(timezone.now()) - dt.timedelta(60))
    assert len(table(manager)) == 3
    [only] = table(manager, status="part")
    assert (only["Our reference"], only["Codes"]) == (part.operation.reference, "2")
    assert only["Codes end in"] == f"{part.lines.all()[0].code_last4} COND"
    assert (only["Voucher value"], only["Taken off with the voucher"], only["Left to pay"]) == (
        *("350.00", "150.00", "450.00"),
    )
    assert [row["Our reference"] for row in table(manager, reference=done.operation.reference)] == [
        done.operation.reference
    ]


def test_the_sheet_has_real_numbers_days_and_times_and_a_header_that_stays(world: World, manager: Client) -> None:
    row = redeemed(world.ours)
    ledger, totals = book(manager).worksheets
    header = [cell.value for cell in ledger[2]]
    cells = dict(zip(header, ledger[3], strict=True))
    assert ledger.freeze_panes == "A3"
    assert (cells["Services total"].value, cells["Services total"].data_type) == (600, "n")
    assert cells["Services total"].number_format == "#,##0.00"
    assert cells["Trading day"].value == dt.datetime.combine(row.business_date, dt.time())
    assert isinstance(cells["Time at the branch"].value, dt.datetime)
    assert [cell.value for cell in totals[3]][1:] == ["SAR", 1, 600, 200, 400, 0, 0]


def test_the_totals_of_the_file_are_those_of_its_rows(world: World, manager: Client) -> None:
    today = world.ours.branch.business_date(timezone.now())
    for day in (today, today - dt.timedelta(1)):
        on_day(redeemed(world.ours), day)
        on_day(in_part(world.ours), day)
        on_day(redeemed(world.ours, State.REFUSED), day)
    ledger, totals = book(manager).worksheets
    rows = [
        dict(zip([cell.value for cell in ledger[2]], line, strict=True))
        for line in ledger.iter_rows(3, values_only=True)
    ]
    for line in totals.iter_rows(3, values_only=True):
        of_day = [row for row in rows if row["Trading day"] == line[0]]
        assert line[4] == sum(row["Taken off with the voucher"] for row in of_day) == 350
        assert line[5] == sum(row["Left to pay"] for row in of_day) == 850


@pytest.mark.parametrize(("language", "turned"), [("ar", True), ("fr", False), ("en", False)])
def test_an_arabic_sheet_reads_from_the_right(world: World, manager: Client, language: str, turned: bool) -> None:
    redeemed(world.ours)
    speak(language)
    for sheet in book(manager).worksheets:
        assert bool(sheet.sheet_view.rightToLeft) == turned
        assert sheet.cell(2, 1).font.bold
    wanted = {"ar": "مرجعنا", "fr": "Notre référence", "en": "Our reference"}
    assert book(manager).worksheets[0].cell(2, 1).value == wanted[language]


@pytest.mark.parametrize(("language", "separator"), [("ar", ";"), ("fr", ";"), ("en", ",")])
def test_excel_opens_the_csv_in_columns_and_in_arabic_letters(
    world: World, manager: Client, language: str, separator: str
) -> None:
    redeemed(world.ours)
    speak(language)
    raw = body(taken(manager))
    assert raw.startswith(b"\xef\xbb\xbf") and not raw.startswith(b"\xef\xbb\xbfsep=")
    assert raw.count(b"\r\n") == raw.count(b"\n") == 3, "RFC 4180 ends a line with both"
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), delimiter=separator, strict=True))
    assert {len(row) for row in rows} == {19}
    assert "سارة" in rows[-1] and "600.00" in rows[-1]


def test_the_answer_is_a_download_with_a_name(world: World, manager: Client) -> None:
    redeemed(world.ours)
    days = {"since": "2026-01-01", "until": "2026-01-31"}
    response = taken(manager, "csv", **days)
    assert body(response)
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="wasl-training-ledger-20260101-20260131.csv"'
    )
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_a_training_file_says_so_and_a_real_one_does_not(world: World, manager: Client) -> None:
    redeemed(world.ours)
    sheet = book(manager).worksheets[0]
    assert str(sheet.cell(1, 1).value).startswith("Training")
    Account.objects.filter(pk=world.ours.account.pk).update(environment=Environment.LIVE)
    header, row = lines(manager)
    assert header[0] == "Our reference" and "Alreaaiaa" in row
    response = taken(manager)
    assert body(response) and "training" not in response.headers["Content-Disposition"]


# Who, how much, and what is left behind (S41) -----------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["receptionist", "supervisor", "admin"])
def test_the_reception_cannot_take_the_ledger_away(world: World, role: str) -> None:
    redeemed(world.ours)
    client = world.client(role)
    with unchanged():
        assert client.post(PATH, {"format": "csv"}).status_code == 403
    assert "/vouchers/ledger/export/" not in client.get("/vouchers/ledger/").content.decode()


def test_it_wants_a_fresh_proof_and_leads_back_to_what_was_chosen(world: World) -> None:
    client = sign_in(browser(), world.people["manager"], ago=11 * 60)
    days = {"since": "2026-01-01", "until": "2026-01-31"}
    with unchanged():
        response = client.post(PATH, {"format": "xlsx", "status": "done", **days})
    assert response.status_code == 302
    assert response.headers["Location"].startswith("/accounts/again/?next=/vouchers/ledger/%3F")
    assert "status%3Ddone" in response.headers["Location"] and "2026-01-31" in response.headers["Location"]


def test_a_look_is_no_way_to_it(manager: Client) -> None:
    assert manager.get(PATH, {"format": "csv"}).status_code == 405


def test_who_when_what_and_how_much_is_logged(world: World, manager: Client) -> None:
    redeemed(world.ours)
    redeemed(world.ours, State.UNKNOWN)
    body(taken(manager, "xlsx", status="done", since="2026-01-01", until="2026-01-31"))
    body(taken(manager))
    second, first = LedgerExport.objects.order_by("-pk")
    assert (first.by, first.format, first.rows, first.cut) == (world.people["manager"], "xlsx", 0, False)
    asked = {"branches": ["ours"], "since": "2026-01-01", "until": "2026-01-31", "status": "done"}
    assert first.filter == asked
    assert (second.rows, second.format) == (2, "csv")
    assert timezone.now() - second.at < dt.timedelta(minutes=5)
    change = Change.objects.filter(pgh_obj_model="vouchers.LedgerExport").order_by("-pgh_created_at")[0]
    assert change.pgh_context["user"] == str(world.people["manager"].pk)
    assert (change.pgh_context["url"], change.pgh_context["address"]) == (PATH, "127.0.0.1")


def test_the_audit_shows_it(world: World, manager: Client) -> None:
    body(taken(manager, status="done"))
    page = world.client("admin").get("/admin/branches/change/?kind=vouchers.LedgerExport").content.decode()
    for words in ("export of the ledger", "manager", PATH, "ours", "done"):
        assert words in page, words


def test_a_file_is_cut_and_says_so(world: World, manager: Client) -> None:
    fill(world.ours, world.people["receptionist"], 20)
    now, branch, person = timezone.now(), world.ours.branch, world.people["manager"]
    today = branch.business_date(now)
    wanted = LedgerFilter((branch,), today - dt.timedelta(1), today)
    with translation.override("en"):
        files = {name: service.export_ledger(wanted, person, name, now=now, most=12).file for name in ("csv", "xlsx")}
    found = list(csv.reader(io.StringIO(files["csv"].read().decode("utf-8-sig"), newline="")))
    sentence = "Only the newest 12 of 20 redemptions. Choose fewer days for the rest."
    assert [line[0] for line in found[:2]][1] == sentence
    assert len(found) == 3 + 12
    sheet = load_workbook(files["xlsx"]).worksheets[0]
    assert (sheet.cell(2, 1).value, sheet.max_row) == (sentence, 3 + 12)
    assert set(LedgerExport.objects.values_list("rows", "cut")) == {(12, True)}


def test_the_page_says_beforehand_that_it_would_be_cut(world: World, manager: Client) -> None:
    fill(world.ours, world.people["receptionist"], 20)
    request = manager.get("/vouchers/ledger/").wsgi_request
    with translation.override("en"):
        cut, whole = (ledger(request, most=most).content.decode() for most in (12, 20))
    assert "The file holds the newest 12." in cut and "The file holds" not in whole


def test_only_the_branches_of_which_one_may_take_the_books(world: World, manager: Client) -> None:
    """Who keeps the books of one branch and works at the desk of another takes away the first alone."""
    Membership.objects.create(user=world.people["manager"], branch=world.theirs.branch, role=Role.RECEPTIONIST)
    manager.cookies["till"] = str(world.ours.till.pk)
    ours, theirs = redeemed(world.ours), redeemed(world.theirs)
    text = body(taken(manager)).decode()
    assert ours.operation.reference in text and theirs.operation.reference not in text
    with unchanged():
        assert manager.post(PATH, {"format": "csv", "branch": "theirs"}).status_code == 422


@pytest.mark.parametrize("asked", [{}, {"format": "pdf"}, {"format": "csv", "status": "x"}, {"format": ["csv", ""]}])
def test_what_makes_no_sense_takes_nothing_away(manager: Client, asked: dict[str, Any]) -> None:
    with unchanged():
        assert manager.post(PATH, asked).status_code == 422


def test_nothing_sealed_and_no_whole_code_is_in_any_file(world: World, manager: Client) -> None:
    row = redeemed(world.ours)
    code = row.lines.get().code
    for file_format in ("csv", "xlsx"):
        raw = body(taken(manager, file_format))
        content = b"".join(parts(raw)) if file_format == "xlsx" else raw
        assert code and code.encode() not in content
        for secret in (b"1012345678", b"+966512345678", b"4569", bytes(row.lines.get().sealed_code)[:40]):
            assert secret not in content
