"""What a point is worth: entered by an administrator or at a terminal, by a fresh proof, from a day on, and never changed."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from branches.models import Branch, User
from branches.roles import Role
from tests.conftest import Hire
from tests.sale import SHOP
from tests.signed_in import sign_in
from tests.terminal import refused, typed
from tests.web.books import unchanged
from tests.web.hostile import NUL, TEXTS
from vouchers.models import PointsRate
from vouchers.services import set_rate

LIST, ADD = reverse("admin:vouchers_pointsrate_changelist"), reverse("admin:vouchers_pointsrate_add")


@pytest.fixture
def yasmine(hire: Hire, maarif: Branch) -> User:
    person = hire("yasmine", Role.ADMIN, maarif)
    person.language = "en"
    person.save()
    return person


@pytest.fixture
def office(yasmine: User) -> Client:
    return sign_in(Client(), yasmine)


def today(branch: Branch, days: int = 0) -> dt.date:
    return branch.business_date(timezone.now()) + dt.timedelta(days)


def form(at: Branch, /, **changes: Any) -> dict[str, Any]:
    day = today(at).isoformat()
    return {"branch": at.pk, "provider": SHOP, "valid_from": day, "rate": "0.95", **changes}


def row(branch: Branch, rate: str = "1") -> PointsRate:
    return set_rate(branch, SHOP, Decimal(rate), today(branch), by=None, now=timezone.now())


# The administration -----------------------------------------------------------------------------------------------------


def test_an_administrator_enters_it_and_the_row_says_who_and_when(
    office: Client, maarif: Branch, yasmine: User
) -> None:
    assert office.post(ADD, form(maarif)).headers["Location"] == LIST
    made = PointsRate.objects.get()
    assert (made.branch, made.provider, made.rate, made.set_by) == (maarif, SHOP, Decimal("0.95"), yasmine)
    assert timezone.now() - made.set_at < dt.timedelta(minutes=1)
    page = office.get(LIST).content.decode()
    assert "yasmine" in page and "0.9500" in page


def test_it_is_never_changed_and_never_deleted(office: Client, maarif: Branch) -> None:
    made = row(maarif)
    change, delete = (reverse(f"admin:vouchers_pointsrate_{verb}", args=[made.pk]) for verb in ("change", "delete"))
    with unchanged():
        assert office.get(change).status_code == 200
        assert office.post(change, form(maarif, rate="9")).status_code == 403
        assert office.post(delete, {"post": "yes"}).status_code == 403
        office.post(LIST, {"action": "delete_selected", "_selected_action": [made.pk], "post": "yes"})
    assert 'name="rate"' not in office.get(change).content.decode()


def test_an_old_proof_is_asked_for_a_fresh_one(yasmine: User, maarif: Branch) -> None:
    late = sign_in(Client(), yasmine, ago=11 * 60)
    with unchanged():
        for answer in (late.get(ADD), late.post(ADD, form(maarif))):
            assert answer.headers["Location"] == f"{reverse('account_reauthenticate')}?next={ADD}"
    assert late.get(LIST).status_code == 200


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_nobody_else_gets_there(hire: Hire, maarif: Branch, role: str) -> None:
    client = sign_in(Client(), hire("somebody", role, maarif))
    with unchanged():
        assert client.get(LIST, follow=True).status_code == 403
        assert client.post(ADD, form(maarif), follow=True).status_code == 403


@pytest.mark.parametrize(
    ("field", "wrong", "said"),
    [
        ("rate", "0", "A point is worth more than nothing."),
        ("rate", "-1", "A point is worth more than nothing."),
        ("rate", "NaN", "Enter a number."),
        ("rate", "Infinity", "Enter a number."),
        ("rate", "0.00001", "no more than 4 decimal places"),
        ("rate", "1234567.5", "no more than 6 digits before"),
        ("rate", "", "This field is required."),
        ("valid_from", "yesterday", "Enter a valid date."),
        ("valid_from", "2020-01-01", "What was redeemed before today keeps its value"),
        ("provider", "alreaaiaa", "alreaaiaa is not one of the available choices"),
        ("branch", "0", "is not a valid UUID"),
    ],
)
def test_what_can_be_no_agreement_is_said_at_its_field(
    office: Client, maarif: Branch, field: str, wrong: str, said: str
) -> None:
    with unchanged():
        answer = office.post(ADD, form(maarif, **{field: wrong}))
    assert answer.status_code == 200
    with translation.override("en"):
        assert said in " ".join(answer.context["adminform"].form.errors[field])


@pytest.mark.parametrize("field", ["branch", "provider", "valid_from", "rate"])
def test_hostile_text_in_a_field_is_refused_and_shown_as_text(office: Client, maarif: Branch, field: str) -> None:
    with unchanged():
        for name, text in (TEXTS | NUL).items():
            answer = office.post(ADD, form(maarif, **{field: text}))
            assert answer.status_code in (200, 400, 413), name
            assert b"<script>alert" not in answer.content, name


# The terminal -----------------------------------------------------------------------------------------------------------


def test_a_command_sets_it_from_today_on_or_from_a_day(maarif: Branch) -> None:
    assert typed("points", SHOP, "0.95", "--branch", "maarif") == (
        f"afriquia_gaz at maarif: 0.95 MAD a point from {today(maarif)}\n"
    )
    typed("points", SHOP, "1", "--branch", "maarif", "--from", today(maarif, 30).isoformat())
    found = PointsRate.objects.order_by("valid_from").values_list("rate", "valid_from", "set_by")
    assert list(found) == [(Decimal("0.95"), today(maarif), None), (1, today(maarif, 30), None)]


def test_twice_is_two_rows_and_the_later_counts(maarif: Branch) -> None:
    for rate in ("1", "2"):
        typed("points", SHOP, rate, "--branch", "maarif")
    assert list(PointsRate.objects.order_by("id").values_list("rate", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("alreaaiaa", "1", "--branch", "maarif"), "does not count in points"),
        (("nobody", "1", "--branch", "maarif"), "does not count in points"),
        ((SHOP, "0", "--branch", "maarif"), "more than nothing"),
        ((SHOP, "0.00001", "--branch", "maarif"), "4 decimal places"),
        ((SHOP, "1", "--branch", "maarif", "--from", "2020-01-01"), "keeps its value"),
        ((SHOP, "1", "--branch", "maarif", "--from", "soon"), "--from must be a day"),
        ((SHOP, "1", "--branch", "elsewhere"), "no branch"),
        *[((SHOP, rate, "--branch", "maarif"), "RATE") for rate in ("one", "NaN", "1e400", "1_0", "٢", "9" * 500, " ")],
        ((SHOP, "1\n", "--branch", "maarif"), "RATE"),
        (("afriquia\x00", "1", "--branch", "maarif"), "PROVIDER"),
    ],
)
def test_a_mistake_is_one_line_and_changes_nothing(maarif: Branch, words: tuple[str, ...], said: str) -> None:
    with unchanged():
        assert said in refused("points", *words)
