"""Questions about bookings, for the screens and the partner API. Each starts from the accounts of the person's branches, has
an end, and asks the database a fixed number of questions, however many rows there are.

today week            the board of a trading day, the seven days of a week           (board)
find_reservations     by time, status, phone, number                                  (records)
reservations_of       subscriptions_of, attendances_of: of one customer               (records)
acts_of acts_for      what we did to one of theirs; unfinished_acts for the desk      (acts)
candidates_of         what stands there that an act may have made, for who decides    (candidates)
named_there           what people call those that somebody said are ours              (candidates)
slots_of slots_near   free times of an answered Ask                                      (slots)
horizon ahead         how far ahead a branch can be booked, and whether that is enough  (horizons)
products_of           practitioners_of: what a branch offers                          (catalogue)
booking_links         which accounts a branch books through, as which place of theirs (places)
"""

from reservations.effects.candidates import most_named
from reservations.selectors.acts import (
    act_for,
    act_of_form,
    acts_for,
    acts_needing_person,
    acts_of,
    acts_of_customer,
    unfinished_acts,
)
from reservations.selectors.board import Board, Cell, Entry, day_of, today, week
from reservations.selectors.candidates import Candidate, candidates_of, named_there
from reservations.selectors.catalogue import (
    offer_of,
    practitioner_ids_of,
    practitioners_of,
    price_named,
    price_of,
    product_at,
    product_of,
    products_by_ask,
    products_of,
    who_gives,
)
from reservations.selectors.horizons import Ahead, ahead, horizon
from reservations.selectors.places import Link, booking_links, is_ours, used_as
from reservations.selectors.records import (
    BadCursor,
    Days,
    Page,
    ReservationFilter,
    attendances_of,
    days_of,
    find_reservations,
    reservation_for,
    reservations_of,
    subscription_for,
    subscriptions_of,
)
from reservations.selectors.slots import (
    Slot,
    ask_for,
    asks_due,
    asks_for,
    slot_named,
    slot_numbered,
    slots_near,
    slots_of,
)

__all__ = [
    "Ahead",
    "BadCursor",
    "Board",
    "Candidate",
    "Cell",
    "Days",
    "Entry",
    "Link",
    "Page",
    "ReservationFilter",
    "Slot",
    "act_for",
    "act_of_form",
    "acts_for",
    "acts_needing_person",
    "acts_of",
    "acts_of_customer",
    "ahead",
    "ask_for",
    "asks_due",
    "asks_for",
    "attendances_of",
    "booking_links",
    "candidates_of",
    "day_of",
    "days_of",
    "find_reservations",
    "horizon",
    "is_ours",
    "most_named",
    "named_there",
    "offer_of",
    "practitioner_ids_of",
    "practitioners_of",
    "price_named",
    "price_of",
    "product_at",
    "product_of",
    "products_by_ask",
    "products_of",
    "reservation_for",
    "reservations_of",
    "slot_named",
    "slot_numbered",
    "slots_near",
    "slots_of",
    "subscription_for",
    "subscriptions_of",
    "today",
    "unfinished_acts",
    "used_as",
    "week",
    "who_gives",
]
