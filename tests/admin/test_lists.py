"""Every list and every page of the administration, in every language, in few questions."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.contrib import admin as django_admin
from django.test import Client
from django.utils import timezone

from branches.models import Branch, Change, User
from branches.roles import Role
from providers.models import Call, Discrepancy
from tests.admin.office import page
from tests.conftest import Hire
from tests.scene import CODE, OTHER_CODE, SLUG, Desk, finish, in_thread
from tests.signed_in import sign_in
from vouchers.models import Redemption

# Lists ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("providers_call_changelist", {"provider": SLUG, "answer": "2", "within": "hour"}),
        ("providers_call_changelist", {"answer": "none"}),
        ("providers_call_changelist", {"account": "nonsense"}),
        ("providers_operation_changelist", {"state__exact": "succeeded", "provider": SLUG, "at": "olaya"}),
        ("providers_operation_changelist", {"within": "' OR 1=1"}),
        ("providers_discrepancy_changelist", {"at": "nowhere"}),
        ("vouchers_redemption_changelist", {"code": "not a hash"}),
        ("branches_change_changelist", {"kind": "branches.Branch", "deed": "insert"}),
        ("branches_change_changelist", {"about": "branches.User:nonsense"}),
        ("branches_change_changelist", {"about": "x" * 5000}),
        ("branches_change_changelist", {"kind": "\u202e", "deed": "%"}),
    ],
)
def test_lists_can_be_narrowed_and_nonsense_breaks_none(
    office: Client, redeemed: Redemption, name: str, query: dict[str, str]
) -> None:
    page(office, name, **query)


def test_calls_are_narrowed_by_time(office: Client, redeemed: Redemption) -> None:
    Call.objects.update(at=timezone.now() - dt.timedelta(days=2))
    assert "findClientCenterVouchers" not in page(office, "providers_call_changelist", within="day")
    assert "findClientCenterVouchers" in page(office, "providers_call_changelist", within="week")


def test_a_list_asks_the_database_a_bounded_number_of_questions(
    office: Client, desk: Desk, django_assert_max_num_queries: Any
) -> None:
    for code in (CODE, OTHER_CODE):
        finish(desk.redeem(code))
    for name in (
        "vouchers_redemption",
        "providers_operation",
        "providers_call",
        "vouchers_voucher",
        "providers_account",
    ):
        with django_assert_max_num_queries(32):
            page(office, f"{name}_changelist")


def test_two_administrators_work_at_once_in_their_own_languages(office: Client, hire: Hire, olaya: Branch) -> None:
    other = hire("french", Role.ADMIN, olaya)
    User.objects.filter(pk=other.pk).update(language="fr")
    client = Client()
    sign_in(client, other)
    done: list[Any] = []
    thread = in_thread(lambda: page(client, "index"), done)
    assert 'lang="en"' in page(office, "index")
    thread.join()
    assert 'lang="fr"' in done[0]


# Every page, in every language ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("en", "ltr"), ("fr", "ltr")])
def test_every_page_opens_in_every_language_without_inline_code(
    office: Client, admin: User, redeemed: Redemption, language: str, direction: str
) -> None:
    Discrepancy.objects.create(
        account=redeemed.operation.account,
        branch=redeemed.operation.branch,
        kind="contract",
        facts={},
        at=timezone.now(),
    )
    User.objects.filter(pk=admin.pk).update(language=language)
    for model, model_admin in django_admin.site._registry.items():
        label = f"{model._meta.app_label}_{model._meta.model_name}"
        row = model_admin.get_queryset(office.get("/admin/").wsgi_request).first()
        pages = [page(office, f"{label}_changelist")]
        if row is not None and model is not Change:
            pages.append(page(office, f"{label}_change", row.pk))
        for shown in pages:
            assert f'dir="{direction}"' in shown
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", shown), label
