"""Redemptions as JSON, made by PostgreSQL. Whole codes, names and ID numbers are not even read."""

from __future__ import annotations

import uuid
from typing import Any

from branches.api.once import Shown
from branches.api.pages import one_row
from branches.api.refusals import NothingThere
from branches.guests import Guest
from branches.roles import Permission
from providers.models import OPEN_STATES
from providers.standing import FIELDS, IN_PART, TABLES, VISIBLE
from vouchers.effects import RESOURCE

CODE_STATUS = f"""CASE WHEN {IN_PART} THEN
        CASE WHEN o.outcome -> 'applied' ? ('{RESOURCE}' || l.code_hash) THEN 'used' ELSE 'not_used' END
    WHEN o.state IN ('succeeded', 'resolved_applied') THEN 'used'
    WHEN o.state IN ('refused', 'not_sent', 'not_applied', 'resolved_not_applied') THEN 'not_used' ELSE 'unknown' END"""
CODES = f"json_agg(json_build_object('last4', l.code_last4, 'status', {CODE_STATUS}) ORDER BY l.position)"
ROW = f"""json_build_object('id', r.id, 'operation', o.id, 'reference', o.reference, {FIELDS},
    'services_total', r.services_total::text, 'paid', r.client_pays::text, 'codes', lines.codes)::text"""
LINES = "FROM vouchers_redemptionline l WHERE l.redemption_id = r.id"
WHOLE = (
    f"JOIN vouchers_redemption r ON r.operation_id = o.id CROSS JOIN LATERAL (SELECT {CODES} AS codes {LINES}) lines"
)
ONE = f"FROM {TABLES} {WHOLE} WHERE {VISIBLE}"
HERE = "b.is_active AND b.code = ANY(%(branches)s)"
OPERATIONS = """FROM providers_operation o WHERE o.branch_id = b.id AND (o.partner IS NULL OR o.partner = %(partner)s)
    AND EXISTS (SELECT FROM vouchers_redemption x WHERE x.operation_id = o.id)"""


def listed(column: str, way: str, where: str) -> str:
    """Redemptions in the order of `o.<column>`. Each branch brings its first ones, in the order that its index has, and of
    those come the first: sorting all that there are would cost a second of a million. `where` is about `o`."""
    order = f"ORDER BY o.{column}{way}, o.id{way}"
    first = f"SELECT o.* {OPERATIONS} AND {where} {order} LIMIT %(most)s"
    source = f"FROM branches_branch b CROSS JOIN LATERAL ({first}) o JOIN providers_account a ON a.id = o.account_id"
    return f"SELECT {ROW}, o.{column}, o.id {source} {WHOLE} WHERE {HERE} {order}"


def seen_by(guest: Guest) -> dict[str, Any]:
    return {"branches": sorted(guest.branches_where(Permission.LEDGER)), "partner": guest.id}


def shown(guest: Guest, column: str, row_id: uuid.UUID) -> Shown:
    """One redemption that this caller may see, by `r.id` or `o.id`. Raises NothingThere."""
    row = one_row(f"SELECT {ROW}, r.id, o.state {ONE} AND {column} = %(id)s", {**seen_by(guest), "id": row_id})
    if row is None:
        raise NothingThere
    return Shown(row[0], f"/api/v1/redemptions/{row[1]}", row[2] not in OPEN_STATES)
