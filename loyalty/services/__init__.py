"""Cards and points. Verbs write; each is called by a view, a task or the partner API.

Every change at the provider opens an operation and gives back its Act; senders and settlers do the rest. More points than a
person may move alone become a Proposal, which another person agrees to. What somebody only waits to read is an Ask.
"""

from loyalty.services.asking import (
    answer_ask,
    ask_card_types,
    ask_clients,
    is_at,
    purge_asks,
    refresh_bill,
    refresh_card,
    refresh_client,
    refresh_visit,
    visits_of_day,
)
from loyalty.services.cards import issue_card, remove_card
from loyalty.services.limits import Allowance, Standing, allowance_of, standing_before, who_may_agree
from loyalty.services.place import CannotMove
from loyalty.services.points import (
    agree,
    decline,
    expire_proposals,
    move_points,
    proposal_of_form,
    put_proposal_aside,
    take_back,
    weigh,
)
from loyalty.services.visits import (
    apply_program,
    apply_referral,
    cancel_program,
    cancel_withdrawal,
    standing,
    withdraw_points,
)
from providers.acting import Place, check_now, put_aside

__all__ = [
    "Allowance",
    "CannotMove",
    "Place",
    "Standing",
    "agree",
    "allowance_of",
    "answer_ask",
    "apply_program",
    "apply_referral",
    "ask_card_types",
    "ask_clients",
    "cancel_program",
    "cancel_withdrawal",
    "check_now",
    "decline",
    "expire_proposals",
    "is_at",
    "issue_card",
    "move_points",
    "proposal_of_form",
    "purge_asks",
    "put_aside",
    "put_proposal_aside",
    "refresh_bill",
    "refresh_card",
    "refresh_client",
    "refresh_visit",
    "remove_card",
    "standing",
    "standing_before",
    "take_back",
    "visits_of_day",
    "weigh",
    "who_may_agree",
    "withdraw_points",
]
