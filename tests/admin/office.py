"""The administration, as its pages are read by tests."""

from __future__ import annotations

from typing import Any

from axes.models import AccessFailureLog, AccessLog
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from branches.models import Change
from providers.models import Call, Discrepancy, Operation
from vouchers.models import Case, Redemption, Voucher

PASSWORD = "a-long-password-2026"
CANARY = "canary-Ghadir-5520"
READ_ONLY = [Call, Operation, Discrepancy, Voucher, Redemption, Case, Change, AccessLog, AccessFailureLog]


def page(client: Client, name: str, *args: Any, **query: str) -> str:
    response = client.get(reverse(f"admin:{name}", args=args), query, follow=True)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def told(response: Any) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def fields_of(client: Client, name: str, *args: Any) -> dict[str, str]:
    """What the form would send if nothing was changed."""
    response = client.get(reverse(f"admin:{name}", args=args))
    form = response.context["adminform"].form
    found = {field.html_name: field.value() for field in form}
    for formset in response.context["inline_admin_formsets"]:
        for inner in [formset.formset.management_form, *formset.formset.forms]:
            found |= {field.html_name: field.value() for field in inner}
    given = {name: value for name, value in found.items() if value is not None and value is not False}
    return {name: "on" if value is True else str(value) for name, value in given.items()}
