from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.operations.review import REASONS
from vouchers.effects import resource_of
from vouchers.models import RedemptionLine


class DecisionForm(forms.Form):
    """`codes`: keys of the lines that were used, where it was not all of them."""

    applied = forms.ChoiceField(
        choices=[("yes", "yes"), ("part", "part"), ("no", "no")],
        error_messages={"required": _("Choose what happened.")},
    )
    reason = forms.ChoiceField(choices=list(REASONS.items()), error_messages={"required": _("Choose a reason.")})
    codes = forms.TypedMultipleChoiceField(
        coerce=int, required=False, error_messages={"invalid_choice": _("Choose the codes that were used.")}
    )
    note = forms.CharField(max_length=500, required=False, strip=True)

    def __init__(self, *args: Any, lines: Sequence[RedemptionLine], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["codes"]
        field.choices = [(str(line.pk), "") for line in lines]
        self.lines = lines

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("applied") == "part" and "codes" not in self.errors and not found.get("codes"):
            self.add_error("codes", _("Choose the codes that were used."))
        return found

    def part(self) -> list[str] | None:
        """The resources that were used; None for all or nothing."""
        if self.cleaned_data["applied"] != "part":
            return None
        return [resource_of(line.code_hash) for line in self.lines if line.pk in self.cleaned_data["codes"]]


class ActDecisionForm(forms.Form):
    """A change to a booking was made or was not: there are no parts to choose."""

    applied = forms.ChoiceField(
        choices=[("yes", "yes"), ("no", "no")], error_messages={"required": _("Choose what happened.")}
    )
    reason = forms.ChoiceField(choices=list(REASONS.items()), error_messages={"required": _("Choose a reason.")})
    note = forms.CharField(max_length=500, required=False, strip=True)


class CloseForm(forms.Form):
    note = forms.CharField(max_length=500, min_length=3, strip=True)
