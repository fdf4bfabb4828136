"""Why it is cancelled, from when to when it is paused, what is subscribed to."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.contracts.booking_orders import Discount
from providers.normalise import UnreadableAmount, read_amount
from reservations.forms.booking import WhatForm

REASONS = {
    "asked": gettext_lazy("The customer asked for it"),
    "ill": gettext_lazy("The customer is ill"),
    "no_show": gettext_lazy("The customer did not come"),
    "practitioner": gettext_lazy("The practitioner is away"),
    "double": gettext_lazy("Booked twice"),
    "closed": gettext_lazy("The clinic is closed then"),
}
OTHER = "other"
DAYS = {
    "Sunday": gettext_lazy("Sunday"),
    "Monday": gettext_lazy("Monday"),
    "Tuesday": gettext_lazy("Tuesday"),
    "Wednesday": gettext_lazy("Wednesday"),
    "Thursday": gettext_lazy("Thursday"),
    "Friday": gettext_lazy("Friday"),
    "Saturday": gettext_lazy("Saturday"),
}
MOST_PERCENT = Decimal(100)


class CancelForm(forms.Form):
    reason = forms.ChoiceField(choices=[*REASONS.items(), (OTHER, "")])
    words = forms.CharField(max_length=200, strip=True, required=False)
    notify = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if found.get("reason") == OTHER and not found.get("words"):
            self.add_error("words", _("Type the reason."))
        return found

    def text(self) -> str:
        """The reason as it is sent: in the language that is active."""
        chosen = self.cleaned_data["reason"]
        return self.cleaned_data["words"] if chosen == OTHER else str(REASONS[chosen])


class PauseForm(forms.Form):
    first = forms.DateField(input_formats=["%Y-%m-%d"])
    until = forms.DateField(input_formats=["%Y-%m-%d"])

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        first, until = found.get("first"), found.get("until")
        if first and first < self.today:
            self.add_error("first", _("Choose today or a later day."))
        elif first and until and until <= first:
            self.add_error("until", _("The pause ends after it begins."))
        return found


class SubscribeForm(WhatForm):
    """`off` is the discount as typed, in per cent or in money."""

    days = forms.MultipleChoiceField(choices=list(DAYS.items()), required=False)
    off = forms.CharField(max_length=40, strip=True, required=False)
    off_kind = forms.ChoiceField(choices=[("percentage", ""), ("fixed", "")], required=False)

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        found["discount"] = None
        if found.get("off"):
            found["discount"] = self._discount(found["off"], found.get("off_kind") or "percentage")
        return found

    def _discount(self, text: str, kind: str) -> Discount | None:
        try:
            value = read_amount(text, self.currency)
        except UnreadableAmount:
            self.add_error("off", _("This is not a discount. An example: 10"))
            return None
        if value <= 0 or (kind == "percentage" and value > MOST_PERCENT) or value >= 10**9:
            self.add_error("off", _("This is not a discount. An example: 10"))
            return None
        return Discount("percentage" if kind == "percentage" else "fixed", value)
