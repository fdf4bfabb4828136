"""Vouchers for partners: verify, redeem, and what became of it. Over the same services as the pages."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.once import Shown, once
from branches.api.pages import as_json, page, read_cursor
from branches.api.reading import body, branch_for, query
from branches.roles import Permission
from providers.standing import status_given, with_status
from vouchers.api.forms import RedeemForm, RedemptionQuery, RedemptionRow
from vouchers.api.redeem import redeem
from vouchers.api.rows import listed, seen_by, shown
from vouchers.api.verify import Verify

__all__ = ["OneRedemption", "Redemptions", "Verify"]
READ = ("vouchers:read", "vouchers:redeem")


class Redemptions(Endpoint):
    tag = "vouchers"
    scopes = {"GET": READ, "POST": ("vouchers:redeem",)}
    told = {
        "GET": Told(
            "Redemptions, newest first; with changed_since, as they changed",
            "Of your branches what staff did and what you did. To keep a copy, ask again with `changed_since` a minute before "
            "the greatest `updated_at` that you have: what was being committed then would be missed otherwise. Some rows come "
            "twice; the same `id` with the same `updated_at` is the same row.",
            asks=RedemptionQuery,
            answers={200: RedemptionRow},
            is_list=True,
        ),
        "POST": Told(
            "Redeem vouchers of one customer in one sale",
            "201 once it is proven, 202 while nobody knows: look at Location until `status` says more.",
            asks=RedeemForm,
            answers={201: RedemptionRow},
            is_effect=True,
            example={
                "branch": "olaya",
                "provider": "alreaaiaa",
                "codes": ["VCL6C5944NO4058"],
                "services_total": "600.00",
                "paid": "400.00",
                "currency": "SAR",
                "external_ref": "bill-1042",
            },
        ),
    }

    def get(self, request: Request) -> HttpResponse:
        wanted, guest = query(RedemptionQuery, request), guest_of(request)
        status = wanted.get("status", "")
        where, given = with_status(status), seen_by(guest) | status_given(status)
        if wanted.get("external_ref"):
            where += " AND o.partner = %(partner)s AND o.external_ref = %(ref)s"
            given["ref"] = wanted["external_ref"]
        return _page(where, given, wanted)

    def post(self, request: Request) -> HttpResponse:
        wanted, guest = body(RedeemForm, request), guest_of(request)
        branch = branch_for(request, wanted["branch"], Permission.REDEEM)

        def as_it_stands(operation_id: uuid.UUID) -> Shown:
            return shown(guest, "o.id", operation_id)

        return once(request, lambda also: redeem(guest, branch, wanted, also), as_it_stands)


def _page(where: str, given: dict[str, Any], wanted: dict[str, Any]) -> HttpResponse:
    """Two orders, each with its own cursors."""
    since = wanted.get("changed_since")
    kind, column, sign, way = ("changes", "changed_at", ">", "") if since else ("newest", "created_at", "<", " DESC")
    if since:
        where += " AND o.changed_at >= %(since)s"
        given["since"] = since
    if after := read_cursor(wanted.get("cursor"), f"redemptions.{kind}", uuid.UUID):
        where += f" AND (o.{column}, o.id) {sign} (%(at)s, %(after)s)"
        given |= {"at": after[0], "after": after[1]}
    return page(listed(column, way, where), given, wanted["limit"], f"redemptions.{kind}")


class OneRedemption(Endpoint):
    tag = "vouchers"
    scopes = {"GET": READ}
    told = {"GET": Told("One redemption, live", answers={200: RedemptionRow}, problems=(404,))}

    def get(self, request: Request, redemption_id: uuid.UUID) -> HttpResponse:
        return as_json(shown(guest_of(request), "r.id", redemption_id).body)
