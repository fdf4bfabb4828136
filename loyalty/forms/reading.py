"""What stands in the addresses of these pages. What cannot be read is left out, never guessed."""

from __future__ import annotations

import datetime as dt

from django import forms

FIRST, LAST = dt.date(2000, 1, 3), dt.date(2100, 1, 1)


class AskedForm(forms.Form):
    """Which question to the provider this page waits for, or has waited for."""

    asked = forms.UUIDField()


class DayForm(forms.Form):
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def clean_day(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["day"]
        if day and not FIRST <= day <= LAST:
            raise forms.ValidationError("too far", code="too_far")
        return day
