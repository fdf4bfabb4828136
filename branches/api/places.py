"""The branches at which a key holds."""

from __future__ import annotations

import json

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from branches.api.endpoint import Endpoint, Told, guest_of
from branches.api.pages import as_json
from branches.api.reading import Strict, query
from branches.models import Branch


class BranchRow(serializers.Serializer[Branch]):
    code = serializers.CharField()
    name = serializers.CharField(help_text="in the language of Accept-Language")
    country = serializers.CharField()
    timezone = serializers.CharField(help_text="IANA name; days of this branch begin and end there")
    currency = serializers.CharField()


class NoQuery(Strict):
    """Nothing may be asked for."""


class Branches(Endpoint):
    tag = "branches"
    scopes = {"GET": ()}
    told = {
        "GET": Told(
            "The branches of this key",
            "All of them: a key holds at a few branches, so there is no further page.",
            answers={200: BranchRow},
            is_list=True,
        )
    }

    def get(self, request: Request) -> HttpResponse:
        query(NoQuery, request)
        rows = Branch.objects.filter(is_active=True, code__in=guest_of(request).branches)
        return as_json(json.dumps({"items": [BranchRow(row).data for row in rows], "next_cursor": None}))
