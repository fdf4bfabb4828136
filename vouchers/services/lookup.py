"""Looking a voucher up. Nothing is used by looking."""

from __future__ import annotations

import datetime as dt
import uuid
from datetime import timedelta
from typing import Any

from django.db import transaction

from branches.models import Branch
from providers import registry
from providers.contracts import CardRecord, CodeFit, VoucherRecord
from providers.errors import BrokenContract, Misconfigured, ProviderError, Rejected
from providers.models import Account, Discrepancy
from providers.normalise import CodeReading, mask_phone, read_code
from providers.operations import health
from providers.operations.journal import Journal
from providers.operations.life import database_now
from providers.operations.queue import is_full
from providers.registry import vouchers_for
from providers.secrets import keyed_hash
from vouchers import selectors, sync
from vouchers.effects import problem_of, resource_of, used_in
from vouchers.models import Lookup, Redemption, code_hash
from vouchers.services.place import CannotRedeem, Place

LOOKUP_LEASE = timedelta(seconds=40)
IN_SALE = (Lookup.State.WAITING, Lookup.State.FOUND)
ANSWERED = ["state", "refusal_code", "voucher", "sealed_cards", "answered_at", "next_at"]  # the rest is the draft's


def start_lookup(typed: str, place: Place, *, now: dt.datetime, provider: str = "") -> Lookup:
    """Record what was scanned. Refused at once when it cannot be a code or is in our own ledger; else a worker asks.
    `provider`: a code of theirs, and of nobody else.

    Raises CannotRedeem('busy') when too many wait for the same account; nothing is recorded then.
    """
    accounts = [one for one in selectors.voucher_accounts(place.branch) if provider in ("", one.provider)]
    return _start(typed, place, accounts, None, now)


def add_voucher(first: Lookup, typed: str, place: Place, *, now: dt.datetime) -> Lookup:
    """One more code for the sale that `first` began, of the same issuer, whether or not that one has been looked up yet.
    Recorded and asked for as any other; what had no answer before is asked for once more in its place.

    Raises CannotRedeem, and nothing is recorded: same_code, too_many_codes, busy, and not_ready when there is no sale to add
    to.
    """
    most = registry.SPECS[first.account.provider].most_codes if first.account else 1
    if first.account is None or most == 1 or first.first_id or hasattr(first, "redemption"):
        raise CannotRedeem("not_ready")
    rows = [first, *selectors.others_of(first)]
    if sum(row.state in IN_SALE for row in rows) >= most or len(rows) >= 2 * most:
        raise CannotRedeem("too_many_codes")
    added = _start(typed, place, [first.account], first, now)
    again = [row.pk for row in rows if row.code_hash == added.code_hash and row.state == Lookup.State.FAILED]
    Lookup.objects.filter(pk__in=again, first=first).update(set_aside_at=now)
    return added


def look_up_again(lookup: Lookup, place: Place, *, now: dt.datetime) -> Lookup:
    """The same codes once more, as new look-ups: after no answer, or for what a redemption did not use. Raises
    CannotRedeem('busy')."""
    codes = _codes_left(lookup)
    first = start_lookup(codes[0], place, now=now)
    if first.account:
        for n, code in enumerate(codes[1:], start=1):  # a list shows them as they came
            _start(code, place, [first.account], first, now + timedelta(microseconds=n))
    return first


def _codes_left(lookup: Lookup) -> list[str]:
    """Of a sale that used a part of its vouchers: the others. A code that cannot be read is what was typed."""
    redemption = Redemption.objects.filter(lookup=lookup).select_related("operation").first()
    if redemption is None:
        codes = [lookup.code or lookup.typed, *(row.code for row in selectors.others_of(lookup) if row.code)]
        return list(dict.fromkeys(codes))
    used = used_in(redemption.operation)
    left = [line.code for line in redemption.lines.all() if resource_of(line.code_hash) not in used and line.code]
    return left or [lookup.code or lookup.typed]


def _start(typed: str, place: Place, accounts: list[Account], first: Lookup | None, now: dt.datetime) -> Lookup:
    reading = read_code(typed, [registry.SPECS[account.provider] for account in accounts])
    lookup = Lookup(branch=place.branch, till=place.till, actor=place.actor, created_at=now, notes=list(reading.notes))
    lookup.first, lookup.partner = first, place.partner
    account = _account_for(reading, accounts)
    lookup.seal_code(typed[:200].replace("\x00", ""), reading.code if account else "")
    if account is None:
        _refuse_lookup(lookup, "malformed" if accounts else "no_issuer", now)
    else:
        lookup.account, lookup.code_hash, lookup.code_last4 = account, code_hash(reading.code), reading.code[-4:]
        if first and _is_in_sale(first, lookup.code_hash):
            raise CannotRedeem("same_code")
        _check_own_ledger(lookup, account, reading.code, now)
    lookup.save(force_insert=True)
    return lookup


def _is_in_sale(first: Lookup, hashed: str) -> bool:
    rows = (first, *selectors.others_of(first))
    return hashed in {row.code_hash for row in rows if row.state in IN_SALE}


def _account_for(reading: CodeReading, accounts: list[Account]) -> Account | None:
    if reading.fit == CodeFit.NO:
        return None
    named = [account for account in accounts if account.provider == reading.spec_slug]
    return named[0] if named else None


def _check_own_ledger(lookup: Lookup, account: Account, code: str, now: dt.datetime) -> None:
    holder = selectors.holder_of(account, code)
    if holder is None:
        if is_full(Lookup.objects.filter(account=account, state=Lookup.State.WAITING)):
            raise CannotRedeem("busy")
        lookup.next_at = database_now()  # workers compare it with that clock; this machine's may be wrong
        return
    lookup.holder = holder
    _refuse_lookup(lookup, "in_use_here" if holder.is_open else "already_used_here", now)


def _refuse_lookup(lookup: Lookup, code: str, now: dt.datetime) -> None:
    lookup.state, lookup.refusal_code = Lookup.State.REFUSED, code
    lookup.answered_at, lookup.next_at = now, None


def look_up_voucher(lookup_id: uuid.UUID) -> str:
    """Ask the provider, once. Returns the state it was left in, '' if it was not ours to take."""
    lookup = _take_lookup(lookup_id)
    if lookup is None or lookup.account is None:
        return ""
    journal = Journal(lookup.account)
    try:
        record = vouchers_for(lookup.account, journal).find_voucher(lookup.code)
    except ProviderError as error:
        _lookup_failed(lookup, journal, error)
    else:
        _lookup_answered(lookup, journal, record)
    return lookup.state


def _take_lookup(lookup_id: uuid.UUID) -> Lookup | None:
    with transaction.atomic(durable=True):
        now = database_now()
        rows = Lookup.objects.select_for_update(skip_locked=True, of=("self",)).select_related("account", "branch")
        lookup = rows.filter(pk=lookup_id, state=Lookup.State.WAITING, next_at__lte=now).first()
        if lookup:
            lookup.next_at = now + LOOKUP_LEASE
            lookup.save(update_fields=["next_at"])
    return lookup


def _lookup_failed(lookup: Lookup, journal: Journal, error: ProviderError) -> None:
    assert lookup.account is not None
    with transaction.atomic(durable=True):
        now = database_now()
        journal.write()
        if not _still_waits(lookup):
            return
        health.failed(lookup.account, error, now)
        lookup.state, lookup.refusal_code = Lookup.State.FAILED, _failure_code(error)
        lookup.answered_at, lookup.next_at = now, None
        lookup.save(update_fields=ANSWERED)
        if isinstance(error, BrokenContract):
            _alert(lookup, Discrepancy.Kind.CONTRACT, {"code": error.code, "detail": error.detail}, now)


def _still_waits(lookup: Lookup) -> bool:
    """Not when our lease ran out and another worker answered: the draft may have been filled in since."""
    return Lookup.objects.select_for_update().filter(pk=lookup.pk, state=Lookup.State.WAITING).exists()


def _failure_code(error: ProviderError) -> str:
    if isinstance(error, BrokenContract):
        return "unreadable_answer"
    if isinstance(error, Rejected):
        return "issuer_refused"
    return "login_refused" if isinstance(error, Misconfigured) else "no_answer"


def _lookup_answered(lookup: Lookup, journal: Journal, record: VoucherRecord | None) -> None:
    assert lookup.account is not None
    with transaction.atomic(durable=True):
        now = database_now()
        journal.write()
        if not _still_waits(lookup):
            return
        health.answered(lookup.account, now)
        lookup.answered_at, lookup.next_at = now, None
        problem = problem_of(record) or _expired_by_date(record, lookup.branch, now)
        if record is not None:
            lookup.voucher = sync.store_voucher(lookup.account, record, now)
        if problem:
            _refuse_lookup(lookup, problem, now)
        elif record is not None:
            lookup.state = Lookup.State.FOUND
            lookup.seal_cards(_people(record, registry.SPECS[lookup.account.provider].owner_check))
        if problem == "unseen_status" and record is not None:
            _alert(
                lookup,
                Discrepancy.Kind.UNSEEN_STATUS,
                {"status": record.raw_status[:40], "last4": lookup.code_last4},
                now,
            )
        lookup.save(update_fields=ANSWERED)


def _expired_by_date(record: VoucherRecord | None, branch: Branch, now: dt.datetime) -> str:
    if record is None or record.expires_on is None:
        return ""
    return "expired" if record.expires_on < now.astimezone(branch.zone).date() else ""


def _alert(lookup: Lookup, kind: str, facts: dict[str, Any], now: dt.datetime) -> None:
    assert lookup.account is not None
    Discrepancy.objects.create(account=lookup.account, branch=lookup.branch, kind=kind, facts=facts, at=now)


def _people(record: VoucherRecord, owner_check: str) -> list[dict[str, Any]]:
    """Who may stand at the desk with this voucher. ID numbers become last four and a keyed hash here, before anything is
    stored; a phone stays whole, sealed, only where the customer is to be known by it."""
    cards = [_person(card) for card in record.cards]
    if cards:
        return cards
    holder = CardRecord("holder", record.holder_name, record.holder_phone, record.holder_id_number, None, None)
    if owner_check != "phone":
        return [_person(holder)]
    # Another owner is another person: who was asked for the number of the one has not shown that of the other.
    whose = f"owner-{keyed_hash('phone', record.holder_phone)[:16]}"
    return [_person(holder) | {"id": whose, "e164": record.holder_phone}]


def _person(card: CardRecord) -> dict[str, Any]:
    return {
        "id": card.external_id,
        "name": card.name[:200],
        "phone": mask_phone(card.phone),
        "last4": card.id_number[-4:],
        "hash": keyed_hash("id-number", card.id_number) if card.id_number else "",
        "valid_until": card.valid_until.isoformat() if card.valid_until else "",
    }
