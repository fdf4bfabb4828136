"""What the audit holds stays as it was written, and is no secret."""

from __future__ import annotations

import uuid

import pghistory.models
import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from branches.models import Branch, Membership, User
from loyalty.models import Limit, OwedExport
from partners.keys import issue_key
from partners.receivers import make_receiver
from providers.accounts import set_secrets
from providers.models import Account
from tests.web.phone import enrol, paper_of
from tests.web.test_audit import NEXT, SECRET
from tests.web.world import PASSWORD, World
from vouchers.models import Case, LedgerExport, PointsRate

EVENTS = [model for model in apps.get_models() if issubclass(model, pghistory.models.Event)]
EVENTS = [model for model in EVENTS if model._meta.managed and not model._meta.proxy]


def test_every_table_that_matters_is_watched() -> None:
    tracked = {event.pgh_tracked_model for event in EVENTS}
    assert {Branch, Membership, User, Account, Case, PointsRate, Limit} <= tracked


@pytest.mark.parametrize("event", EVENTS, ids=lambda model: model.__name__)
@pytest.mark.parametrize("change", ["UPDATE {} SET pgh_label = 'forged'", "DELETE FROM {}"], ids=["update", "delete"])
def test_an_event_cannot_be_changed_or_removed(world: World, event: type[models.Model], change: str) -> None:
    Authenticator.objects.create(user=world.people["manager"], type=Authenticator.Type.TOTP, data={})
    world.ours.case()
    Limit.objects.create(branch=world.ours.branch, role="receptionist", alone=10, a_day=20)
    LedgerExport.objects.create(
        by=world.people["manager"], at=timezone.now(), format="csv", filter={}, rows=1, cut=False
    )
    OwedExport.objects.create(by=world.people["manager"], at=timezone.now(), format="csv", filter={}, rows=1)
    of_partners(world)
    rows = event._default_manager.count()
    assert rows
    with (
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change.format(event._meta.db_table))
    assert event._default_manager.exclude(pgh_label="forged").count() == rows


def of_partners(world: World) -> None:
    """A partner with a key and a webhook, and the points that it may move."""
    now = timezone.now()
    key, _secret = issue_key("shop", branches=[world.ours.branch], scopes=["all"], now=now)
    make_receiver(key.partner, "http://127.0.0.1:9/hooks", now=now)
    Limit.objects.create(branch=world.ours.branch, role="", alone=10, a_day=20)


def test_no_secret_is_in_any_event(world: World) -> None:
    account, person = world.ours.account, world.people["manager"]
    set_secrets(account, {"email": "desk@example.com", "password": SECRET}, now=timezone.now())
    set_secrets(account, {"email": "desk@example.com", "password": NEXT}, slot="next", now=timezone.now())
    client, new = world.client("manager"), f"canary-{uuid.uuid4()}"
    client.post("/accounts/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    phone = enrol(client)
    paper = paper_of(client)
    person.refresh_from_db()
    account.refresh_from_db()
    sealed = [bytes(account.sealed_current).decode(), bytes(account.sealed_next).decode()]
    said = all_that_is_said()
    assert str(account.pk) in said
    for secret in (
        SECRET,
        NEXT,
        PASSWORD,
        new,
        person.password,
        "not-shown",
        phone.secret,
        *paper,
        *(str(value) for row in Authenticator.objects.all() for value in row.data.values() if isinstance(value, str)),
        *sealed,
        *(text.encode().hex() for text in sealed),
    ):
        assert secret not in said


def all_that_is_said() -> str:
    tables = [event._meta.db_table for event in EVENTS] + ["pghistory_context"]
    with connection.cursor() as cursor:
        found = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            found += [row[0] for row in cursor.fetchall()]
    return "\n".join(found)
