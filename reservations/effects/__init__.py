"""What each write to a booking provider means to the operations engine (reliability notes §3.5). Knows no provider.

making     a new customer, booking or subscription: shows only as something new, never sent twice
moving     another time for a reservation: an absolute target, never over somebody else's change
standing   confirmed, cancelled, done
attending  came, went: shows only as one more, never sent twice
pausing    a subscription's pause and its end
"""

from providers.operations import Effect
from reservations.effects.attending import Attend
from reservations.effects.making import Book, CreateCustomer, Subscribe
from reservations.effects.moving import Reschedule
from reservations.effects.pausing import PauseSubscription, ResumeSubscription
from reservations.effects.standing import Cancel, Confirm, Finish

EFFECTS: tuple[Effect, ...] = (
    CreateCustomer(),
    Book(),
    Subscribe(),
    Reschedule(),
    Confirm(),
    Cancel(),
    Finish(),
    Attend(),
    PauseSubscription(),
    ResumeSubscription(),
)

__all__ = ["EFFECTS"]
