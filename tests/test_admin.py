"""The administration: who gets in, what it shows of secrets (nothing), what can be written (little), what is kept (all)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from axes.models import AccessFailureLog, AccessLog
from cryptography.fernet import Fernet
from django.contrib import admin as django_admin
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from branches.models import Branch, Change, Membership, User
from branches.roles import Role
from providers.accounts import set_secrets
from providers.models import Account, AccountHealth, BranchAccount, Call, Discrepancy, Evidence, Operation, Transition
from providers.models.accounts import NEXT
from providers.sandbox.running import RunningSandbox
from tests.conftest import LOGIN, Hire
from tests.scene import CODE, OTHER_CODE, SLUG, Desk, finish, in_thread
from tests.signed_in import sign_in
from vouchers.models import Case, Redemption, Voucher, code_hash

PASSWORD = "a-long-password-2026"
CANARY = "canary-Ghadir-5520"
READ_ONLY = [Call, Operation, Discrepancy, Voucher, Redemption, Case, Change, AccessLog, AccessFailureLog]


@pytest.fixture
def office(admin: User) -> Client:
    """The administrator of Olaya, signed in, in English."""
    admin.language = "en"
    admin.save()
    client = Client()
    sign_in(client, admin)
    return client


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


# The door -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.ADMIN])
def test_only_technical_administrators_get_in(hire: Hire, olaya: Branch, role: str) -> None:
    client = Client()
    sign_in(client, hire("somebody", role, olaya))
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403


def test_strangers_are_led_to_our_own_sign_in_and_back(admin: User, olaya: Branch) -> None:
    admin.set_password(PASSWORD)
    admin.save()
    client = Client()
    response = client.get(reverse("admin:providers_account_changelist"), follow=True)
    (address, _status), door = response.redirect_chain[-1], response
    assert address.startswith(reverse("account_login")) and door.context["redirect_field_value"].endswith("/account/")
    response = client.post(address, {"login": "admin", "password": PASSWORD, "next": "/admin/providers/account/"})
    assert response["Location"] == "/admin/providers/account/"


def test_djangos_own_sign_in_takes_no_password(admin: User) -> None:
    admin.set_password(PASSWORD)
    admin.save()
    client = Client()
    response = client.post(reverse("admin:login"), {"username": "admin", "password": PASSWORD})
    assert response.status_code == 302 and response["Location"].startswith(reverse("account_login"))
    assert "_auth_user_id" not in client.session


def test_somebody_whose_role_goes_is_out_at_the_next_request(office: Client, admin: User) -> None:
    membership = Membership.objects.get(user=admin)
    other = Client()
    sign_in(other, admin)
    assert other.get(reverse("admin:index")).status_code == 200
    office.post(reverse("admin:branches_membership_delete", args=[membership.pk]), {"post": "yes"})
    assert not Membership.objects.filter(pk=membership.pk).exists()
    assert other.get(reverse("admin:index"), follow=True).status_code == 403


def test_sign_ins_and_those_that_failed_are_shown_and_kept(office: Client, hire: Hire, olaya: Branch) -> None:
    hire("reem", Role.RECEPTIONIST, olaya, password=PASSWORD)
    client = Client()
    for password in ("wrong-" + CANARY, PASSWORD):
        client.post(reverse("account_login"), {"login": "reem", "password": password})
    assert "reem" in page(office, "axes_accesslog_changelist")
    failed = page(office, "axes_accessfailurelog_changelist")
    assert "reem" in failed and CANARY not in failed


# What is there, and what cannot be done -------------------------------------------------------------------------------


def test_groups_and_sign_up_addresses_do_not_clutter_it(office: Client) -> None:
    labels = {model._meta.label for model in django_admin.site._registry}
    assert not labels & {"auth.Group", "account.EmailAddress"}
    shown = page(office, "index")
    assert reverse("admin:branches_change_changelist") in shown and reverse("desk:home") in shown


@pytest.mark.parametrize("model", READ_ONLY)
def test_journals_and_mirrors_cannot_be_written(office: Client, desk: Desk, model: Any) -> None:
    finish(desk.redeem())
    label = f"{model._meta.app_label}_{model._meta.model_name}"
    assert office.get(reverse(f"admin:{label}_add")).status_code == 403
    row = model.objects.first()
    if row is None or model is Change:
        return
    for action in ("change", "delete"):
        response = office.post(reverse(f"admin:{label}_{action}", args=[row.pk]), {"post": "yes", "state": "refused"})
        assert response.status_code in (403, 302), (model, action, response.status_code)
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("name", ["branches_user", "branches_branch", "providers_account"])
def test_what_the_ledger_names_is_switched_off_and_not_deleted(office: Client, account: Account, name: str) -> None:
    row = {"branches_user": User, "branches_branch": Branch, "providers_account": Account}[name].objects.first()
    assert office.post(reverse(f"admin:{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    row.refresh_from_db()


def test_evidence_of_a_branch_is_for_those_who_may_see_it_there(
    office: Client, other_desk: Desk, nakheel: Branch, admin: User
) -> None:
    operation = finish(other_desk.redeem())
    redemption = Redemption.objects.get()
    assert operation.reference not in page(office, "vouchers_redemption_changelist")
    address = reverse("admin:vouchers_redemption_change", args=[redemption.pk])
    assert office.get(address, follow=True).status_code == 200  # sent back to the index with a message
    assert operation.reference not in office.get(address, follow=True).content.decode()
    Membership.objects.create(user=admin, branch=nakheel, role=Role.ADMIN)
    assert operation.reference in page(office, "vouchers_redemption_changelist")


# Staff ----------------------------------------------------------------------------------------------------------------


def test_a_new_person_gets_a_password_and_a_role_on_one_page(office: Client, olaya: Branch) -> None:
    form = fields_of(office, "branches_user_add") | {
        "username": "newcomer",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-branch": str(olaya.pk),
        "memberships-0-role": "admin",
    }
    response = office.post(reverse("admin:branches_user_add"), form)
    assert response.status_code == 302, response.context["errors"]
    user = User.objects.get(username="newcomer")
    assert user.check_password(PASSWORD) and user.is_staff, "the right follows the role"


@pytest.mark.parametrize("password", ["short", "password1234", ""])
def test_a_weak_password_is_refused(office: Client, password: str) -> None:
    form = fields_of(office, "branches_user_add") | {
        "username": "newcomer",
        "password1": password,
        "password2": password,
    }
    assert office.post(reverse("admin:branches_user_add"), form).status_code == 200
    assert not User.objects.filter(username="newcomer").exists()


def test_an_administrator_sets_a_password_and_never_sees_one(office: Client, reem: User) -> None:
    reem.set_password(CANARY + "-before")
    reem.save()
    shown = page(office, "branches_user_change", reem.pk)
    parts = [part for part in reem.password.split("$")[2:] if len(part) > 6]
    assert parts and not any(part[:6] in shown for part in parts), "not even a part of the hash"
    office.post(
        reverse("admin:auth_user_password_change", args=[reem.pk]), {"password1": PASSWORD, "password2": PASSWORD}
    )
    reem.refresh_from_db()
    assert reem.check_password(PASSWORD)
    assert Change.objects.filter(pgh_obj_model="branches.User", pgh_label="password").exists()


def test_nobody_switches_themselves_off(office: Client, admin: User) -> None:
    form = fields_of(office, "branches_user_change", admin.pk)
    form.pop("is_active", None)
    office.post(reverse("admin:branches_user_change", args=[admin.pk]), form)
    admin.refresh_from_db()
    assert admin.is_active


def test_rights_cannot_be_posted_past_the_form(office: Client, reem: User) -> None:
    form = fields_of(office, "branches_user_change", reem.pk)
    office.post(
        reverse("admin:branches_user_change", args=[reem.pk]),
        form | {"is_staff": "on", "is_superuser": "on", "user_permissions": "1", "groups": "1"},
    )
    reem.refresh_from_db()
    assert not reem.is_staff and not reem.is_superuser


def test_the_history_says_who_what_when_from_where_before_and_after(office: Client, admin: User, reem: User) -> None:
    form = fields_of(office, "branches_user_change", reem.pk) | {"memberships-0-role": "manager"}
    office.post(reverse("admin:branches_user_change", args=[reem.pk]), form, REMOTE_ADDR="10.1.2.3")
    shown = page(office, "branches_user_history", reem.pk)
    row = next(
        row
        for row in re.findall(r"<tr>.*?</tr>", shown, re.DOTALL)
        if "Receptionist" in row and "Branch manager" in row
    )
    assert str(admin) in row and "10.1.2.3" in row and reverse("admin:branches_user_change", args=[reem.pk]) in row


# Branches -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("timezone", "Mars/Phobos"),
        ("country", "XX"),
        ("name_ar", ""),
        ("two_person_limit", "much"),
        ("day_ends_at", "26:00"),
    ],
)
def test_a_branch_takes_no_value_that_cannot_be(office: Client, olaya: Branch, field: str, wrong: str) -> None:
    form = fields_of(office, "branches_branch_change", olaya.pk) | {field: wrong}
    response = office.post(reverse("admin:branches_branch_change", args=[olaya.pk]), form)
    assert response.status_code == 200 and response.context["adminform"].form.errors[field]
    before = olaya.__dict__[field]
    olaya.refresh_from_db()
    assert olaya.__dict__[field] == before


# Accounts -------------------------------------------------------------------------------------------------------------


def test_stored_secrets_are_never_rendered(office: Client, account: Account) -> None:
    set_secrets(account, {"email": f"{CANARY}@example.com", "password": CANARY}, slot=NEXT, now=timezone.now())
    pages = [page(office, "providers_account_change", account.pk), page(office, "providers_account_changelist")]
    pages.append(page(office, "providers_account_history", account.pk))
    for shown in pages:
        assert CANARY not in shown and LOGIN["password"] not in shown and LOGIN["email"] not in shown
        assert "Set on" in shown or shown is pages[2]


def test_secrets_typed_into_a_form_with_a_mistake_are_not_rendered_either(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk)
    wrong = form | {"current_password": CANARY, "next_email": CANARY, "base_url": "https://evil.example"}
    response = office.post(reverse("admin:providers_account_change", args=[account.pk]), wrong)
    assert response.status_code == 200
    assert set(response.context["adminform"].form.errors) == {"base_url", "current_email", "next_password"}
    assert CANARY not in response.content.decode()
    account.refresh_from_db()
    assert account.secrets() == LOGIN and not account.sealed_next


def test_new_secrets_replace_the_whole_slot_and_hidden_marks_are_told(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk)
    login = {"current_email": LOGIN["email"], "current_password": f"\u200f{CANARY}"}
    response = office.post(reverse("admin:providers_account_change", args=[account.pk]), form | login)
    assert response.status_code == 302
    assert "U+200F" in told(response) and CANARY not in told(response)
    account.refresh_from_db()
    assert account.secrets() == {"email": LOGIN["email"], "password": CANARY}
    assert CANARY not in str(list(Change.objects.values_list("pgh_data", "pgh_diff", "pgh_context")))


def test_leaving_the_secrets_empty_keeps_them(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {"label": "Another label"}
    assert office.post(reverse("admin:providers_account_change", args=[account.pk]), form).status_code == 302
    account.refresh_from_db()
    assert account.secrets() == LOGIN and account.label == "Another label"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/api",
        "http://169.254.169.254/",
        "file:///etc/passwd",
        "http://user:pw@127.0.0.1/",
        "x" * 300,
        "",
    ],
)
def test_an_account_points_only_where_its_provider_is(office: Client, account: Account, url: str) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {"base_url": url}
    response = office.post(reverse("admin:providers_account_change", args=[account.pk]), form)
    assert response.status_code == 200 and response.context["adminform"].form.errors["base_url"]
    before = account.base_url
    account.refresh_from_db()
    assert account.base_url == before


@pytest.mark.parametrize("place", ["[]", "5", '"x"', "{", "null"])
def test_a_place_is_a_json_object(office: Client, account: Account, place: str) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {"places-0-place": place}
    office.post(reverse("admin:providers_account_change", args=[account.pk]), form)
    assert BranchAccount.objects.get().place == {}


def test_a_setting_that_cannot_be_is_refused(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {
        "setting_token_path": "https://elsewhere.example/"
    }
    assert office.post(reverse("admin:providers_account_change", args=[account.pk]), form).status_code == 200
    account.refresh_from_db()
    assert account.settings == {}


def test_a_new_account_is_asked_for_its_login_next(office: Client, olaya: Branch, twin: RunningSandbox) -> None:
    form = fields_of(office, "providers_account_add") | {
        "provider": SLUG,
        "environment": "sandbox",
        "label": "New",
        "base_url": twin.base_url(SLUG),
        "is_active": "on",
        "places-TOTAL_FORMS": "1",
        "places-0-branch": str(olaya.pk),
        "places-0-place": "",
    }
    response = office.post(reverse("admin:providers_account_add"), form, follow=True)
    account = Account.objects.get(label="New")
    assert response.redirect_chain[-1][0] == reverse("admin:providers_account_change", args=[account.pk])
    shown = response.content.decode()
    assert "Not set" in shown and 'name="current_password"' in shown
    assert "Enter the login first" in told(office.post(reverse("admin:providers_account_test", args=[account.pk])))


def test_saving_a_label_does_not_undo_a_rotation_of_the_secrets(office: Client, account: Account) -> None:
    form = fields_of(office, "providers_account_change", account.pk) | {"label": "Another label"}
    set_secrets(account, {"email": "new@example.com", "password": CANARY}, now=timezone.now())  # while the page is open
    office.post(reverse("admin:providers_account_change", args=[account.pk]), form)
    account.refresh_from_db()
    assert account.label == "Another label" and account.secrets()["password"] == CANARY


def test_a_login_whose_key_is_lost_is_said_to_be_so_on_every_page(
    office: Client, account: Account, settings: Any
) -> None:
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    assert "FIELD_KEYS" in told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    form = fields_of(office, "providers_account_change", account.pk)
    login = {"current_email": LOGIN["email"], "current_password": CANARY}
    response = office.post(reverse("admin:providers_account_change", args=[account.pk]), form | login)
    assert response.status_code == 200 and "FIELD_KEYS" in response.content.decode()


# Testing a login ------------------------------------------------------------------------------------------------------


def test_the_button_tells_that_the_login_works_and_as_whom(office: Client, account: Account) -> None:
    said = told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    assert "The login works" in said and "centeradmintesting" in said
    assert AccountHealth.objects.get().last_good_at
    assert "Works" in page(office, "providers_account_change", account.pk)


def test_a_refused_login_is_told_in_our_own_words(office: Client, account: Account) -> None:
    set_secrets(account, {"email": LOGIN["email"], "password": CANARY}, now=timezone.now())
    said = told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    assert "The provider refused this login." in said and CANARY not in said
    shown = page(office, "providers_account_change", account.pk)
    assert "Stopped: no new redemptions until" in shown and "The provider refused this login." in shown


def test_a_provider_that_is_down_is_told_in_our_own_words(
    office: Client, account: Account, twin: RunningSandbox
) -> None:
    twin.control.down(SLUG)
    try:
        assert "Nobody answers" in told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    finally:
        twin.control.down(SLUG, down=False)


@pytest.mark.parametrize(
    "fault", ["garbage", "empty", "redirect", "html_login", "truncated", "bad_utf8", "null_data", "huge", "refuse"]
)
def test_every_answer_of_a_broken_provider_becomes_a_sentence(
    office: Client, account: Account, twin: RunningSandbox, fault: str
) -> None:
    twin.control.fault(fault, endpoint="login")
    said = told(office.post(reverse("admin:providers_account_test", args=[account.pk])))
    assert said.endswith(".") and "_" not in said


def test_a_test_is_a_post(office: Client, account: Account) -> None:
    office.get(reverse("admin:providers_account_test", args=[account.pk]))
    assert not Call.objects.exists()
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = office.cookies
    assert strict.post(reverse("admin:providers_account_test", args=[account.pk])).status_code == 403
    assert not Call.objects.exists()


# Redemptions ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def redeemed(desk: Desk) -> Redemption:
    finish(desk.redeem())
    return Redemption.objects.select_related("operation__actor").get()


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
