"""Points by hand in every state that a page can show, and what is owed in them, with no worker at hand."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone

from branches.models import User
from loyalty import services
from loyalty.models import Act, Card, LoyaltyTransaction, Proposal
from loyalty.services import Place
from tests.browser.card_desk import NOURA, SARA, CardClinic
from tests.web.world import walk

LONG_NOTE = "انتظرت العميلة أكثر من ساعة في غرفة الانتظار ثم أُجّل موعدها مرتين في الأسبوع نفسه دون أي إشعار مسبق"
KINDS = (("accrual", "12"), ("withdrawal", "10"), ("deposit_by_hand", "1.50"), ("withdrawal_by_hand", "1"))


class Pointed:
    """`keep` takes the name of a page and its path."""

    def __init__(self, clinic: CardClinic, clerk: User, chief: User, keep: Callable[[str, str], object]) -> None:
        self.clinic, self.clerk, self.chief, self.keep = clinic, clerk, chief, keep
        card = clinic.card(SARA)
        for verb in ("give", "take"):
            keep(verb, reverse(f"loyalty:{verb}", args=[card.pk]))
        self._proposals(card)
        self._a_year(card)

    def _proposals(self, card: Card) -> None:
        now = timezone.now()
        self._page("proposal of mine", self._proposal(card))
        self._page("proposal to decide", self._proposal(card, note=LONG_NOTE, amount=Decimal("-60.50")))
        self._page("proposal of hers", self._proposal(card, actor=self.chief, amount=Decimal(400)))
        self._page("proposal too large", self._proposal(card, amount=Decimal("12345.75")))
        no = services.decline(self._proposal(card), Place(self.chief, self.clinic.branch), now=now, note=LONG_NOTE)
        self._page("proposal declined", no)
        self._page("proposal expired", self._proposal(card, expires_at=now - dt.timedelta(minutes=1)))

    def _proposal(self, card: Card, **more: Any) -> Proposal:
        now = timezone.now()
        facts: dict[str, Any] = {"account": card.account, "branch": self.clinic.branch, "actor": self.clerk}
        facts |= {"form_token": uuid.uuid4(), "card_id": card.external_id, "client_id": SARA}
        facts |= {"card_tail": card.number[-4:], "amount": Decimal("60.25"), "scope": "location", "reason": "missed"}
        facts |= {"created_at": now - dt.timedelta(hours=2), "expires_at": now + dt.timedelta(hours=22)}
        return Proposal.objects.create(**facts | more)

    def _page(self, name: str, proposal: Proposal) -> None:
        self.keep(name, reverse("loyalty:proposal", args=[proposal.pk]))

    def _a_year(self, card: Card) -> None:
        """Movements of eleven months, and points given by hand today, one of them by nobody of ours."""
        today = timezone.localdate()
        for month in range(11):
            for kind, amount in KINDS:
                self._movement(card, kind, Decimal(amount) * (month % 4 + 1), today - dt.timedelta(days=30 * month))
        place = Place(self.clerk, self.clinic.branch, self.clinic.branch.tills.get(number=1))
        act = services.move_points(self.clinic.card(NOURA), Decimal(35), "birthday", place, now=timezone.now())
        assert isinstance(act, Act)
        walk(act.operation, "succeeded")
        made = self._movement(card, "deposit_by_hand", Decimal(35), today)
        Act.objects.filter(pk=act.pk).update(transaction_ids=[made.external_id], note=LONG_NOTE)
        key = f"{self.clinic.account.pk}:{card.chain_id}"
        self.keep("owed by hand", f"{reverse('loyalty:owed_rows')}?what=person&chain={key}&person={self.clerk.pk}")

    def _movement(self, card: Card, kind: str, amount: Decimal, day: dt.date) -> LoyaltyTransaction:
        row = {"account": card.account, "external_id": uuid.uuid4().hex[:12], "payload": {}, "seen_at": timezone.now()}
        return LoyaltyTransaction.objects.create(
            **row,
            **{"raw_hash": b"0" * 16, "content_hash": b"0" * 16, "chain_id": card.chain_id},
            **{"movement": kind, "amount": amount, "card_id": card.external_id, "day": day},
        )
