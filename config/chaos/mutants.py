"""Rules of the protocol, each switched off from outside the code under test. A mutant that nobody notices fails the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from config.chaos import mutants_of_bookings as bookings
from config.chaos import mutants_of_cards as cards
from config.chaos import mutants_of_sales as sales
from config.chaos import mutants_of_the_engine as engine


@dataclass(frozen=True)
class Mutant:
    rule: str  # what is dropped
    switch: Callable[[], None] = lambda: None  # in every process of the site
    sql: tuple[str, ...] = ()  # in the database, before the run
    late: bool = False  # shows only where effects come after every window
    lagging: bool = False  # shows only where answers are lost and reads lag behind what was done
    only: str = ""  # shows only with this issuer's vouchers


NO_LEGAL_STATES = """DO $$ DECLARE found text; BEGIN
    SELECT tgname INTO STRICT found FROM pg_trigger WHERE tgname LIKE 'pgtrigger_legal_states%';
    EXECUTE format('DROP TRIGGER %I ON providers_operation', found);
END $$"""


def switch_on(name: str) -> None:
    if name:
        MUTANTS[name].switch()


MUTANTS: dict[str, Mutant] = {
    "settles_at_once": Mutant("the settle window", engine.settles_at_once),
    "one_look_is_enough": Mutant("two looks before a negative", engine.one_look_is_enough),
    "nothing_found_is_no": Mutant("a failed look is no look", engine.nothing_found_is_no),
    "sends_before_the_intent": Mutant("intent first", engine.sends_before_the_intent),
    "no_claims": Mutant("exclusion is a row", sql=("DROP INDEX one_open_claim",)),
    "a_sale_is_no_claim": Mutant("success keeps the claim for ever", engine.a_sale_is_no_claim),
    "no_total_deadline": Mutant("one deadline from first to last byte", engine.no_total_deadline),
    "an_error_means_no": Mutant("5xx and silence are unknown", engine.an_error_means_no),
    "a_2xx_means_yes": Mutant("success needs a body that names our code", engine.a_2xx_means_yes),
    "tries_again_at_once": Mutant("no re-send while unknown", engine.tries_again_at_once),
    "overwrites": Mutant(
        "compare and set; final states stay",
        engine.overwrites,
        (NO_LEGAL_STATES,),
    ),
    "sends_however_late": Mutant("nothing is sent after the send window", engine.sends_however_late),
    "other_bytes": Mutant("a re-send has the same bytes", engine.other_bytes),
    "asks_in_a_transaction": Mutant("no transaction is open during HTTP", engine.asks_in_a_transaction),
    "no_watch": Mutant("what was judged not done is looked at again", engine.no_watch, late=True),
    "only_the_bell": Mutant("PostgreSQL is the queue, the broker only a bell", engine.only_the_bell),
    "a_person_at_once": Mutant("people decide only what looks cannot", engine.a_person_at_once),
    "shows_hope": Mutant("unknown is shown as unknown", engine.shows_hope),
    "a_part_is_all": Mutant("what was used is told code by code", sales.a_part_is_all, only="afriquia_gaz"),
    "a_part_is_nothing": Mutant("a part that was used is no negative", sales.a_part_is_nothing, only="afriquia_gaz"),
    "frees_every_code": Mutant("a used code of a part stays claimed", sales.frees_every_code, only="afriquia_gaz"),
    "a_new_order": Mutant("a re-send keeps its order number", sales.a_new_order, only="afriquia_gaz"),
    "believes_a_refused_resend": Mutant(
        "a refused re-send proves nothing", sales.believes_a_refused_resend, lagging=True, only="afriquia_gaz"
    ),
    "sends_again_what_accumulates": Mutant(
        "what accumulates is never sent twice by a machine", bookings.sends_again_what_accumulates, only="rekaz"
    ),
    "compares_with_nothing": Mutant(
        "only what is new since the look before can be ours", bookings.compares_with_nothing, only="rekaz"
    ),
    "trusts_an_error": Mutant("5xx and silence are unknown of a booking too", engine.an_error_means_no, only="rekaz"),
    "overwrites_anothers_change": Mutant(
        "what somebody else has moved is never overwritten", bookings.overwrites_anothers_change, only="rekaz"
    ),
    "clear_once": Mutant("two looks before a negative about a booking", engine.one_look_is_enough, only="rekaz"),
    "tells_the_customer_again": Mutant(
        "a second cancellation sends no message", bookings.tells_the_customer_again, only="rekaz"
    ),
    "moves_points_again": Mutant(
        "points are never moved a second time by a machine", cards.moves_points_again, only="altegio"
    ),
    "all_is_new": Mutant("only what is new since the look before can be our points", cards.all_is_new, only="altegio"),
    "reports_what_was_asked": Mutant(
        "what was really taken is said, not what was asked for", cards.reports_what_was_asked, only="altegio"
    ),
    "cancels_whatever_stands": Mutant(
        "a cancellation takes back what it names", cards.cancels_whatever_stands, only="altegio"
    ),
    "need_not_add_up": Mutant(
        "nothing new counts only while the balance adds up", cards.need_not_add_up, only="altegio"
    ),
    "an_error_is_no": Mutant("5xx and silence are unknown of points too", engine.an_error_means_no, only="altegio"),
    "one_clear_look": Mutant("two looks before a negative about points", engine.one_look_is_enough, only="altegio"),
    "two_at_one_card": Mutant("one open change a card", sql=("DROP INDEX one_open_claim",), only="altegio"),
}
