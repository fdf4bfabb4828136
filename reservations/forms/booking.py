"""Who, what, with whom, on which day, at which time."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MOST_AHEAD = dt.timedelta(days=366)


class PhoneForm(forms.Form):
    phone = forms.CharField(max_length=40, strip=True)
    account = forms.UUIDField(required=False)


class NewCustomerForm(forms.Form):
    name = forms.CharField(max_length=120, strip=True)


class WhatForm(forms.Form):
    """`price` is the row of a product and an id of one of its prices: 12:stable-id."""

    price = forms.RegexField(r"^[0-9]{1,18}:[A-Za-z0-9._:-]{1,80}$", max_length=100)
    practitioner = forms.RegexField(r"^[A-Za-z0-9._:-]{1,80}$", required=False)
    day = forms.DateField(input_formats=["%Y-%m-%d"])
    quantity = forms.IntegerField(min_value=1, max_value=100, required=False)

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_day(self) -> dt.date:
        return day_ahead(self.cleaned_data["day"], self.today)


class DayForm(forms.Form):
    day = forms.DateField(input_formats=["%Y-%m-%d"])

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_day(self) -> dt.date:
        return day_ahead(self.cleaned_data["day"], self.today)


class WithForm(forms.Form):
    """`practitioner`: '' for who it is with now."""

    practitioner = forms.RegexField(r"^[A-Za-z0-9._:-]{1,80}$", required=False)


class MoveForm(WithForm, DayForm):
    """Or ANYONE, or the id of somebody who gives the service."""

    ANYONE = "any"


def day_ahead(day: dt.date, today: dt.date) -> dt.date:
    if not today <= day <= today + MOST_AHEAD:
        raise forms.ValidationError(_("Choose today or a later day."), code="day")
    return day


class SlotForm(forms.Form):
    slot = forms.IntegerField(min_value=0, max_value=10_000)
