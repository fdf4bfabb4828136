"""Finding a customer by phone, number and name, within the person's own branches (story S13)."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from branches.models import Branch, User
from customers import selectors
from customers.models import ProviderCustomer
from customers.selectors import BadCursor
from providers.models import Account, BranchAccount
from providers.normalise import fold_name
from tests.reservations.clinic import Clinic
from tests.reservations.conftest import NOW

MANY = int(os.environ.get("WASL_MANY", "12000"))
INDEXES = {"0510004321": "customer_by_phone", "104321": "customer_by_number", "Zubair": "customer_by_name"}


def names(user: User, branch: Branch, typed: str) -> list[str]:
    return [row.name for row in selectors.search_customers(user, branch, typed).rows]


@pytest.mark.parametrize("typed", ["ساره احمد", "سارة", "أحمد", "سَارَة", "ســارة", "أحمد سارة", "آحمد"])
def test_a_name_is_found_however_it_is_written(clinic: Clinic, reem: User, olaya: Branch, typed: str) -> None:
    assert names(reem, olaya, typed) == ["سارة أحمد"]


@pytest.mark.parametrize("typed", ["0500000002", "+966 50 000 0002", "966500000002", "٠٥٠٠٠٠٠٠٠٢", "omar", "OMAR ali"])
def test_a_phone_or_a_latin_name_too(clinic: Clinic, reem: User, olaya: Branch, typed: str) -> None:
    assert names(reem, olaya, typed) == ["Omar Ali"]


def test_their_number_is_exact(clinic: Clinic, reem: User, olaya: Branch) -> None:
    assert names(reem, olaya, "2") == ["Omar Ali"]
    assert names(reem, olaya, "22") == []


@pytest.mark.parametrize("typed", ["", " ", "ab", "%", "__"])
def test_too_little_finds_nobody(clinic: Clinic, reem: User, olaya: Branch, typed: str) -> None:
    found = selectors.search_customers(reem, olaya, typed)
    assert found.too_short and not found.rows


def test_a_sign_of_the_database_is_only_a_sign(clinic: Clinic, reem: User, olaya: Branch) -> None:
    assert names(reem, olaya, "%%%") == [] and names(reem, olaya, "' OR 1=1 --") == []


def test_a_family_on_one_phone_lists_all_five(clinic: Clinic, reem: User, olaya: Branch) -> None:
    rows = [row_of(clinic, n, phone="+966500000077") for n in range(5)]
    ProviderCustomer.objects.bulk_create(rows)
    assert len(names(reem, olaya, "0500000077")) == 5
    assert len(selectors.with_phone(reem, "+966500000077")) == 5


def test_who_works_elsewhere_finds_nobody(clinic: Clinic, majed: User, nakheel: Branch, admin: User) -> None:
    assert names(majed, nakheel, "omar") == [] and names(admin, nakheel, "omar") == []
    assert selectors.customer_for(majed, clinic.customer.pk) is None


def test_what_is_gone_there_is_not_found(clinic: Clinic, reem: User, olaya: Branch) -> None:
    ProviderCustomer.objects.update(gone_at=NOW)
    assert names(reem, olaya, "omar") == []


def test_pages_have_no_gaps_and_strange_places_are_refused(clinic: Clinic, reem: User, olaya: Branch) -> None:
    ProviderCustomer.objects.bulk_create(row_of(clinic, n) for n in range(selectors.PAGE + 5))
    first = selectors.search_customers(reem, olaya, "patient")
    second = selectors.search_customers(reem, olaya, "patient", first.next)
    assert len(first.rows) == selectors.PAGE and len(second.rows) == 5 and not second.next
    with pytest.raises(BadCursor):
        selectors.search_customers(reem, olaya, "patient", "1 OR 1=1")


def row_of(clinic: Clinic, n: int, **more: Any) -> ProviderCustomer:
    name = more.pop("name", f"Patient {n}")
    return ProviderCustomer(
        account=clinic.account,
        external_id=f"many-{n}",
        number=str(100_000 + n),
        name=name,
        folded_name=fold_name(name),
        phone=more.pop("phone", f"+9665{10_000_000 + n}"),
        payload={},
        raw_hash=b"",
        content_hash=b"",
        seen_at=NOW,
    )


def test_among_many_it_asks_an_index(clinic: Clinic, reem: User, olaya: Branch) -> None:
    rows = [row_of(clinic, n) for n in range(MANY)]
    rows[777] = row_of(clinic, 777, name="Zubair Al Harbi")
    ProviderCustomer.objects.bulk_create(rows, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE customers_providercustomer")
    for typed, index in INDEXES.items():
        with CaptureQueriesContext(connection) as queries:
            assert len(selectors.search_customers(reem, olaya, typed).rows) == 1
        plan = plan_of(queries.captured_queries[-1]["sql"])
        assert index in plan, plan


def plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(row[0] for row in cursor.fetchall())


def test_a_client_of_the_loyalty_system_is_found_beside_them_and_not_booked_for(
    clinic: Clinic, reem: User, olaya: Branch, majed: User, nakheel: Branch
) -> None:
    loyal = Account.objects.create(provider="altegio", label="Cards", base_url="http://127.0.0.1:1/altegio/api/v1")
    BranchAccount.objects.create(branch=olaya, account=loyal)
    made = row_of(clinic, 1, name="Omar Alotaibi", phone="+966500000002")
    made.account, made.external_id = loyal, "402"
    made.save()
    found = selectors.search_customers(reem, olaya, "0500000002").rows
    assert [(row.name, row.is_booked_for) for row in found] == [("Omar Alotaibi", False), ("Omar Ali", True)]
    assert [row.name for row in selectors.with_phone(reem, "+966500000002")] == ["Omar Ali"]
    assert selectors.customer_for(reem, made.pk) is None
    assert names(majed, nakheel, "Alotaibi") == []
