"""Operations and mirror runs for partners: any operation of the caller's, live, and how fresh our copies are."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.once import Shown
from branches.api.pages import as_json, one_row, page, read_cursor
from branches.api.reading import query
from branches.api.refusals import NothingThere
from branches.guests import Guest
from branches.roles import Permission
from providers.api.forms import AnyOperationRow, OperationQuery, RunQuery, RunRow
from providers.figures import NAMED, joined
from providers.models import OPEN_STATES
from providers.standing import FIELDS, TABLES, VISIBLE

KINDS = {"voucher": Permission.LEDGER, "booking": Permission.BOOKINGS, "loyalty": Permission.CARDS}
ROW = f"SELECT json_build_object('id', o.id, 'reference', o.reference, 'kind', o.kind, {FIELDS}, {NAMED})::text"
WHERE = f"WHERE {VISIBLE} AND split_part(o.kind, '.', 1) = ANY(%(kinds)s)"
RUNS = """SELECT json_build_object('id', r.id, 'provider', a.provider, 'branches', places.codes, 'collection', r.collection,
    'status', r.status, 'reasons', r.reasons, 'full', r.full, 'complete', r.complete, 'reported', r.reported, 'read', r.read,
    'changed', r.changed, 'gone', r.gone, 'quarantined', r.quarantined, 'began_at', r.began_at, 'ended_at', r.ended_at)::text,
    r.began_at, r.id
    FROM providers_syncrun r JOIN providers_account a ON a.id = r.account_id
    CROSS JOIN LATERAL (SELECT array_agg(b.code ORDER BY b.code) AS codes FROM providers_branchaccount p
        JOIN branches_branch b ON b.id = p.branch_id
        WHERE p.account_id = a.id AND b.is_active AND b.code = ANY(%(branches)s)) places
    WHERE places.codes IS NOT NULL"""


def seen_by(guest: Guest) -> dict[str, Any]:
    """What `VISIBLE` asks for, and which kinds the key's scopes are about."""
    kinds = [kind for kind, permission in KINDS.items() if permission in guest.may]
    return {"branches": sorted(guest.branches), "partner": guest.id, "kinds": kinds}


def _select(*columns: str) -> str:
    return f"{ROW}, {', '.join(columns)} FROM {TABLES} {joined()} {WHERE}"


def shown(guest: Guest, operation_id: uuid.UUID) -> Shown:
    """An operation that this caller may see. Raises NothingThere."""
    row = one_row(f"{_select('o.state')} AND o.id = %(id)s", {**seen_by(guest), "id": operation_id})
    if row is None:
        raise NothingThere
    return Shown(row[0], f"/api/v1/operations/{operation_id}", row[1] not in OPEN_STATES)


class Operations(Endpoint):
    tag = "operations"
    scopes = {
        "GET": (
            *("vouchers:read", "vouchers:redeem", "loyalty:read", "loyalty:write"),
            *("reservations:read", "reservations:write"),
        )
    }
    told = {
        "GET": Told(
            "Operations with a reference of yours",
            "For an answer that was lost together with its Idempotency-Key. Newest first.",
            asks=OperationQuery,
            answers={200: AnyOperationRow},
            is_list=True,
        )
    }

    def get(self, request: Request) -> HttpResponse:
        wanted, guest = query(OperationQuery, request), guest_of(request)
        given = {**seen_by(guest), "ref": wanted["external_ref"]}
        select = f"{_select('o.created_at', 'o.id')} AND o.partner = %(partner)s AND o.external_ref = %(ref)s"
        if after := read_cursor(wanted.get("cursor"), "operations", uuid.UUID):
            select += " AND (o.created_at, o.id) < (%(at)s, %(after)s)"
            given |= {"at": after[0], "after": after[1]}
        return page(f"{select} ORDER BY o.created_at DESC, o.id DESC", given, wanted["limit"], "operations")


class OneOperation(Endpoint):
    tag = "operations"
    scopes = Operations.scopes
    told = {"GET": Told("One operation, live", answers={200: AnyOperationRow}, problems=(404,))}

    def get(self, request: Request, operation_id: uuid.UUID) -> HttpResponse:
        return as_json(shown(guest_of(request), operation_id).body)


class Runs(Endpoint):
    tag = "sync"
    scopes = {"GET": ("sync:read",)}
    told = {
        "GET": Told(
            "How our copies of the providers’ data were last read",
            "Newest first. `green` is proven complete; of `amber` and `red` the reasons say why not.",
            asks=RunQuery,
            answers={200: RunRow},
            is_list=True,
            problems=(404,),
        )
    }

    def get(self, request: Request) -> HttpResponse:
        wanted, guest = query(RunQuery, request), guest_of(request)
        if wanted.get("branch") and wanted["branch"] not in guest.branches:
            raise NothingThere
        given: dict[str, Any] = {"branches": [wanted["branch"]] if wanted.get("branch") else sorted(guest.branches)}
        select = RUNS
        if after := read_cursor(wanted.get("cursor"), "runs"):
            select += " AND (r.began_at, r.id) < (%(at)s, %(after)s)"
            given |= {"at": after[0], "after": after[1]}
        return page(f"{select} ORDER BY r.began_at DESC, r.id DESC", given, wanted["limit"], "runs")
