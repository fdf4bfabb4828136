"""What an issuer's points are worth at a branch: new rows only, each from a day on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from branches.admin.shapes import Kept, Proved
from branches.models import User
from providers import registry
from vouchers.models import PointsRate
from vouchers.services import check_rate, set_rate

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[PointsRate]
else:
    ModelForm = forms.ModelForm


class RateForm(ModelForm):
    provider = forms.ChoiceField()

    class Meta:
        model = PointsRate
        fields = ("branch", "provider", "valid_from", "rate")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        in_points = [slug for slug, spec in registry.specs_of("vouchers").items() if spec.values_in == "points"]
        self.fields["provider"].choices = [(slug, registry.provider_name(slug)) for slug in in_points]  # type: ignore[attr-defined]  # a ChoiceField, above
        self.fields["provider"].label = _("Provider")

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if self._meta.fields and all(name in found for name in self._meta.fields):
            branch, provider, day, rate = (found[name] for name in self._meta.fields)
            check_rate(branch, provider, rate, day, now=timezone.now())
        return found


@admin.register(PointsRate)
class PointsRateAdmin(Proved, Kept):
    form = RateForm
    list_display = ("branch", "provider", "valid_from", "rate", "set_by", "set_at")
    list_select_related = ("branch", "set_by")
    list_per_page = 50

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PointsRate, form: Any, change: bool) -> None:
        made = set_rate(
            obj.branch,
            obj.provider,
            obj.rate,
            obj.valid_from,
            by=cast(User, request.user),
            now=timezone.now(),
        )
        obj.pk = made.pk
