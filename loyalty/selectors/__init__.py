"""Questions about cards, points and visits, for the screens and the partner API. Each starts from the accounts of the person's
branches, has an end, and asks the database a fixed number of questions.

acts_for act_for      what we did; unfinished_acts for the desk, acts_needing_person for a review    (acts)
proposals_for         what waits for a second person                                                    (acts)
candidates_of         what of theirs an act may have made, for a person who decides                       (candidates)
client_of             whose a card is; cards_held_by                                                     (holders)
loyalty_links         which accounts a branch keeps cards with, as which place of theirs                (places)
"""

from loyalty.selectors.acts import (
    act_for,
    act_of_form,
    acts_for,
    acts_in_visit,
    acts_needing_person,
    acts_on_card,
    ask_for,
    asks_due,
    proposal_for,
    proposals_for,
    proposals_on_desk,
    proposals_to_decide,
    proposals_waiting,
    unfinished_acts,
)
from loyalty.selectors.candidates import Candidate, candidates_of, most_named, named_there
from loyalty.selectors.holders import cards_held_by, client_of
from loyalty.selectors.places import Link, link_at, loyalty_accounts, loyalty_links

__all__ = [
    "Candidate",
    "Link",
    "act_for",
    "act_of_form",
    "acts_for",
    "acts_in_visit",
    "acts_needing_person",
    "acts_on_card",
    "ask_for",
    "asks_due",
    "candidates_of",
    "cards_held_by",
    "client_of",
    "link_at",
    "loyalty_accounts",
    "loyalty_links",
    "most_named",
    "named_there",
    "proposal_for",
    "proposals_for",
    "proposals_on_desk",
    "proposals_to_decide",
    "proposals_waiting",
    "unfinished_acts",
]
