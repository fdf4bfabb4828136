"""Every answer carries the headers that keep a page what it is, whatever its status; and nothing leads away from here."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.http import HttpResponse
from django.test import Client

from providers.models import State
from tests.web.world import World, browser

NOT_SERVED = ["/static/", "/static/vendor/", "/.git/config", "/.env", "/var/secrets.env", "/manage.py", "/debug/"]
NOT_SERVED += [
    "/static/../config/settings.py",
    "/static/%2e%2e/config/settings.py",
    "/static/..%2fmanage.py",
    "/__control__/",
]
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Ask = Callable[[World], HttpResponse]


def lookup_of(world: World) -> str:
    return f"/vouchers/lookups/{world.ours.draft().pk}/"


def unchanged(world: World) -> HttpResponse:
    client = world.client("receptionist")
    seen = re.search(r"/live/\?seen=(\w+)", client.get("/").content.decode())
    assert seen
    return client.get("/live/", {"seen": seen[1]})


def locked_out(world: World) -> HttpResponse:
    client, login = browser(), {"login": "receptionist", "password": "wrong"}
    return [client.post("/accounts/login/", login) for _ in range(5)][-1]


ANSWERS: dict[str, tuple[int, Ask]] = {
    "the login": (200, lambda world: browser().get("/accounts/login/")),
    "the desk": (200, lambda world: world.client("receptionist").get("/")),
    "a card": (200, lambda world: world.client("receptionist").get(lookup_of(world))),
    "a slip": (200, lambda world: world.client("owner").get(f"/vouchers/redemptions/{slip(world)}/slip/")),
    "alive": (200, lambda world: browser().get("/healthz")),
    "ready": (200, lambda world: browser().get("/readyz")),
    "an administrator's page": (200, lambda world: world.client("admin").get("/admin/")),
    "its script": (200, lambda world: world.client("admin").get("/admin/jsi18n/")),
    "nothing new": (204, unchanged),
    "to the login": (302, lambda world: browser().get("/")),
    "to the next step": (
        302,
        lambda world: world.client("manager").post(f"{lookup_of(world)}person/", {"person": "316"}),
    ),
    "to the administration's login": (302, lambda world: browser().get("/admin/")),
    "without its slash": (301, lambda world: world.client("manager").get("/review")),
    "unreadable": (400, lambda world: browser().get("/accounts/login/?next=%00")),
    "another host": (400, lambda world: browser().get("/", headers={"Host": "evil.example"})),
    "not allowed": (403, lambda world: world.client("accountant").get("/review/")),
    "no token": (403, lambda world: world.client("manager", csrf=True).post("/vouchers/lookups/", {"q": "x"})),
    "no such page": (404, lambda world: browser().get("/no-such-page")),
    "no such file": (404, lambda world: browser().get("/static/no-such-file.css")),
    "a foreign object": (404, lambda world: world.client("manager").get(f"/review/{case(world)}/")),
    "another method": (405, lambda world: world.client("manager").get("/vouchers/lookups/")),
    "refused": (409, lambda world: world.client("manager").post(f"/review/{slip(world)}/take/")),
    "too large": (413, lambda world: world.client("manager").post("/vouchers/lookups/", {"q": "x" * 262_145})),
    "unfit": (422, lambda world: world.client("manager").post("/vouchers/lookups/", {"q": ""})),
    "locked out": (429, locked_out),
    "failed": (500, lambda world: browser().get("/fails/now/")),
}


def slip(world: World) -> str:
    return str(world.ours.redemption(State.SUCCEEDED).pk)


def case(world: World) -> str:
    return str(world.theirs.redemption(State.NEEDS_REVIEW).pk)


def policy(response: HttpResponse) -> dict[str, list[str]]:
    parts = [part.split() for part in response.headers["Content-Security-Policy"].split(";")]
    return {name: sources for name, *sources in parts}


@pytest.mark.urls("tests.web.broken_urls")
@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_carries_them(world: World, name: str) -> None:
    status, ask = ANSWERS[name]
    response = ask(world)
    assert response.status_code == status
    assert {header: response.headers.get(header) for header in HEADERS} == HEADERS
    assert "no-store" in response.headers["Cache-Control"]
    assert "camera=(self), geolocation=()" in response.headers["Permissions-Policy"]
    assert not [header for header in response.headers if header.startswith(("Access-Control", "X-Powered", "Server"))]
    is_strict(policy(response))


def is_strict(found: dict[str, list[str]]) -> None:
    nothing = {name for name, sources in found.items() if sources == ["'none'"]}
    assert nothing == {"default-src", "object-src", "base-uri", "frame-ancestors"}
    assert {name: sources for name, sources in found.items() if name not in nothing} == {
        "img-src": ["'self'", "data:"],  # the QR code on a slip
        **{name: ["'self'"] for name in ("script-src", "style-src", "font-src", "connect-src", "form-action")},
        "manifest-src": ["'self'"],
    }


def test_static_files_carry_them_too_and_may_be_kept(db: None) -> None:
    response = browser().get("/static/wasl.css")
    assert response.status_code == 200
    assert {header: response.headers.get(header) for header in HEADERS} == HEADERS
    assert "max-age" in response.headers["Cache-Control"]
    assert not {"Set-Cookie", "Access-Control-Allow-Origin"} & set(response.headers)
    is_strict(policy(response))


@pytest.mark.parametrize("path", NOT_SERVED)
def test_nothing_else_is_served(world: World, path: str) -> None:
    assert world.client("admin").get(path).status_code == 404


# Other hosts, origins and methods ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "evil.example:80", ""]
)
def test_another_host_is_refused_and_not_repeated(db: None, host: str) -> None:
    response = browser().get("/accounts/login/", headers={"Host": host})
    assert response.status_code == 400
    assert b"evil" not in response.content


def test_a_forwarded_host_is_not_believed(db: None) -> None:
    response = browser().get("/", headers={"X-Forwarded-Host": "evil.example"})
    assert response.headers["Location"] == "/accounts/login/?next=/"


def test_another_origin_may_not_read_us(reception: Client) -> None:
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for response in (reception.get("/", headers=headers), reception.options("/", headers=headers)):
        assert not [name for name in response.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    "path", ["/", "/vouchers/lookups/", "/accounts/login/", "/healthz", "/admin/", "/no-such-page"]
)
def test_trace_and_options_tell_nothing(reception: Client, path: str) -> None:
    canary = {"X-Canary": "canary-in-a-header", "Cookie": reception.cookies.output(header="", sep=";")}
    for response in (reception.trace(path, headers=canary), reception.options(path, headers=canary)):
        assert response.status_code in (200, 302, 404, 405)
        assert b"canary-in-a-header" not in response.content
        assert reception.cookies["sessionid"].value.encode() not in response.content
