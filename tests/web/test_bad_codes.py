"""Codes that are none never reach a provider. Its twin listens, and everything is committed for real."""

from __future__ import annotations

from branches.models import User
from providers import operations
from providers.models import Account
from providers.operations import due_to_send, due_to_settle
from providers.sandbox.running import RunningSandbox
from tests.scene import CODE, SLUG
from tests.web.books import unchanged
from tests.web.hostile import BYTES, NUL, TEXTS, URLENCODED, form_of
from tests.web.world import browser
from vouchers import services
from vouchers.models import Lookup
from vouchers.selectors import lookups_due


def work_off_everything() -> None:
    """What the workers' next scans would do."""
    for row in lookups_due():
        services.look_up_voucher(row)
    for row in due_to_send():
        operations.send_operation(row)
    for row in due_to_settle():
        operations.settle_operation(row)


def test_no_hostile_code_reaches_the_provider(
    transactional_db: None, account: Account, twin: RunningSandbox, reem: User
) -> None:
    client = browser()
    client.force_login(reem)
    bodies = [form_of({"q": text}) for text in (TEXTS | NUL).values()] + [form_of({"q": raw}) for raw in BYTES.values()]
    with unchanged(but=("vouchers_lookup",)):
        for body in bodies:
            assert client.generic("POST", "/vouchers/lookups/", body, URLENCODED).status_code in (302, 400, 422)
        assert not Lookup.objects.exclude(state=Lookup.State.REFUSED, refusal_code="malformed").exists()
        assert not Lookup.objects.exclude(account=None, code_hash="", sealed_code=b"").exists()
        work_off_everything()
    assert twin.control.requests(SLUG) == []
    assert client.post("/vouchers/lookups/", {"q": CODE}).status_code == 302
    work_off_everything()
    assert [seen.endpoint for seen in twin.control.requests(SLUG)] == ["login", "find"], "and a good one does"
