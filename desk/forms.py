from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.operations.review import REASONS
from vouchers.effects import resource_of
from vouchers.models import RedemptionLine

NAMING_PROBLEMS = {
    "not_named": _("Choose which of these our request made."),
    "not_a_candidate": _("This is not in the list any more. Look at the list again."),
    "too_many_named": _("Our request asked for fewer. Choose no more than it asked for."),
}


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
    """A change to a booking or a card was made or was not. `there`: what stands at the provider; who says that it happened says
    which of it we made, at most so many, or NONE of it."""

    NONE = "none"
    applied = forms.ChoiceField(
        choices=[("yes", "yes"), ("no", "no")], error_messages={"required": _("Choose what happened.")}
    )
    made = forms.MultipleChoiceField(
        required=False, error_messages={"invalid_choice": NAMING_PROBLEMS["not_a_candidate"]}
    )
    reason = forms.ChoiceField(choices=list(REASONS.items()), error_messages={"required": _("Choose a reason.")})
    note = forms.CharField(max_length=500, required=False, strip=True)

    def __init__(self, *args: Any, there: Sequence[Any], most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["made"]
        self.there, self.most = there, most
        self.offered = [one for one in there if one.may_be_ours]
        field.choices = [(one.external_id, "") for one in self.offered] + [(self.NONE, "")]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        if found.get("applied") == "yes" and self.offered and "made" not in self.errors:
            chosen = found.get("made", [])
            if not chosen:
                self.add_error("made", NAMING_PROBLEMS["not_named"])
            elif self.NONE in chosen and len(chosen) > 1:
                self.add_error("made", _("Choose either some of these or none of them."))
            elif len(chosen) > self.most:
                self.add_error("made", NAMING_PROBLEMS["too_many_named"])
        return found

    def named(self) -> list[str] | None:
        """Ids of theirs; None where it was not to be said."""
        if self.cleaned_data["applied"] != "yes" or not self.offered:
            return None
        return [key for key in self.cleaned_data["made"] if key != self.NONE]


class CloseForm(forms.Form):
    note = forms.CharField(max_length=500, min_length=3, strip=True)
