"""What a branch of the world has when it keeps loyalty cards: an account that nobody answers for, a customer with a card, a
visit of today with its bill, answered questions, and acts in the states that a page shows."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from branches.models import User
from customers.models import ProviderCustomer
from loyalty import services
from loyalty.models import Act, Appointment, Ask, Card, CardType, Holding, LoyaltyTransaction, Proposal, Visit
from loyalty.services import Place
from providers.accounts import connect_account
from providers.models import Account, Environment, Evidence, Operation, State
from providers.sandbox.box import all_twins
from tests.web.world import Corner, walk

PHONE, CASHBACK, PROGRAM = "+966501234567", "10992", "18005"
VISIT_VIEWS = ("visit", "refresh_visit", "withdraw", "withdraw_confirm", "apply_program", "referral")
HASHES = {"raw_hash": b"0" * 16, "content_hash": b"0" * 16}


@dataclass
class Cards:
    corner: Corner
    account: Account
    customer: ProviderCustomer
    type: CardType

    def place(self, actor: User | None = None) -> Place:
        return Place(actor or self.corner.clerk, self.corner.branch, self.corner.till)

    def mirror(self, external_id: str) -> dict[str, Any]:
        row = {"account": self.account, "external_id": external_id, "payload": {}, "seen_at": timezone.now()}
        return {**row, **HASHES}

    def client(self, name: str = "سارة القحطاني") -> ProviderCustomer:
        key = uuid.uuid4().hex[:12]
        return ProviderCustomer.objects.create(**self.mirror(key), name=name, folded_name=name, phone=PHONE)

    def card(self, balance: str = "60", customer: ProviderCustomer | None = None, **more: Any) -> Card:
        key, holder = uuid.uuid4().hex[:12], customer or self.customer
        program = {"id": PROGRAM, "title": "Ten percent", "value": "10", "unit": "percent"}
        facts: dict[str, Any] = {"number": "0014507109210520", "type_id": CASHBACK, "type_title": "Cashback"}
        facts |= {"programs": [{**program, "is_discount": True, "is_cashback": False}], "balance": Decimal(balance)}
        card = Card.objects.create(**self.mirror(key), **facts | more)
        Holding.objects.create(account=self.account, client_id=holder.external_id, card_id=key, seen_at=timezone.now())
        return card

    def appointment(self, customer: ProviderCustomer | None = None, **more: Any) -> Appointment:
        key, holder = uuid.uuid4().hex[:12], customer or self.customer
        facts: dict[str, Any] = {"visit_id": f"v-{key}", "place_id": "4564", "starts_at": timezone.now(), "minutes": 60}
        facts |= {"client_id": holder.external_id, "client_name": holder.name, "client_phone": PHONE}
        facts |= {"attendance": "waiting", "services": [{"id": "1", "title": "Waxing", "cost": "100"}]}
        return Appointment.objects.create(**self.mirror(key), **facts | more)

    def bill(self, appointment: Appointment, left: str = "100", loyalty: Any = (), **more: Any) -> Visit:
        item = {"id": "1", "title": "Waxing", "kind": "service", "record_id": appointment.external_id, "quantity": "1"}
        facts: dict[str, Any] = {"record_id": appointment.external_id, "total": Decimal(100)}
        facts |= {"items": [{**item, "first_cost": "100", "discount": "0", "cost": "100"}], "loyalty": list(loyalty)}
        return Visit.objects.create(**self.mirror(appointment.visit_id), left_to_pay=Decimal(left), **facts | more)

    def movement(self, card: Card, amount: str = "20", **more: Any) -> LoyaltyTransaction:
        facts: dict[str, Any] = {"movement": "deposit_by_hand", "amount": Decimal(amount), "card_id": card.external_id}
        return LoyaltyTransaction.objects.create(
            **self.mirror(uuid.uuid4().hex[:12]), **{"day": timezone.localdate()} | facts | more
        )

    # Acts -------------------------------------------------------------------------------------------------------------

    def points(self, state: str = State.NEEDS_REVIEW, actor: User | None = None, amount: str = "20") -> Act:
        act = services.move_points(self.card(), Decimal(amount), "goodwill", self.place(actor), now=timezone.now())
        assert isinstance(act, Act)
        walk(act.operation, state)
        return act

    def proposal(self, actor: User | None = None, amount: str = "60", **more: Any) -> Proposal:
        """By the clerk, and waiting for a second person."""
        card, now = self.card("100"), timezone.now()
        facts: dict[str, Any] = {"account": self.account, "branch": self.corner.branch, "till": self.corner.till}
        facts |= {"actor": actor or self.corner.clerk, "form_token": uuid.uuid4(), "card_id": card.external_id}
        facts |= {"client_id": self.customer.external_id, "card_tail": card.number[-4:], "amount": Decimal(amount)}
        facts |= {"scope": "location", "reason": "goodwill", "note": "Waited for an hour", "created_at": now}
        return Proposal.objects.create(**facts | {"expires_at": now + dt.timedelta(hours=20)} | more)

    def overdue(self) -> Act:
        act = self.points(State.UNKNOWN)
        Operation.objects.filter(pk=act.operation_id).update(escalated_at=timezone.now())
        return act

    def withdrawal(self, state: str = State.CREATED, **ending: Any) -> Act:
        """Of 100 points; `ending` are columns of the act as its end leaves them."""
        row = self.appointment()
        act = services.withdraw_points(self.bill(row), self.card(), Decimal(100), self.place(), now=timezone.now())
        walk(act.operation, state)
        Act.objects.filter(pk=act.pk).update(**ending) if ending else None
        return Act.objects.select_related("operation").get(pk=act.pk)

    def looked(self, act: Act, number: int = 2, code: str = "several") -> list[str]:
        """As many new movements fit what was asked for; without a code it is what was there before."""
        ids = [self.movement(self.card()).external_id for _ in range(number)] if code else []
        facts = {"balance": "100", "new": ids, "of": 1, "more": number - 1} if code else {"balance": "60", "moves": {}}
        source, verdict = (Evidence.From.READ, "unclear") if code else (Evidence.From.BEFORE, "clear")
        Evidence.objects.create(
            operation=act.operation, source=source, verdict=verdict, code=code, at=timezone.now(), facts=facts
        )
        return ids

    # Questions --------------------------------------------------------------------------------------------------------

    def referrer(self, *, answered: bool = True) -> Ask:
        """Somebody else has this number there."""
        ask = services.ask_clients(self.account, "0501234599", self.place(), now=timezone.now())
        return _answer(ask, {"ids": [self.client("هند الدوسري").external_id]}) if answered else ask

    def types(self, customer: ProviderCustomer, *, answered: bool = True) -> Ask:
        ask = services.ask_card_types(customer, self.place(), now=timezone.now())
        return _answer(ask, {"types": [self.type.external_id], "cards": []}) if answered else ask

    def bodies(self) -> dict[str, dict[str, str]]:
        """A good answer to each form."""
        return {
            "loyalty:withdraw": {"amount": "50"},
            "loyalty:withdraw_confirm": {"amount": "50"},
            "loyalty:referral": {"phone": "0501234599"},
            "loyalty:issue_choose": {"type": str(self.type.pk)},
            "loyalty:remove": {"reason": "lost"},
        }

    def objects(self) -> dict[str, dict[str, Any]]:
        """What stands in each address of the cards."""
        found: dict[str, dict[str, Any]] = defaultdict(dict)
        for name in ("act", "act_done", "act_check"):
            found[f"loyalty:{name}"] = {"act_id": self.points(State.UNKNOWN).pk}
        waiting = {"proposal_id": self.proposal().pk}
        for name in ("proposal", "agree", "decline", "take_back", "proposal_aside"):
            found[f"loyalty:{name}"] = waiting
        found["loyalty:give"] = found["loyalty:take"] = {"card_id": self.card().pk}
        row = self.appointment()
        card = self.card()
        self.bill(row)
        self.movement(card)
        about = {"visit_id": row.pk, "card_id": card.pk, "customer_id": self.customer.pk, "program": PROGRAM}
        for name in VISIT_VIEWS:
            found[f"loyalty:{name}"] = about
        for name in ("customer", "refresh_customer", "phone", "issue", "card", "refresh_card", "remove"):
            found[f"loyalty:{name}"] = about
        paid = self.appointment()
        stands = [{"id": "1", "movement": "withdrawal", "amount": "60", "card": card.external_id, "program": ""}]
        stands += [{**stands[0], "id": "2", "movement": "discount", "amount": "10", "program": PROGRAM}]
        self.bill(paid, "30", stands)
        found["loyalty:cancel_points"] = found["loyalty:cancel_program"] = about | {"visit_id": paid.pk}
        found["loyalty:referral_confirm"] = about | {"ask_id": self.referrer().pk}
        other = self.client("منى")
        found["loyalty:issue_choose"] = {"customer_id": other.pk, "ask_id": self.types(other).pk}
        found["desk:card_review"] = found["desk:card_decide"] = {"act_id": self.points().pk}
        found["desk:card_take"] = {"act_id": self.overdue().pk}
        found["desk:card_aside"] = {"act_id": self.points(State.SUCCEEDED).pk}
        return dict(found)


def _answer(ask: Ask, result: dict[str, Any]) -> Ask:
    ask.state, ask.result, ask.answered_at, ask.next_at = Ask.State.ANSWERED, result, timezone.now(), None
    ask.save()
    return ask


def open_cards(corner: Corner) -> Cards:
    connected = connect_account(
        provider="altegio",
        branch=corner.branch,
        base_url="http://127.0.0.1:9/altegio/api/v1",  # nobody listens there, and nobody is meant to ask
        environment=Environment.SANDBOX,
        values=all_twins()["altegio"].login(),
    )
    account = connected.account
    row = {"account": account, "external_id": CASHBACK, "payload": {}, "seen_at": timezone.now(), **HASHES}
    kind = CardType.objects.create(**row, title="Cashback", chain_id="145071", chain_title="Ruba")
    person = {"name": "سارة القحطاني", "folded_name": "ساره القحطاني", "phone": PHONE, "number": "401"}
    customer = ProviderCustomer.objects.create(**row | {"external_id": "401"}, **person)
    return Cards(corner, account, customer, kind)
