from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.operations.review import REASONS


class DecisionForm(forms.Form):
    applied = forms.ChoiceField(
        choices=[("yes", "yes"), ("no", "no")], error_messages={"required": _("Choose what happened.")}
    )
    reason = forms.ChoiceField(choices=list(REASONS.items()), error_messages={"required": _("Choose a reason.")})
    note = forms.CharField(max_length=500, required=False, strip=True)


class CloseForm(forms.Form):
    note = forms.CharField(max_length=500, min_length=3, strip=True)
