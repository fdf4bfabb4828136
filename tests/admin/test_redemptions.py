"""Redemptions in the administration: found by everything but their code, shown with all their evidence."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import Membership, User
from branches.roles import Role
from providers.models import Call, Evidence, Transition
from tests.admin.office import page, told
from tests.conftest import LOGIN
from tests.scene import CODE, OTHER_CODE
from vouchers.models import Redemption, Voucher, code_hash


def lists(client: Client, **query: str) -> bool:
    shown = page(client, "vouchers_redemption_changelist", **query)
    return Redemption.objects.get().operation.reference in shown


def test_a_redemption_is_found_by_reference_last_four_person_and_colleague(
    office: Client, redeemed: Redemption
) -> None:
    reference = redeemed.operation.reference
    for wanted in (
        reference,
        reference.lower(),
        reference.replace("-", ""),
        CODE[-4:],
        redeemed.person_name[:5],
        "reem",
    ):
        assert lists(office, q=wanted), wanted
    for wanted in ("W-0000-0000", "0000", "nobody", "%", "_", "' OR 1=1 --", CODE[2:8]):
        assert not lists(office, q=wanted), wanted


def test_a_whole_code_is_posted_and_only_its_hash_is_in_the_address(office: Client, redeemed: Redemption) -> None:
    response = office.post(reverse("admin:vouchers_redemption_code"), {"code": f" {CODE.lower()} "})
    assert CODE not in response["Location"] and code_hash(CODE) in response["Location"]
    assert redeemed.operation.reference in office.get(response["Location"]).content.decode()
    other = office.post(reverse("admin:vouchers_redemption_code"), {"code": OTHER_CODE})["Location"]
    assert redeemed.operation.reference not in office.get(other).content.decode()


@pytest.mark.parametrize("code", ["", "nonsense!", "x" * 5000, "قسيمة"])
def test_what_is_no_code_finds_nothing_and_says_so(office: Client, redeemed: Redemption, code: str) -> None:
    response = office.post(reverse("admin:vouchers_redemption_code"), {"code": code})
    assert response.status_code == 302 and "no voucher code" in told(response)


def test_a_whole_code_in_the_search_box_is_turned_away(office: Client, redeemed: Redemption) -> None:
    for name in ("vouchers_redemption_changelist", "vouchers_voucher_changelist"):
        response = office.get(reverse(f"admin:{name}"), {"q": CODE})
        assert response.status_code == 302 and "q=" not in response["Location"]
        assert "box for codes" in told(response)


def test_it_shows_the_whole_evidence_and_no_code_secret_or_id(office: Client, redeemed: Redemption) -> None:
    for shown in (
        page(office, "vouchers_redemption_change", redeemed.pk),
        page(office, "providers_operation_change", redeemed.operation_id),
    ):
        assert "makeClientCenterVouchersUsed" in shown and "Send 1 committed" in shown and "order_id" in shown
        assert str(redeemed.operation.actor) in shown and "the chain of hashes holds" in shown
        assert CODE not in shown and LOGIN["password"] not in shown and "501234569" not in shown
    for call in Call.objects.all():
        shown = page(office, "providers_call_change", call.pk)
        assert CODE not in shown and LOGIN["password"] not in shown and "501234569" not in shown
    shown = page(office, "vouchers_voucher_change", Voucher.objects.get().pk)
    assert CODE not in shown and "501234569" not in shown and CODE[-4:] in shown


def test_a_step_changed_behind_our_back_shows(office: Client, redeemed: Redemption) -> None:
    import pgtrigger

    with pgtrigger.ignore("providers.Transition:keep_transitions"):
        Transition.objects.filter(operation=redeemed.operation, n=2).update(by="somebody else")
    assert "Step 2 is not as we wrote it" in page(office, "vouchers_redemption_change", redeemed.pk)
    with pgtrigger.ignore("providers.Transition:keep_transitions"):
        Transition.objects.filter(operation=redeemed.operation).delete()
    assert "Step 1 is not as we wrote it" in page(office, "vouchers_redemption_change", redeemed.pk)


def test_the_staff_page_is_linked_for_those_who_may_open_it(office: Client, redeemed: Redemption, admin: User) -> None:
    address = reverse("vouchers:redemption", args=[redeemed.pk])
    assert address not in page(office, "vouchers_redemption_change", redeemed.pk)
    Membership.objects.filter(user=admin).update(role=Role.MANAGER)
    User.objects.filter(pk=admin.pk).update(is_staff=True, is_superuser=True)
    assert address in page(office, "vouchers_redemption_change", redeemed.pk)


def test_what_a_provider_sends_is_shown_as_text(office: Client, redeemed: Redemption) -> None:
    attack = "<img src=x onerror=alert(1)>\u202e"
    Voucher.objects.update(holder_name=attack)
    Redemption.objects.update(person_name=attack)
    Evidence.objects.create(
        operation=redeemed.operation, source="late", verdict=attack[:24], facts={"detail": attack}, at=timezone.now()
    )
    for name, key in (
        ("vouchers_redemption_change", redeemed.pk),
        ("vouchers_voucher_change", Voucher.objects.get().pk),
        ("providers_operation_change", redeemed.operation_id),
    ):
        assert "<img src=x" not in page(office, name, key)
    assert "<img src=x" not in page(office, "vouchers_redemption_changelist")
