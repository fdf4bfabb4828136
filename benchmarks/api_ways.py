"""The other ways of answering the same hundred rows with the same fields, for the race in api.py. Django is set up before it is
imported."""

from __future__ import annotations

import datetime as dt
import sys
import types
from typing import Any

import msgspec
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import path
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.views import APIView

from providers.models import Account
from reservations.models import Reservation

PAGE = 100


def here() -> QuerySet[Reservation]:
    """By account, as whoever writes such a list for a branch would ask: there is an index for it, as for ours."""
    return Reservation.objects.filter(account=Account.objects.get(provider="rekaz").pk, gone_at__isnull=True)


def masked(name: str) -> str:
    return " ".join(word[:1] + "•••" for word in name.split())


class Row(serializers.ModelSerializer[Reservation]):
    provider = serializers.CharField(source="account.provider")
    as_of = serializers.DateTimeField(source="seen_at")
    customer_external_id = serializers.CharField(source="customer_id")
    customer_name = serializers.SerializerMethodField()
    customer_phone = serializers.SerializerMethodField()
    product = serializers.CharField(source="product_name")
    price = serializers.CharField(source="price_name")
    currency = serializers.SerializerMethodField()
    gone = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField(source="seen_at")

    class Meta:
        model = Reservation
        fields = (
            *("id", "external_id", "provider", "as_of", "number", "status", "starts_at", "ends_at"),
            *("customer_external_id", "customer_name", "customer_phone", "product", "price", "quantity"),
            *("practitioners", "total", "remaining", "currency", "payment_status", "gone", "updated_at"),
        )

    def get_customer_name(self, row: Reservation) -> str:
        return masked(row.customer_name)

    def get_customer_phone(self, row: Reservation) -> str:
        return f"{row.customer_phone[:4]} ••• ••{row.customer_phone[-2:]}"

    def get_currency(self, row: Reservation) -> str:
        return "SAR"

    def get_gone(self, row: Reservation) -> bool:
        return row.gone_at is not None


class Numbered(PageNumberPagination):
    page_size = PAGE


class ByCursor(CursorPagination):
    page_size, ordering = PAGE, ("-starts_at", "-id")


class Stock(ListAPIView[Reservation]):
    scopes = {"GET": ()}
    serializer_class, pagination_class = Row, Numbered

    def get_queryset(self) -> QuerySet[Reservation]:
        return here().select_related("account").order_by("-starts_at", "-id")


class Keyset(Stock):
    pagination_class = ByCursor


class Values(APIView):
    scopes = {"GET": ()}
    names = (
        *(
            "id",
            "external_id",
            "account__provider",
            "seen_at",
            "number",
            "status",
            "starts_at",
            "ends_at",
            "customer_id",
        ),
        *("customer_name", "customer_phone", "product_name", "price_name", "quantity", "practitioners", "total"),
        *("remaining", "payment_status", "gone_at"),
    )

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = here().order_by("-starts_at", "-id")
        if at := request.GET.get("at"):
            moment = dt.datetime.fromisoformat(at)
            rows = rows.filter(Q(starts_at__lt=moment) | Q(starts_at=moment, id__lt=int(request.GET["id"])))
        items = list(rows.values(*self.names)[:PAGE])
        for item in items:
            item["customer_name"] = masked(item["customer_name"])
            item["customer_phone"] = f"{item['customer_phone'][:4]} ••• ••{item['customer_phone'][-2:]}"
        return HttpResponse(msgspec.json.encode({"items": items}), content_type="application/json")


def add_urls() -> None:
    from config.urls import urlpatterns

    own: Any = types.ModuleType("race_urls")
    ways = {"stock": Stock, "keyset": Keyset, "values": Values}
    beside = [path(f"api/race/{name}", view.as_view()) for name, view in ways.items()]
    own.urlpatterns = [*beside, *urlpatterns]
    sys.modules["race_urls"] = own
    settings.ROOT_URLCONF = "race_urls"
