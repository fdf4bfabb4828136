"""The OpenAPI document tells the truth: whatever it allows or forbids, the API answers as the document says, and never 5xx."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS, load_all_checks

from branches.models import Branch
from partners.views import FILE, as_text, document
from providers.models import Account
from tests.partners.caller import Caller, caller

EXAMPLES = int(os.environ.get("WASL_TEST_EXAMPLES") or 4)
OPERATIONS = [
    (method.upper(), path)
    for path, methods in document()["paths"].items()
    for method in methods
    if method != "parameters"
]
load_all_checks()
# Their bodies may be unlike the document and still be something that we read: what must be refused is in test_bodies.
LEFT_OUT = {"positive_data_acceptance", "ensure_resource_availability", "use_after_free", "max_response_time"}
CHECKED = [check for check in CHECKS.get_all() if check.__name__ not in LEFT_OUT]


def test_the_document_in_the_repository_is_the_running_one() -> None:
    assert FILE.read_text() == as_text(), "bin/manage openapi > docs/openapi.json"
    served = Client().get("/api/v1/schema/")
    assert served.content.decode() == as_text() and served.headers["Content-Type"].startswith(
        "application/vnd.oai.openapi+json"
    )


def test_it_is_openapi_3_1_and_names_every_address() -> None:
    from tests.web.matrix import addresses

    assert document()["openapi"].startswith("3.1")
    routes = [re.sub(r"<(?:int|uuid|str):(\w+)>", r"{\1}", one.route) for one in addresses()]
    wanted = {f"/{route}" for route in routes if route.startswith("api/") and not route.endswith("/")}
    assert set(document()["paths"]) == wanted


@pytest.fixture
def address(live_server: Any, olaya: Branch, account: Account, booking_account: Any, settings: Any) -> Iterator[str]:
    settings.API_WAIT_SECONDS = 0.05
    settings.API_RATE_KEY = settings.API_RATE_ALL = 10_000_000
    yield live_server.url


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda part: part)
def test_every_answer_is_one_of_the_document(address: str, shop: Caller, method: str, path: str) -> None:
    schema = schemathesis.openapi.from_dict(document())
    schema.config.update(base_url=address)
    headers = {"Authorization": f"Bearer {shop.key}"}
    operation, modes = schema[path][method], schemathesis.GenerationMode
    cases = operation.as_strategy(generation_mode=modes.POSITIVE)
    if operation.body or operation.query or operation.headers:  # else nothing of it can be wrong
        cases = cases | operation.as_strategy(generation_mode=modes.NEGATIVE)

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=cases)
    def ask(case: Any) -> None:
        case.call_and_validate(headers=headers, checks=CHECKED)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ask()


def test_a_key_that_may_do_nothing_is_told_so(address: str, olaya: Branch) -> None:
    poor = caller(olaya, partner="poor", scopes=("loyalty:read",))
    assert poor.get("customers", q="sara").status_code == 403
