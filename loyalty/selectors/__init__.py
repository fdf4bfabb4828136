"""Questions about cards, points and visits, for the screens and the partner API. Each starts from the accounts of the person's
branches, has an end, and asks the database a fixed number of questions.

acts_for act_for      what we did; unfinished_acts for the desk, acts_needing_person for a review    (acts)
proposals_for         what waits for a second person                                                    (acts)
candidates_of         what of theirs an act may have made, for a person who decides                       (candidates)
client_of             whose a card is; cards_held_by; card_as_of                                         (holders)
points_by_hand        by the day, with or without an act of ours                                         (by_hand)
customer_for card_for whose cards one may see, and movements_of a card, page by page                    (customers)
day_of                the visits of a day; visits_of_customer, appointment_at a branch, with their bill  (visits)
loyalty_links         which accounts a branch keeps cards with, as which place of theirs                (places)
"""

from loyalty.selectors.acts import (
    act_for,
    act_of_form,
    acts_for,
    acts_in_visit,
    acts_needing_person,
    acts_of_client,
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
from loyalty.selectors.by_hand import DayByHand, points_by_hand
from loyalty.selectors.candidates import Candidate, candidates_of, most_named, named_there
from loyalty.selectors.customers import BadCursor, Movements, card_for, customer_for, movements_of
from loyalty.selectors.holders import card_as_of, cards_held_by, client_of, holding_of
from loyalty.selectors.places import Link, link_at, loyalty_accounts, loyalty_links
from loyalty.selectors.visits import (
    Day,
    DayVisit,
    Held,
    appointment_at,
    bill_for,
    day_of,
    held_by,
    together_with,
    visits_of_customer,
)

__all__ = [
    "BadCursor",
    "Candidate",
    "Day",
    "DayByHand",
    "DayVisit",
    "Held",
    "Link",
    "Movements",
    "act_for",
    "act_of_form",
    "acts_for",
    "acts_in_visit",
    "acts_needing_person",
    "acts_of_client",
    "acts_on_card",
    "appointment_at",
    "ask_for",
    "asks_due",
    "bill_for",
    "candidates_of",
    "card_as_of",
    "card_for",
    "cards_held_by",
    "client_of",
    "customer_for",
    "day_of",
    "held_by",
    "holding_of",
    "link_at",
    "loyalty_accounts",
    "loyalty_links",
    "most_named",
    "movements_of",
    "named_there",
    "points_by_hand",
    "proposal_for",
    "proposals_for",
    "proposals_on_desk",
    "proposals_to_decide",
    "proposals_waiting",
    "together_with",
    "unfinished_acts",
    "visits_of_customer",
]
