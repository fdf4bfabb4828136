"""A voucher of Kenz'up as the client reads it: the quirks of fact sheet §6."""

from __future__ import annotations

import pytest

from providers.contracts import VoucherStatus
from providers.errors import BrokenContract
from tests.providers.afriquia_gaz.account import CODE, finding, refusal
from tests.providers.afriquia_gaz.answers import reading
from tests.providers.scripted_server import answer


def test_a_bare_object_and_a_list_of_one_are_the_same_voucher() -> None:
    assert reading(voucher_json()) == reading(f"[{voucher_json()}]")


def voucher_json(points: str = "10.55", **changes: str) -> str:
    """By hand, because a number's text is what is tried here."""
    texts = {name: f'"{value}"' for name, value in {"status": "available", "code": CODE, **changes}.items()}
    pairs = ",".join(f'"{name}":{text}' for name, text in texts.items())
    return f'{{{pairs},"points_amount":{points},"customer":"+212612345678"}}'


def test_an_empty_list_is_no_voucher() -> None:
    assert reading([]) is None


@pytest.mark.parametrize(
    "body",
    [
        '[{"code":"dF54GFd6","status":"available","points_amount":1}]',
        '{"code":"dF54GFd6","status":"available","points_amount":1}',
        voucher_json(code="DF54GFD7"),
        voucher_json(code="dF54GFd7 "),
        f"[{voucher_json(code='df54gfd7')}]",
    ],
)
def test_an_answer_about_others_is_never_taken_for_ours_and_codes_are_told_apart_by_case(body: str) -> None:
    error, _ = refusal(finding, answer(body))
    assert (type(error), error.code) == (BrokenContract, "other_code")


def test_our_voucher_is_found_wherever_it_stands_in_the_list() -> None:
    strange = '{"code":"dF54GFd6","status":null}'  # of a stranger's voucher only the code matters
    assert reading(f"[{strange},{voucher_json()}]").code == CODE


def test_our_voucher_twice_is_not_chosen_from() -> None:
    error, _ = refusal(finding, answer(f"[{voucher_json()},{voucher_json(status='burned')}]"))
    assert (type(error), error.code) == (BrokenContract, "unreadable")


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("available", VoucherStatus.USABLE),
        (" Available\u200f", VoucherStatus.USABLE),
        ("burned", VoucherStatus.USED),
        ("canceled", VoucherStatus.CANCELED),
        ("cancelled", VoucherStatus.CANCELED),
        ("expired", VoucherStatus.UNSEEN),
        ("frozen", VoucherStatus.UNSEEN),
        ("", VoucherStatus.UNSEEN),
    ],
)
def test_a_status_word_is_mapped_or_survives_as_it_is(word: str, status: VoucherStatus) -> None:
    found = reading(voucher_json(status=word))
    assert (found.status, found.raw_status) == (status, word.strip().removesuffix("\u200f"))


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("10.55", "10.55"),
        ("10", "10"),
        ("10.50", "10.5"),
        ("1e1", "10"),
        ("0", "0"),
        ('"10.55"', "10.55"),
        ("0.30000000000000004", "0.3"),
        ("10.549999999999999", "10.55"),
    ],
)
def test_points_are_read_to_the_hundredth_without_a_floats_noise(text: str, points: str) -> None:
    assert str(reading(voucher_json(points=text)).value) == points


@pytest.mark.parametrize(
    "body",
    [
        *(voucher_json(points=text) for text in ("-1", "10.555", "1e12", "null", "true", '"ten"', "[10]")),
        "null",
        '"available"',
        "[[]]",
        "[null]",
        "{}",
        f'{{"code":"{CODE}","points_amount":1}}',
        f'{{"code":"{CODE}","status":null,"points_amount":1}}',
        f'{{"code":"{CODE}","status":"available"}}',
        '{"code":5,"status":"available","points_amount":1}',
    ],
)
def test_a_voucher_it_cannot_read_is_a_broken_contract(body: str) -> None:
    error, _ = refusal(finding, answer(body))
    assert (type(error), error.code) == (BrokenContract, "unreadable")


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('"0612345678"', "+212612345678"),
        ('"07 29-12-34-56"', "+212729123456"),  # a range newer than the library's tables
        ('"00212612345678"', "+212612345678"),
        ("612345678", "+212612345678"),
        ('"+33612345678"', "+33612345678"),
        ('"no phone"', "no phone"),
        ("null", ""),
    ],
)
def test_the_owners_phone_is_e164_where_it_can_be_read(theirs: str, ours: str) -> None:
    body = voucher_json().replace('"+212612345678"', theirs)
    assert reading(body).holder_phone == ours


def test_what_is_optional_may_be_anything_and_strangers_are_ignored() -> None:
    body = voucher_json()[:-1] + ',"created_at":20220121,"shop":{"deep":[1]}}'
    assert reading(body).payload["created_at"] == ""
    assert reading('{"code":"dF54GFd7","status":"burned","points_amount":1}').holder_phone == ""


def test_a_record_shows_no_person_and_no_code_in_a_log() -> None:
    found = reading(voucher_json())
    assert CODE not in repr(found) and "612345678" not in repr(found)
