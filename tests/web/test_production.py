"""The settings of production: what they refuse to start without, and what the site then answers. In processes of its own."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from tests.elsewhere import ROOT, database_url
from tests.web.test_headers import HEADERS

pytestmark = pytest.mark.django_db  # else nobody makes the database that the other processes use
OWN = {
    "DJANGO_ENV": "production",
    "DEBUG": "",
    "SECRET_KEY": "a-long-secret-of-production-that-nobody-has-ever-seen-0123456789",
    "FIELD_KEYS": Fernet.generate_key().decode(),
    "HASH_KEY": "5a" * 32,
    "ALLOWED_HOSTS": "wasl.example",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
DEMO_KEY = "ZGVtby1vbmx5LW5vdC1hLXNlY3JldC1kZW1vLW9ubHk="
UNFIT = {
    "no SECRET_KEY": {"SECRET_KEY": ""},
    "no FIELD_KEYS": {"FIELD_KEYS": ""},
    "no HASH_KEY": {"HASH_KEY": ""},
    "no key but a comma": {"FIELD_KEYS": ","},
    "a key that is none": {"FIELD_KEYS": "not-a-fernet-key"},
    "one good and one bad key": {"FIELD_KEYS": f"{Fernet.generate_key().decode()},bad"},
    "the demo's key": {"FIELD_KEYS": DEMO_KEY},
    "the demo's key for the rotation": {"FIELD_KEYS": f"{Fernet.generate_key().decode()},{DEMO_KEY}"},
    "the demo's HASH_KEY": {"HASH_KEY": "00" * 32},
    "a short HASH_KEY": {"HASH_KEY": "5a" * 8},
    "a HASH_KEY that is no number": {"HASH_KEY": "z" * 64},
    "DEBUG on": {"DEBUG": "1"},
    "another kind of place": {"DJANGO_ENV": "staging"},
}


def environment(tmp_path: Path) -> dict[str, str]:
    given = {
        name: value for name, value in os.environ.items() if name != "DJANGO_ALLOW_ASYNC_UNSAFE"
    }  # of browser tests
    return given | OWN | {"STATIC_ROOT": str(tmp_path / "static"), "PYTHONPATH": str(ROOT)}


@pytest.mark.parametrize("name", UNFIT)
def test_it_refuses_to_start_with(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in (OWN | UNFIT[name]).items():
        monkeypatch.setenv(variable, value)
    with pytest.raises(ImproperlyConfigured) as refusal:
        runpy.run_path(str(ROOT / "config/settings.py"))
    assert not [value for value in UNFIT[name].values() if len(value) > 10 and value in str(refusal.value)]


def test_it_starts_with_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in OWN.items():
        monkeypatch.setenv(variable, value)
    settings = runpy.run_path(str(ROOT / "config/settings.py"))
    assert not settings["DEBUG"]
    assert not settings["LOOPBACK_ALLOWED"]
    assert settings["SECURE_HSTS_SECONDS"] >= 365 * 24 * 3600


def test_without_a_secret_no_program_of_it_runs(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "manage.py", "check"]
    env = environment(tmp_path) | {"SECRET_KEY": ""}
    ended = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "SECRET_KEY must be set in production." in ended.stderr


def test_the_deployment_check_has_nothing_to_say(tmp_path: Path) -> None:
    command = [sys.executable, "-P", "-W", "error::DeprecationWarning:config", "manage.py", "check", "--deploy"]
    ended = subprocess.run(
        [*command, "--fail-level", "WARNING"],
        env=environment(tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, "System check identified no issues (0 silenced).\n"), ended.stderr


# What it answers --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def told(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    env = environment(tmp_path_factory.mktemp("production")) | {"DATABASE_URL": database_url()}
    command = [sys.executable, "-P", "-m", "tests.web.production"]
    ended = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_every_answer_carries_the_headers(told: dict[str, Any]) -> None:
    for name, answer in told["answers"].items():
        assert {header: answer["headers"].get(header) for header in HEADERS} == HEADERS, name
        assert "object-src 'none'" in answer["headers"]["Content-Security-Policy"], name
        assert ("no-store" in answer["headers"]["Cache-Control"]) == (name != "a file"), name
        assert "Access-Control-Allow-Origin" not in answer["headers"], name


def test_it_is_reached_by_https_only_and_says_so_for_a_year(told: dict[str, Any]) -> None:
    assert told["answers"]["plain"]["status"] == 301
    assert told["answers"]["plain"]["headers"]["Location"] == "https://wasl.example/accounts/login/?next=/x"
    assert told["answers"]["alive"]["status"] == 200
    strict = told["answers"]["login"]["headers"]["Strict-Transport-Security"]
    assert strict == "max-age=31536000; includeSubDomains; preload"


def test_another_host_is_refused_before_it_is_redirected_to(told: dict[str, Any]) -> None:
    assert told["answers"]["plain, another host"]["status"] == 400
    assert "Location" not in told["answers"]["plain, another host"]["headers"]


def test_every_cookie_is_bound_to_this_host_and_to_https(told: dict[str, Any]) -> None:
    cookies = [cookie for answer in told["answers"].values() for cookie in answer["cookies"].items()]
    assert {name for name, _cookie in cookies} == {
        "__Host-wasl",
        "__Host-wasl-csrf",
        "__Host-wasl-language",
        "__Host-wasl-till",
    }
    for _name, cookie in cookies:
        assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
        assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_people_can_sign_in_and_work(told: dict[str, Any]) -> None:
    statuses = {name: answer["status"] for name, answer in told["answers"].items()}
    assert statuses["signed in"] == statuses["second step"] == statuses["place"] == 302
    assert told["answers"]["desk without a second step"]["headers"]["Location"] == "/accounts/mine/"
    assert statuses["desk"] == statuses["login"] == statuses["a file"] == 200
    assert statuses["no such page"] == 404


def test_a_file_has_its_content_in_its_name_and_may_be_kept_for_ever(told: dict[str, Any]) -> None:
    assert "immutable" in told["answers"]["a file"]["headers"]["Cache-Control"]


def test_no_account_may_point_at_this_machine_neither_when_saved_nor_when_used(told: dict[str, Any]) -> None:
    assert len(told["refusals"]) == 24
    for what, answer in told["refusals"].items():
        assert answer == ("base_url" if what.startswith("save") else "base_url_refused"), what
