"""Customers for partners: as each provider knows them, masked. One person at two providers is two customers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.pages import MOST_ROWS, as_json, one_row, page, read_cursor
from branches.api.reading import BranchCode, PageQuery, Text, query
from branches.api.refusals import FieldProblem, NothingThere, Refusal
from branches.guests import Guest
from branches.models import Branch
from branches.roles import Permission
from branches.selectors import branches_of
from customers.selectors import LONGEST, SHORTEST_NAME, booking_accounts, phone_in
from providers.normalise import clean_text, fold_name

MASKED_NAME = r"regexp_replace({column}, '(\S)\S*', '\1•••', 'g')"
MASKED_PHONE = """CASE WHEN {column} = '' THEN NULL WHEN length({column}) < 9 THEN '••• ••' || right({column}, 2)
    ELSE left({column}, 4) || ' ••• ••' || right({column}, 2) END"""
ROW = f"""json_build_object('id', c.id, 'external_id', c.external_id, 'provider', a.provider,
    'name', {MASKED_NAME.format(column="c.name")}, 'phone', {MASKED_PHONE.format(column="c.phone")},
    'number', nullif(c.number, ''), 'is_company', c.is_company, 'is_blocked', c.is_blocked, 'as_of', c.seen_at)::text"""
FROM = """FROM customers_providercustomer c JOIN providers_account a ON a.id = c.account_id
    WHERE c.account_id = ANY(%(accounts)s) AND c.gone_at IS NULL"""
CUSTOMERS = f"SELECT {ROW}, c.seen_at, c.id {FROM}"


class CustomerRow(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    provider = serializers.CharField()
    name = serializers.CharField(help_text="masked")
    phone = serializers.CharField(allow_null=True, help_text="masked")
    number = serializers.CharField(allow_null=True, help_text="the provider’s customer number")
    is_company = serializers.BooleanField()
    is_blocked = serializers.BooleanField()
    as_of = serializers.DateTimeField()


class CustomerQuery(PageQuery):
    phone = Text(required=False, max_length=40, help_text="E.164, or as it is written in the country of `branch`")
    q = Text(required=False, max_length=LONGEST, help_text="a part of the name, three letters or more")
    branch = BranchCode(required=False)


class Customers(Endpoint):
    tag = "customers"
    scopes = {"GET": ("customers:read",)}
    told = {
        "GET": Told(
            "Customers with a phone, or with a name",
            "One of `phone` and `q`. A phone lists everybody who has it: a family is several rows.",
            asks=CustomerQuery,
            answers={200: CustomerRow},
            is_list=True,
            problems=(404,),
        )
    }

    def get(self, request: Request) -> HttpResponse:
        wanted, guest = query(CustomerQuery, request), guest_of(request)
        at = _branches(guest, wanted.get("branch", ""))
        given: dict[str, Any] = {"accounts": list(booking_accounts(at).values_list("pk", flat=True))}
        select = f"{CUSTOMERS} AND {_which(wanted, at, given)}"
        if after := read_cursor(wanted.get("cursor"), "customers"):
            select += " AND c.id < %(after)s"
            given["after"] = after[1]
        return page(f"{select} ORDER BY c.id DESC", given, wanted["limit"], "customers")


def _branches(guest: Guest, code: str) -> list[Branch]:
    rows = [row for row in branches_of(guest, Permission.CUSTOMERS) if code in ("", row.code)]
    if code and not rows:
        raise NothingThere
    return rows


def _which(wanted: dict[str, Any], at: list[Branch], given: dict[str, Any]) -> str:
    if ("phone" in wanted) == ("q" in wanted):
        raise Refusal(400, "invalid", fields=[FieldProblem("phone", "one_of_two"), FieldProblem("q", "one_of_two")])
    if "phone" in wanted:
        given["phones"] = sorted({phone_in(wanted["phone"], branch) for branch in at} - {""})
        return "c.phone = ANY(%(phones)s)"
    words = fold_name(clean_text(wanted["q"])).split()
    if not any(len(word) >= SHORTEST_NAME for word in words):
        raise Refusal(400, "invalid", fields=[FieldProblem("q", "min_length")])
    given |= {f"word{n}": f"%{_literal(word)}%" for n, word in enumerate(words)}
    return " AND ".join(f"c.folded_name LIKE %(word{n})s" for n in range(len(words)))


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


class OneCustomer(Endpoint):
    tag = "customers"
    scopes = {"GET": ("customers:read",)}
    told = {"GET": Told("One customer", answers={200: CustomerRow}, problems=(404,))}

    def get(self, request: Request, customer_id: int) -> HttpResponse:
        accounts = booking_accounts(_branches(guest_of(request), ""))
        given = {"accounts": list(accounts.values_list("pk", flat=True)), "id": customer_id}
        row = one_row(f"SELECT {ROW} {FROM} AND c.id = %(id)s", given) if customer_id <= MOST_ROWS else None
        if row is None:
            raise NothingThere
        return as_json(row[0])
