"""Run by test_production.py in a process of its own, with the settings of production: what the site answers there, as JSON."""

from __future__ import annotations

import json
import sys
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import transaction


def answer(response: Any) -> dict[str, Any]:
    cookies = {name: dict(morsel) | {"value": morsel.value} for name, morsel in response.cookies.items()}
    return {"status": response.status_code, "headers": dict(response.headers), "cookies": cookies}


def answers() -> dict[str, Any]:
    from django.test import Client

    from branches.models import Branch
    from branches.services import add_branch, add_staff

    names = {"ar": "فرع", "en": "Branch", "fr": "Agence"}
    add_branch(code="ours", names=names, country="SA", timezone="Asia/Riyadh", currency="SAR")
    branch, password = Branch.objects.get(), "a-good-long-password"
    add_staff(username="reem", role="receptionist", branches=[branch], password=password)
    plain, client = Client(headers={"Host": "wasl.example"}), Client(headers={"Host": "wasl.example"})
    found = {
        "plain": plain.get("/accounts/login/?next=/x"),
        "plain, another host": plain.get("/", headers={"Host": "evil.example"}),
        "alive": plain.get("/healthz"),
        "login": client.get("/accounts/login/", secure=True),
        "signed in": client.post("/accounts/login/", {"login": "reem", "password": password}, secure=True),
        "desk without a second step": client.get("/", secure=True),
        "second step": second_step(client),
        "language": client.post("/accounts/language/", {"language": "fr"}, secure=True),
        "place": client.post("/accounts/place/", {"till": branch.tills.get().pk}, secure=True),
        "desk": client.get("/", secure=True),
        "no such page": client.get("/no-such-page", secure=True),
    }
    style = found["login"].content.decode().partition('stylesheet" href="')[2].partition('"')[0]
    return {name: answer(response) for name, response in found.items()} | {
        "a file": answer(client.get(style, secure=True))
    }


def second_step(client: Any) -> Any:
    """Every role needs one here."""
    from tests.web.phone import APP, Phone, secret_on

    phone = Phone(secret_on(client.get(APP, secure=True).content))
    return client.post(APP, {"code": phone.code()}, secure=True)


def refusals() -> dict[str, str]:
    """An account of the sandbox, or at this machine: refused when saved; when it is there all the same, refused when used."""
    from django.core.exceptions import ValidationError

    from branches.models import Branch
    from providers.accounts import connect_account
    from providers.errors import Misconfigured
    from providers.models import Account
    from providers.registry import client_for

    found = {}
    for environment in ("sandbox", "testing", "live"):
        for host in ("http://127.0.0.1:8900", "http://localhost:8900", "http://[::1]:8900", "https://127.0.0.1"):
            url = f"{host}/alreaaiaa/api/v1"
            values = {"email": "desk@example.com", "password": "not-shown"}
            wish: dict[str, Any] = {"provider": "alreaaiaa", "base_url": url, "environment": environment}
            try:
                connect_account(branch=Branch.objects.get(), values=values, **wish)
                found[f"save {environment} {host}"] = "accepted"
            except ValidationError as error:
                found[f"save {environment} {host}"] = ", ".join(error.message_dict)
            account = Account.objects.create(label="slipped in", **wish)
            try:
                client_for(account, lambda call: None)
                found[f"send {environment} {host}"] = "accepted"
            except Misconfigured as error:
                found[f"send {environment} {host}"] = error.code
    return found


def main() -> None:
    django.setup()
    files = settings.STORAGES["staticfiles"]
    assert files["BACKEND"] == "whitenoise.storage.CompressedManifestStaticFilesStorage"
    files["BACKEND"] = (
        "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"  # compressing takes eight seconds
    )
    call_command("collectstatic", interactive=False, verbosity=0)
    with transaction.atomic():
        json.dump({"answers": answers(), "refusals": refusals()}, sys.stdout)
        transaction.set_rollback(True)


if __name__ == "__main__":
    main()
