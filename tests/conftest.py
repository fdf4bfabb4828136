"""What tests share: a provider's twin, a database with real commits, places, people, an account, and quick windows."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.db import connections

from branches.models import Branch, User
from branches.roles import Role
from branches.services import add_branch, add_staff
from providers.accounts import connect_account
from providers.models import Account, BranchAccount, Environment
from providers.sandbox.running import RunningSandbox, running_sandbox
from tests.elsewhere import Elsewhere, elsewhere
from tests.scene import QUICK, SLUG, Desk
from tests.template import migrated
from tests.workers import own_broker
from vouchers.services import Place

LOGIN = {"email": "centeradmintesting@admin.com", "password": "*@123#"}
Hire = Callable[..., User]
# A loaded machine is no reason to fail, and what a run has found must not depend on the runs before it.
hypothesis.settings.register_profile("wasl", deadline=None, database=None)
hypothesis.settings.load_profile("wasl")


# The provider ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def only_twin() -> Iterator[RunningSandbox]:
    with running_sandbox() as twin:
        yield twin


@pytest.fixture
def twin(only_twin: RunningSandbox) -> RunningSandbox:
    """As new for each test."""
    only_twin.control.reset("demo")
    return only_twin


# What the site leans on, and what it says -----------------------------------------------------------------------------


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A Valkey of this test alone, which may be killed."""
    with own_broker(tmp_path) as found:
        yield found


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """All that is said at LOG_LEVEL=DEBUG, and what Django says below its usual level, as a handler would write it."""
    caplog.set_level(logging.DEBUG)
    for name in ("django", "axes", "celery"):
        caplog.set_level(logging.DEBUG, logger=name)
    formatter = logging.Formatter("%(levelname)s %(name)s %(message)s")
    return lambda: "\n".join(formatter.format(record) for record in caplog.records)


# The database ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Before it is made."""
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = migrated()


@pytest.fixture
def database(transactional_db: None) -> None:
    """What is committed is committed, for threads and other processes too; emptied afterwards. Every fixture below has it."""


@pytest.fixture(scope="session")
def fresh(django_db_setup: None) -> Iterator[Elsewhere]:
    """Fresh processes on request."""
    with elsewhere() as found:
        yield found


# Places and people ----------------------------------------------------------------------------------------------------


def opened(code: str, country: str, zone: str, currency: str) -> Branch:
    names = {"ar": f"فرع {code}", "en": code.title(), "fr": code.title()}
    return add_branch(code=code, names=names, country=country, timezone=zone, currency=currency)[0]


@pytest.fixture
def olaya(database: None) -> Branch:
    return opened("olaya", "SA", "Asia/Riyadh", "SAR")


@pytest.fixture
def nakheel(database: None) -> Branch:
    return opened("nakheel", "SA", "Asia/Riyadh", "SAR")


@pytest.fixture
def maarif(database: None) -> Branch:
    return opened("maarif", "MA", "Africa/Casablanca", "MAD")


@pytest.fixture
def hire(database: None) -> Hire:
    """hire("reem", Role.RECEPTIONIST, olaya, …) gives a member of staff; `password=` if they shall log in by hand."""

    def hire(name: str, role: str, *branches: Branch, password: str | None = None) -> User:
        return add_staff(username=name, role=role, branches=branches, password=password)[0]

    return hire


@pytest.fixture
def reem(hire: Hire, olaya: Branch) -> User:
    return hire("reem", Role.RECEPTIONIST, olaya)


@pytest.fixture
def majed(hire: Hire, nakheel: Branch) -> User:
    return hire("majed", Role.RECEPTIONIST, nakheel)


@pytest.fixture
def huda(hire: Hire, olaya: Branch) -> User:
    return hire("huda", Role.SUPERVISOR, olaya)


@pytest.fixture
def nouf(hire: Hire, olaya: Branch) -> User:
    return hire("nouf", Role.MANAGER, olaya)


@pytest.fixture
def dana(hire: Hire, nakheel: Branch) -> User:
    """A supervisor of another branch."""
    return hire("dana", Role.SUPERVISOR, nakheel)


@pytest.fixture
def aziz(hire: Hire, olaya: Branch) -> User:
    return hire("aziz", Role.ACCOUNTANT, olaya)


@pytest.fixture
def lama(hire: Hire, olaya: Branch) -> User:
    return hire("lama", Role.OWNER, olaya)


@pytest.fixture
def admin(hire: Hire, olaya: Branch) -> User:
    return hire("admin", Role.ADMIN, olaya)


# The account, and a desk that uses it ---------------------------------------------------------------------------------


@pytest.fixture
def account(olaya: Branch, twin: RunningSandbox) -> Account:
    """Olaya's account at the twin, on a port of its own: `twin.control.down` refuses connections for real."""
    connected = connect_account(
        provider=SLUG,
        branch=olaya,
        base_url=twin.base_url(SLUG),
        environment=Environment.SANDBOX,
        values=LOGIN,
    )
    return connected.account


@pytest.fixture
def quick(settings: Any) -> None:
    """The real rules in windows of tenths of a second."""
    settings.WINDOWS = QUICK


@pytest.fixture
def place(olaya: Branch, reem: User) -> Place:
    return Place(reem, olaya, olaya.tills.get(number=1))


@pytest.fixture
def desk(place: Place, account: Account, twin: RunningSandbox, quick: None) -> Desk:
    """Reem's."""
    return Desk(place, twin)


@pytest.fixture
def other_desk(nakheel: Branch, majed: User, account: Account, twin: RunningSandbox, quick: None) -> Desk:
    """Majed's, at another branch that shares the account."""
    BranchAccount.objects.create(branch=nakheel, account=account)
    return Desk(Place(majed, nakheel, nakheel.tills.get(number=1)), twin)
