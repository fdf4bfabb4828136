"""Keys: shown once, kept as a hash, bound to branches and scopes and addresses, two at a time, ended within a second."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from branches.models import Branch
from partners.keys import SHAPE, issue_key, revoke_key
from partners.models import Key, Partner
from partners.scopes import SCOPES
from tests.partners.caller import Caller, issued
from tests.terminal import refused, typed


def calls(key: str, **meta: Any) -> int:
    caller = Caller(key)
    caller.client.defaults.update(meta)
    return caller.get("branches").status_code


def test_a_key_has_256_bits_and_only_its_hash_is_kept(olaya: Branch) -> None:
    row, key = issued(olaya)
    match = SHAPE.fullmatch(key)
    assert match and len(match[2]) * 6 >= 256
    kept = Key.objects.filter(pk=row.pk).values().get()
    assert match[2] not in str(kept) and kept["prefix"] == match[1]
    assert calls(key) == 200


def test_a_key_that_differs_in_one_character_opens_nothing(olaya: Branch) -> None:
    key = issued(olaya)[1]
    assert calls(key[:-2] + ("AA" if key[-2:] != "AA" else "BB")) == 401
    for nonsense in ("", "wasl", "Bearer", key + "x", key.upper(), "wasl_00000000_" + "a" * 43, "é" * 20):
        assert Caller(nonsense).get("branches").status_code == 401


def test_a_revoked_key_opens_nothing_with_the_very_next_request(olaya: Branch) -> None:
    row, key = issued(olaya)
    assert calls(key) == 200
    revoke_key(row.prefix, now=timezone.now())
    assert calls(key) == 401


def test_an_expired_key_and_one_of_a_partner_that_is_switched_off_open_nothing(olaya: Branch) -> None:
    _row, key = issued(olaya, expires_at=timezone.now() + timedelta(days=1))
    assert calls(key) == 200
    Key.objects.update(expires_at=timezone.now())
    assert calls(key) == 401
    Key.objects.update(expires_at=None)
    Partner.objects.update(is_active=False)
    assert calls(key) == 401


def test_a_key_bound_to_addresses_opens_nothing_from_elsewhere(olaya: Branch) -> None:
    key = issued(olaya, addresses=["203.0.113.0/24", "2001:db8::1"])[1]
    assert calls(key, REMOTE_ADDR="203.0.113.7") == 200
    assert calls(key, REMOTE_ADDR="2001:db8::1") == 200
    assert calls(key, REMOTE_ADDR="198.51.100.7") == 401
    assert calls(key, REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_FOR="203.0.113.7") == 401


def test_a_partner_has_two_live_keys_and_a_third_only_when_one_has_ended(olaya: Branch) -> None:
    first, key = issued(olaya)
    second = issued(olaya)[1]
    assert calls(key) == calls(second) == 200
    with pytest.raises(ValidationError, match="2 live keys"):
        issued(olaya)
    revoke_key(first.prefix, now=timezone.now())
    assert calls(issued(olaya)[1]) == 200 and calls(key) == 401


def test_when_and_from_where_it_was_last_used_is_known(olaya: Branch) -> None:
    row, key = issued(olaya)
    calls(key, REMOTE_ADDR="203.0.113.7")
    row.refresh_from_db()
    assert row.last_used_from == "203.0.113.7" and row.last_used_at
    calls(key, REMOTE_ADDR="203.0.113.8")
    row.refresh_from_db()
    assert row.last_used_from == "203.0.113.7", "about once a minute is enough"


def test_the_audit_knows_the_key_and_not_its_hash(olaya: Branch) -> None:
    row, _key = issued(olaya)
    [event] = Key.pgh_event_model.objects.values()  # type: ignore[attr-defined]  # pghistory adds it
    assert event["prefix"] == row.prefix and row.secret_hash not in str(event)


def test_a_key_sees_its_branches_and_no_other(olaya: Branch, nakheel: Branch, maarif: Branch) -> None:
    found = Caller(issued(olaya, maarif)[1]).get("branches").json()["items"]
    assert [(row["code"], row["currency"]) for row in found] == [("maarif", "MAD"), ("olaya", "SAR")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"branches": []},
        {"expires_at": timezone.now() - timedelta(1)},
        {"addresses": ["nowhere"]},
    ],
    ids=lambda more: "-".join(more),
)
def test_a_key_that_makes_no_sense_is_not_made(olaya: Branch, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        issue_key("shop", **{"branches": [olaya], "scopes": ["all"], "now": timezone.now()} | wrong)
    assert not Key.objects.exists()


# At the terminal ------------------------------------------------------------------------------------------------------


def test_the_command_prints_the_key_alone(olaya: Branch, nakheel: Branch, capsys: Any) -> None:
    said = typed("key", "issue", "shop", "--branch", "olaya", "nakheel", "--scope", "all", "--expires", "2099-01-31")
    assert SHAPE.fullmatch(said.strip()) and calls(said.strip()) == 200
    row = Key.objects.get()
    assert (row.branches, row.scopes) == (["nakheel", "olaya"], list(SCOPES))
    assert row.expires_at and row.expires_at.isoformat() == "2099-01-31T00:00:00+00:00"


def test_the_command_revokes_by_prefix_or_by_the_whole_key_which_it_does_not_repeat(olaya: Branch) -> None:
    first, second = issued(olaya), issued(olaya)
    assert f"key {first[0].prefix} of shop: revoked" in typed("key", "revoke", first[0].prefix)
    said = typed("key", "revoke", second[1])
    assert second[0].prefix in said and second[1] not in said
    assert calls(first[1]) == calls(second[1]) == 401
    assert "no key" in refused("key", "revoke", "00000000")


@pytest.mark.parametrize(
    "words", [["--scope", "x"], ["--expires", "soon"], ["--branch", "nowhere"], ["--expires", "2001-01-01"]], ids=str
)
def test_the_command_refuses_in_one_line(olaya: Branch, words: list[str]) -> None:
    usual = {"--branch": "olaya", "--scope": "all"} | {words[0]: words[1]}
    line = refused("key", "issue", "shop", *(part for pair in usual.items() for part in pair))
    assert line and "\n" not in line.strip()
    assert not Key.objects.exists()
