"""Every state that a page can show, made by the services themselves with no worker at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from axes.models import AccessAttempt
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from branches.codes import owned_by
from branches.models import User
from branches.roles import Role
from providers.alreaaiaa.sandbox_vouchers import HOSTILE_NAMES, LONGEST_NAME
from providers.models import AccountHealth, Operation, State
from providers.operations import decide, send_operation
from providers.sandbox.running import RunningSandbox
from providers.windows import Windows
from tests.browser.booked import Booked
from tests.browser.booking_desk import opened_clinic
from tests.browser.bookings import Bookings
from tests.browser.card_desk import opened_salon
from tests.browser.carded import Carded
from tests.browser.clinic import Clinic, card, opened
from tests.browser.pointed import Pointed
from tests.browser.sales import Sales
from tests.browser.shop import opened_shop
from tests.passkey import credential
from tests.scene import QUICK, SLUG, Desk, finish, turn
from vouchers import services
from vouchers.models import Case, Lookup, Redemption
from vouchers.services import Complaint, Ruling

IMPATIENT = Windows(connect=2, total=10, lease=30, send=15, send_before=60, settle=0.1, second_look=0.1, review=0)
LATER = dt.timedelta(hours=1)
LOCKED_OUT = "locked-out"
NAMES = {
    "reem": "ريم",
    "huda": "هدى",
    "nouf": "نوف",
    "aziz": "عبدالعزيز",
    "majed": "ماجد",
    "dana": "دانة",
    "salma": "سلمى",
    "warda": "وردة",
    "amal": "Amal",
    "karim": "Karim",
    "rana": "رنا",
    "hind": "هند",
    "badr": "بدر",
    "ghada": "غادة",
    "lina": "لينا",
    "samar": "سمر",
    "wijdan": "وجدان",
}


class Gallery:
    """`paths` of the pages by name, and the people who look at them: of a busy clinic, of a quiet one, and of one whose
    issuer does not answer."""

    def __init__(self, twin: RunningSandbox) -> None:
        self.paths: dict[str, str] = {}
        self.clinic, self.quiet, self.dark = opened(twin), opened(twin), opened(twin)
        self.people: dict[str, tuple[Clinic, User]] = {}
        for name, role in {"reem": Role.RECEPTIONIST, "huda": Role.SUPERVISOR, "nouf": Role.MANAGER}.items():
            self._hire(self.clinic, name, role)
        self._hire(self.clinic, "aziz", Role.ACCOUNTANT)
        self._hire(self.quiet, "majed", Role.RECEPTIONIST)
        self._hire(self.quiet, "dana", Role.SUPERVISOR)
        self._hire(self.quiet, "warda", Role.RECEPTIONIST)
        self.with_factors(self.people["warda"][1])
        self._hire(self.dark, "salma", Role.RECEPTIONIST)
        self.desk: Desk = self.clinic.desk(self.people["reem"][1])
        booking = opened(twin)
        self._hire(booking, "rana", Role.RECEPTIONIST)
        shop = opened_shop(twin)
        self._hire(shop, "amal", Role.RECEPTIONIST)
        self._hire(shop, "karim", Role.SUPERVISOR)
        books = opened_clinic(twin)
        self._hire(books, "hind", Role.RECEPTIONIST)
        self._hire(books, "badr", Role.SUPERVISOR)
        self._hire(books, "ghada", Role.MANAGER)
        salon = opened_salon(twin)
        self._hire(salon, "lina", Role.RECEPTIONIST)
        self._hire(salon, "samar", Role.SUPERVISOR)
        self._hire(salon, "wijdan", Role.MANAGER)
        with override_settings(WINDOWS=QUICK):
            self._look_ups()
            self._redemptions()
            self._cases()
            Bookings(booking, self.people["rana"][1], self._keep_page, self.paths)
            Sales(shop, self.people["amal"][1], self.people["karim"][1], self._keep_page)
            Booked(books, self.people["hind"][1], self.people["badr"][1], self.paths.__setitem__)
            Carded(salon, self.people["lina"][1], self.people["samar"][1], self.paths.__setitem__)
            Pointed(salon, self.people["lina"][1], self.people["samar"][1], self.paths.__setitem__)
        now = timezone.now()
        AccessAttempt.objects.create(username=LOCKED_OUT, ip_address="127.0.0.1", failures_since_start=9)
        AccountHealth.objects.create(
            account=self.dark.account, failures=9, failing_since=now - LATER, open_until=now + LATER
        )

    def _keep_page(self, name: str, view: str, key: object) -> None:
        self.paths[name] = reverse(view, args=[key])

    def _hire(self, clinic: Clinic, name: str, role: str) -> None:
        self.people[name] = clinic, clinic.hire(role, name=NAMES[name])

    def session(self, name: str) -> str:
        """Of "nobody": none."""
        if name not in self.people:
            return ""
        clinic, user = self.people[name]
        return clinic.session(user)

    def with_factors(self, person: User) -> None:
        """An app, a passkey that nobody has, and recovery codes that were not looked at."""
        Authenticator.objects.filter(user=person).delete()
        Authenticator.objects.create(user=person, type="totp", data={"secret": "-"})
        Authenticator.objects.create(
            user=person, type="webauthn", data={"name": "Till 1 · Windows", "credential": credential()}
        )
        with owned_by(person):
            RecoveryCodes.activate(person)

    def speak(self, language: str) -> None:
        User.objects.filter(pk__in=[user.pk for _clinic, user in self.people.values()]).update(language=language)

    # Look-ups -------------------------------------------------------------------------------------------------------

    def _look_ups(self) -> None:
        self._keep_lookup("waiting", self._waiting())
        self._keep_lookup("verified", self.desk.look_up(self.clinic.voucher()))
        drafted = self.desk.draft(self.clinic.voucher())
        self._keep_lookup("amounts", drafted, "amounts")
        self._keep_lookup("confirm", drafted, "confirm")
        self._keep_lookup("amounts refused", self.desk.draft(self.clinic.voucher()), "amounts")
        self._keep_lookup("refused", self.desk.look_up(self.clinic.voucher(status="expired")))
        self._keep_lookup("unseen", self.desk.look_up(self.clinic.voucher(status="frozen")))
        self._keep_lookup("malformed", self.desk.look_up("hello 0/1 world"))
        for name, holder in {"hostile": HOSTILE_NAMES[0], "turned": HOSTILE_NAMES[2], "long": LONGEST_NAME}.items():
            self._keep_lookup(f"{name} verified", self.desk.look_up(self._voucher_of(holder)))
            self._keep_lookup(f"{name} confirm", self.desk.draft(self._voucher_of(holder), "9999999.99"), "confirm")
        self.clinic.twin.control.fault("status", provider=SLUG, endpoint="find", status=503)
        self._keep_lookup("no answer", self.desk.look_up(self.clinic.voucher()))

    def _waiting(self) -> Lookup:
        with transaction.atomic():
            lookup = services.start_lookup(self.clinic.voucher(), self.desk.place, now=timezone.now() - LATER)
            Lookup.objects.filter(pk=lookup.pk).update(next_at=timezone.now() + LATER)
        return lookup

    def _voucher_of(self, holder: str) -> str:
        client = {"id": 900, "name": holder, "country_code": "+966", "phone": "512345678", "identity_number": "1099"}
        cards = [card(9_000 + n, name) for n, name in enumerate((holder, *HOSTILE_NAMES))]
        return self.clinic.voucher(client=client, client_cards=cards)

    def _keep_lookup(self, name: str, lookup: Lookup, view: str = "lookup") -> None:
        self.paths[name] = reverse(f"vouchers:{view}", args=[lookup.pk])

    # Redemptions ----------------------------------------------------------------------------------------------------

    def _redemptions(self) -> None:
        self._keep("sending", self.desk.redeem(self.clinic.voucher()))
        self._keep("unknown", self._unknown())
        self._keep("succeeded", finish(self.desk.redeem(self.clinic.voucher())), slip=True)
        long = finish(self.desk.redeem(self._voucher_of(LONGEST_NAME), "9999999.99"))
        self._keep("long succeeded", long, slip=True)
        self._keep("hostile succeeded", finish(self.desk.redeem(self._voucher_of(HOSTILE_NAMES[1]))), slip=True)
        self._keep("refused by them", self._refused())
        self._keep("not applied", self._not_applied())
        self._keep("needs review", self._needs_review())
        self._keep("half decided", self._half_decided())
        self._keep("decided", self._decided())

    def _keep(self, name: str, operation: Operation, *, slip: bool = False) -> None:
        redemption = Redemption.objects.get(operation=operation)
        self.paths[name] = reverse("vouchers:redemption", args=[redemption.pk])
        self.paths[f"{name}: evidence"] = reverse("desk:review_detail", args=[redemption.pk])
        if slip:
            self.paths[f"{name}: slip"] = reverse("vouchers:slip", args=[redemption.pk])

    def _fault(self, kind: str, code: str, **parameters: object) -> None:
        self.clinic.twin.control.fault(kind, provider=SLUG, endpoint="redeem", code=code, **parameters)

    def _sent(self, kind: str, then: Callable[[str], object] = lambda code: None) -> Operation:
        """Its answer was lost; nobody has looked yet."""
        code = self.clinic.voucher()
        operation = self.desk.redeem(code)
        self._fault(kind, code)
        assert send_operation(operation.pk) == State.UNKNOWN
        then(code)
        return operation

    def _unknown(self) -> Operation:
        return self._sent("drop_after")

    def _refused(self) -> Operation:
        code = self.clinic.voucher()
        operation = self.desk.redeem(code)
        self.clinic.voucher(code, status="canceled")
        return finish(operation)

    def _not_applied(self) -> Operation:
        operation = self._sent("drop_before")
        Operation.objects.filter(pk=operation.pk).update(send_before=timezone.now())
        return finish(operation)

    def _needs_review(self) -> Operation:
        operation = self._sent("drop_before", lambda code: self.clinic.voucher(code, status="frozen"))
        with override_settings(WINDOWS=IMPATIENT):
            assert turn(operation) == State.NEEDS_REVIEW
        return operation

    def _half_decided(self) -> Operation:
        operation = self._needs_review()
        decide(operation, self.people["nouf"][1], applied=True, reason="issuer_portal", note_text=HOSTILE_NAMES[0])
        return operation

    def _decided(self) -> Operation:
        operation = self._half_decided()
        return decide(operation, self.people["huda"][1], applied=True, reason="issuer_confirmed")

    # Cases ----------------------------------------------------------------------------------------------------------

    def _cases(self) -> None:
        """Of every age and in every state."""
        self._keep_case("case to send", self._case(note="كُتب 200 بدل 150."), "disputed")
        self._keep_case("case to close", self._case(days=9, sent=True))
        self._keep_case("case with an attack", self._case(days=16, sent=True, note=" ".join(HOSTILE_NAMES)))
        self._keep_case("case closed", self._closed(self._case(days=20, sent=True)), "corrected")
        self._keep_case("case of hers", self._case(sent=True, by="nouf"))
        self.paths["new case"] = reverse("vouchers:new_case", args=[self._used(LONGEST_NAME).pk])

    def _used(self, holder: str = "") -> Redemption:
        code = self._voucher_of(holder) if holder else self.clinic.voucher()
        return Redemption.objects.get(operation=finish(self.desk.redeem(code)))

    def _case(self, *, days: int = 0, sent: bool = False, note: str = "", by: str = "huda") -> Case:
        opener, now = self.people[by][1], timezone.now() - dt.timedelta(days)
        complaint = Complaint("wrong_amount", "correct", Decimal(150), note=note)
        case = services.open_case(self._used(), opener, complaint, now=now)
        return services.mark_sent(case, opener, now=now) if sent else case

    def _closed(self, case: Case) -> Case:
        ruling = Ruling("partly", "CN-2026/77", case.business_date, Decimal("30.50"), "paid with the statement of May")
        return services.close_case(case, self.people["aziz"][1], ruling, now=timezone.now())

    def _keep_case(self, name: str, case: Case, redemption: str = "") -> None:
        self.paths[name] = reverse("vouchers:case", args=[case.pk])
        if redemption:
            self.paths[redemption] = reverse("vouchers:redemption", args=[case.redemption_id])
