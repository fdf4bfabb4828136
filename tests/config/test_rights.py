"""What PostgreSQL refuses the application's own role, asked by a connection of that role; and that the product works as it."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from branches.models import User
from config import rights
from config.owner import as_owner
from providers.checks import application_owns_nothing
from providers.models import Call, Evidence, Operation
from providers.operations import decide, hand_over
from tests.scene import OTHER_CODE, Desk, finish, turn
from tests.terminal import typed
from vouchers import services

pytestmark = [
    pytest.mark.skipif("DATABASE_OWNER_URL" not in os.environ, reason="one role does everything here"),
    pytest.mark.django_db(transaction=True),
]
APPEND_ONLY = {
    *("providers_transition", "providers_evidence", "providers_attempt", "providers_decision", "providers_restoration"),
    *(
        "vouchers_dayclose",
        "vouchers_ledgerexport",
        "vouchers_ledgerexportevent",
        "vouchers_pointsrate",
        "vouchers_pointsrateevent",
    ),
    *("branches_userevent", "branches_branchevent", "branches_membershipevent", "branches_factorevent"),
    *("providers_accountevent", "providers_branchaccountevent"),
    *("partners_partnerevent", "partners_keyevent", "partners_receiverevent", "loyalty_limitevent"),
    *("loyalty_owedexport", "loyalty_owedexportevent"),
    *("vouchers_caseevent", "vouchers_caseline", "vouchers_contraline", "vouchers_casechange"),
}
NEVER_DELETED = {
    *("providers_operation", "providers_claim", "providers_discrepancy"),
    *("vouchers_redemption", "vouchers_redemptionline", "vouchers_case", "reservations_act"),
    *("loyalty_act", "loyalty_proposal"),
}


@pytest.fixture
def app() -> Iterator[psycopg.Connection]:
    """A connection of the role as which web, workers and beat run."""
    place = connection.settings_dict
    names = {"host": place["HOST"], "port": place["PORT"] or None, "dbname": place["NAME"]}
    with psycopg.connect(user=settings.APP_ROLE, autocommit=True, **names) as link:
        yield link


@pytest.fixture
def as_app() -> Iterator[None]:
    """The product itself as that role, in this process."""
    mine = connection.settings_dict
    owner = mine["USER"]
    connection.close()
    mine["USER"] = settings.APP_ROLE
    yield
    connection.close()
    mine["USER"] = owner


def refused(app: psycopg.Connection, order: str) -> bool:
    """By PostgreSQL for want of a right, before any trigger of ours is asked."""
    try:
        app.execute(order)
    except psycopg.errors.InsufficientPrivilege:
        return True
    return False


def test_the_models_say_which_tables_only_grow() -> None:
    found = rights.refused()
    assert {table for table, words in found.items() if words == {"UPDATE", "DELETE"}} == APPEND_ONLY
    assert {table for table, words in found.items() if words == {"DELETE"}} == NEVER_DELETED


def test_every_protecting_trigger_in_the_database_is_known_to_them() -> None:
    """A new append-only table is covered because its trigger is; this fails for one that is made in another way."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND p.prosrc LIKE '%%Cannot % rows from%%'"
        )
        protected = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {name for (name,) in cursor.fetchall()}
    assert protected == set(rights.refused())
    assert not {table for table in tables if table.endswith("event")} - APPEND_ONLY
    assert tables == set(rights.tables())


def test_the_role_has_exactly_these_rights(app: psycopg.Connection) -> None:
    every = (*rights.RIGHTS, "TRUNCATE", "REFERENCES", "TRIGGER")
    for table in rights.tables():
        row = app.execute(
            "SELECT " + ", ".join(f"has_table_privilege('{table}', '{right}')" for right in every)
        ).fetchone()
        assert row
        assert tuple(right for right, has in zip(every, row, strict=True) if has) == rights.rights_of(table), table


@pytest.mark.parametrize("table", sorted(APPEND_ONLY))
def test_an_append_only_table_refuses_it_everything_but_reading_and_adding(app: psycopg.Connection, table: str) -> None:
    described = app.execute(f"SELECT * FROM {table} LIMIT 0").description
    assert described
    column = described[0].name
    app.execute("SELECT set_config('pgtrigger.ignore', '{*}', false)")  # the triggers are not what stands in the way
    for order in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
        assert refused(app, order), order


@pytest.mark.parametrize("table", sorted(NEVER_DELETED))
def test_a_kept_table_refuses_it_to_delete(app: psycopg.Connection, table: str) -> None:
    assert refused(app, f"DELETE FROM {table}")
    assert refused(app, f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    "order",
    [
        "ALTER TABLE providers_evidence DISABLE TRIGGER ALL",
        "ALTER TABLE providers_operation DISABLE TRIGGER USER",
        "ALTER TABLE providers_evidence ADD COLUMN more int",
        "ALTER TABLE providers_evidence OWNER TO CURRENT_USER",
        "DROP TABLE providers_evidence CASCADE",
        "DROP FUNCTION IF EXISTS pg_catalog.lower(text)",
        "CREATE TRIGGER x BEFORE INSERT ON providers_evidence EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "CREATE TABLE mine (id int)",
        "CREATE TEMPORARY TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE RULE x AS ON INSERT TO providers_evidence DO INSTEAD NOTHING",
        "SET session_replication_role = replica",
        "SET ROLE wasl_owner",
        "UPDATE django_migrations SET name = name",
        "INSERT INTO django_migrations (app, name, applied) VALUES ('x', 'x', now())",
    ],
)
def test_it_may_change_no_table_and_switch_off_no_trigger(app: psycopg.Connection, order: str) -> None:
    assert refused(app, order)


def test_it_can_give_itself_no_right(app: psycopg.Connection) -> None:
    app.execute("GRANT DELETE ON providers_evidence TO CURRENT_USER")  # PostgreSQL warns, and grants nothing
    assert refused(app, "DELETE FROM providers_evidence")


def test_the_whole_life_of_a_redemption_needs_no_more(desk: Desk, as_app: None) -> None:
    assert finish(desk.redeem()).state == "succeeded"
    desk.twin.control.fault("drop_after", endpoint="redeem")
    assert finish(desk.redeem(OTHER_CODE)).evidence_level == "inferred"
    assert Evidence.objects.exists()


def test_nor_does_a_decision_of_a_person(desk: Desk, huda: User, as_app: None) -> None:
    operation = desk.redeem()
    desk.twin.control.fault("drop_before", endpoint="redeem")
    turn(operation)
    Operation.objects.filter(pk=operation.pk).update(escalated_at=timezone.now())
    operation.refresh_from_db()
    hand_over(operation, huda)
    decide(operation, huda, applied=False, reason="issuer_portal")
    huda.last_name = "Al Shehri"
    huda.save()  # an audited table: its trigger adds to the trail with this role's rights


def test_nor_does_a_case_from_its_opening_to_its_end(desk: Desk, huda: User, aziz: User, as_app: None) -> None:
    row, now = finish(desk.redeem()).redemption, timezone.now()
    case = services.open_case(row, huda, services.Complaint("wrong_person", "give_back"), now=now)
    services.mark_sent(case, huda, now=now)
    said = services.Ruling("accepted", "CN-77", case.business_date)
    assert services.close_case(case, aziz, said, now=now).is_closed
    assert row.contra.get().amount == -200


def test_nor_does_the_retention(desk: Desk, as_app: None) -> None:
    operation = finish(desk.redeem())
    desk.look_up(OTHER_CODE)
    old = timezone.now() - dt.timedelta(days=91)
    with transaction.atomic():
        Call.objects.update(at=old)
        Operation.objects.filter(pk=operation.pk).update(finished_at=old)
        operation.redemption.lookup.__class__.objects.update(created_at=old)
    typed("purge")
    assert not Call.objects.exists()


def test_granting_again_changes_nothing_and_takes_back_what_was_given_by_hand(app: psycopg.Connection) -> None:
    with as_owner(), connection.cursor() as cursor:
        cursor.execute(f"GRANT DELETE ON providers_evidence TO {settings.APP_ROLE}")
    assert not refused(app, "DELETE FROM providers_evidence")
    assert rights.grant()
    assert refused(app, "DELETE FROM providers_evidence")


def test_production_is_told_when_one_role_does_everything(settings: Any, as_app: None) -> None:
    settings.PRODUCTION = True
    assert application_owns_nothing(None, databases=["default"]) == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("app",)


def test_and_when_the_owner_serves(settings: Any) -> None:
    settings.PRODUCTION = True
    settings.APP_ROLE = connection.settings_dict["USER"]
    assert [message.id for message in application_owns_nothing(None, databases=["default"])] == ["wasl.W005"]
