"""What people read about a sale of several vouchers, and about what the issuer refused."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone, translation

from providers.badges import ICONS
from providers.models import Operation, State
from providers.sandbox.running import RunningSandbox
from tests.sale import CODES, SHOP, SaleDesk
from tests.scene import finish
from vouchers import cards, selectors, services
from vouchers.models import Lookup
from vouchers.outcomes import REFUSALS, SHORT, STATES, Words, short_for
from vouchers.several import ONE_OF_THEM, SEVERAL

LANGUAGES = ("ar", "fr", "en")
FIGURES = {"to_pay": "1", "value": "2", "used": 1}


def texts_of(words: Words, n: int) -> list[str]:
    return [
        str(text % (FIGURES | {"n": n})) for text in (words.headline, words.now, words.customer, words.what) if text
    ]


@pytest.mark.parametrize(
    "words", [*STATES.values(), *SEVERAL.values(), ONE_OF_THEM, *REFUSALS.values()], ids=lambda words: ""
)
def test_every_sentence_is_there_in_three_languages_and_short(words: Words) -> None:
    for n in (2, 3, 10, 11):
        said = []
        for language in LANGUAGES:
            with translation.override(language):
                said.append(texts_of(words, n))
        for in_all in zip(*said, strict=True):
            assert len(set(in_all)) == 3, in_all
        sentences = [sentence for text in said[-1] for sentence in re.split(r"(?<=[.?!])\s", text)]
        assert all(len(sentence.split()) <= 14 for sentence in sentences), sentences


def result_of(operation: Operation, desk: SaleDesk) -> dict[str, Any]:
    row = selectors.redemptions_for(desk.place.actor).get(operation=operation)
    return cards.result(row, desk.place.actor, now=timezone.now())


def test_what_the_issuer_refuses_after_it_was_sent_has_words_of_its_own(
    counter: SaleDesk, twin: RunningSandbox
) -> None:
    """A voucher that got another owner between the look and the burn."""
    operation = counter.sell(CODES[0])
    twin.control.put_vouchers(SHOP, {"code": CODES[0], "customer": "+212672345602"})
    operation = finish(operation)
    assert (operation.state, operation.refusal_code, operation.sends) == (State.REFUSED, "issuer_refused", 1)
    with translation.override("en"):
        shown = result_of(operation, counter)
    assert shown["say"]["headline"] == "The issuer refused the redemption"
    assert "Nothing was used" in shown["say"]["now"]
    assert (shown["tone"], shown["applied"], shown["retry"]) == ("refused", False, False)
    assert str(shown["short"]) != "Used in part"


@pytest.mark.parametrize("state", [State.REFUSED, State.NOT_SENT, State.NOT_APPLIED, State.RESOLVED_NOT_APPLIED])
def test_whatever_the_tone_of_its_words_what_was_not_used_is_called_so(state: State) -> None:
    """Plain words are those of a part in colour alone."""
    for tone in ICONS:
        words = replace(STATES[State.REFUSED], tone=tone)
        assert short_for(Operation(state=state), words) == SHORT["refused"]


def test_while_it_is_on_its_way_the_badge_says_what_the_words_say() -> None:
    for state in (State.CREATED, State.SENDING, State.UNKNOWN):
        assert short_for(Operation(state=state), STATES[State.UNKNOWN]) == SHORT["checking"]


def test_a_sale_that_one_voucher_spoils_is_read_anew(counter: SaleDesk, twin: RunningSandbox) -> None:
    operation = counter.sell()
    twin.control.put_vouchers(SHOP, {"code": CODES[1], "status": "burned"})
    operation = finish(operation)
    with translation.override("en"):
        shown = result_of(operation, counter)
    assert (operation.state, operation.refusal_code) == (State.REFUSED, "already_used")
    assert shown["say"]["headline"] == "One of the vouchers cannot be used"
    assert shown["retry"] is True
    again = services.look_up_again(operation.redemption.lookup, counter.place, now=timezone.now())
    for row in (again, *selectors.others_of(again)):
        services.look_up_voucher(row.pk)
    again.refresh_from_db()
    assert [row.refusal_code for row in (again, *selectors.others_of(again))] == ["", "already_used", ""]


def test_a_sale_counts_what_was_used(counter: SaleDesk, twin: RunningSandbox) -> None:
    with translation.override("en"):
        whole = result_of(finish(counter.sell()), counter)
        assert whole["say"]["headline"] == "3 vouchers are used"
        twin.control.put_vouchers(SHOP, *[{"code": f"Part000{n}", "customer": "+212661234501"} for n in range(3)])
        twin.control.fault("partial", endpoint="redeem", count=2)
        part = result_of(finish(counter.sell(*[f"Part000{n}" for n in range(3)])), counter)
    assert part["say"]["headline"] == "2 of 3 vouchers are used"
    assert part["taken"] == 18


def test_a_key_that_cannot_be_read_is_the_administrators_business(counter: SaleDesk) -> None:
    account = counter.scan(CODES[0]).account
    assert account
    account.seal_secrets({"private_key": "no key at all"})
    account.save()
    row = counter.scan(CODES[1])
    assert (row.state, row.refusal_code) == (Lookup.State.FAILED, "login_refused")
