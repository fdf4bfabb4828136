"""What stands in the addresses of the board and in the box of the search. What cannot be read is left out, never guessed."""

from __future__ import annotations

import datetime as dt

from django import forms

from customers.selectors import LONGEST

BY = ("hour", "practitioner")
SHOWN = ("all", "waiting", "in_service", "late", "left", "owes")
FIRST, LAST = dt.date(2000, 1, 3), dt.date(2100, 1, 1)  # days that a week may be counted around


class DayForm(forms.Form):
    """`by` and `show` fall back to what one sees first; a day that is none, to today."""

    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    by = forms.ChoiceField(required=False, choices=[(name, "") for name in BY])
    show = forms.ChoiceField(required=False, choices=[(name, "") for name in SHOWN])

    def clean_day(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["day"]
        if day and not FIRST <= day <= LAST:
            raise forms.ValidationError("too far", code="too_far")
        return day


class SearchForm(forms.Form):
    q = forms.CharField(max_length=LONGEST, strip=True)


class AskedForm(forms.Form):
    """Which question to the provider this page waits for, or has waited for."""

    asked = forms.UUIDField()
