"""The form of an account: its secrets can be written and never read, its settings are those that its provider has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers import registry
from providers.accounts import sort_values
from providers.admin.words import field_name
from providers.contracts import ProviderSpec
from providers.models import Account, BranchAccount
from providers.models.accounts import CURRENT, NEXT
from providers.secrets import Unsealable

if TYPE_CHECKING:
    Form = forms.ModelForm[Account]
    Link = forms.ModelForm[BranchAccount]
else:
    Form = Link = forms.ModelForm

SLOTS = (CURRENT, NEXT)
LOST_KEY = gettext_lazy("The stored login cannot be opened: its key is missing from FIELD_KEYS.")
LONGEST_SECRET, LONGEST_SETTING = 4096, 500
COLUMNS = ["provider", "environment", "label", "base_url", "is_active"]


class AccountForm(Form):
    """Of a new account only where it points; its login is asked for once its provider is known."""

    provider = forms.ChoiceField(label=gettext_lazy("Provider"))
    spec: ProviderSpec | None = None

    class Meta:
        model = Account
        fields: ClassVar[list[str]] = []  # the page says which

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.new_secrets: dict[str, dict[str, str]] = {}
        if "provider" in self.fields:
            self.fields["provider"] = forms.ChoiceField(
                label=gettext_lazy("Provider"),
                choices=[(slug, registry.provider_name(slug)) for slug in registry.SPECS],
            )
        for name, default in (self.spec.setting_fields if self.spec else {}).items():
            self.fields[setting_field(name)].initial = self.instance.settings.get(name, default)

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        if self.spec:
            for slot in SLOTS:
                self._read_secrets(self.spec, slot, found)
            settings = {name: found.get(setting_field(name)) or "" for name in self.spec.setting_fields}
            _secrets, cleaned, _removed = sort_values(self.spec.slug, settings)
            kept = {name: value for name, value in cleaned.items() if value != self.spec.setting_fields[name]}
            self.instance.settings = kept
        return found

    def _read_secrets(self, spec: ProviderSpec, slot: str, found: dict[str, Any]) -> None:
        """All of a slot's fields, or none: half a login would lock the account out."""
        filled = {name: found.get(secret_field(slot, name)) or "" for name in spec.all_secret_fields}
        given = {name: value for name, value in filled.items() if value}
        missing = spec.missing_secrets(given)
        if given:
            for name in missing:
                self.add_error(secret_field(slot, name), _("Fill in all fields of a login, or none of them."))
        if given and not missing:
            sort_values(spec.slug, given)
            self._refuse_without_key(slot)
            self.new_secrets[slot] = given

    def _refuse_without_key(self, slot: str) -> None:
        """What is stored is compared with what replaces it; without its key that would end in an error page."""
        try:
            self.instance.secrets(slot)
        except Unsealable:
            raise forms.ValidationError(LOST_KEY) from None

    def _post_clean(self) -> None:
        """Beside the model's own checks: can a client be built with these settings at all?"""
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, unknown to its stubs
        if self.spec and not self.errors:
            try:
                registry.client_for(self.instance, lambda call: None)
            except ValueError:
                self.add_error(None, _("One of the settings has a value that cannot be used."))


class PlaceForm(Link):
    """Which branch, and what the provider itself calls the place: a JSON object, often empty."""

    class Meta:
        model = BranchAccount
        fields = ["branch", "place"]

    def clean_place(self) -> dict[str, Any]:
        place = self.cleaned_data["place"] or {}
        if not isinstance(place, dict):
            raise forms.ValidationError(_("This must be a JSON object, for example {}."))
        return place


def account_form(provider: str) -> type[AccountForm]:
    """The form with this provider's fields; nothing but the address for a provider that is not chosen yet."""
    spec = registry.SPECS.get(provider)
    if spec is None:
        return AccountForm
    fields: dict[str, Any] = {"spec": spec, "provider": None}
    for slot in SLOTS:
        fields |= {secret_field(slot, name): _secret(name, spec) for name in spec.all_secret_fields}
    for name, default in spec.setting_fields.items():
        label = field_name(name)
        widget = forms.TextInput(attrs={"class": "vTextField", "dir": "ltr"})
        fields[setting_field(name)] = forms.CharField(
            label=label, required=not default, max_length=LONGEST_SETTING, widget=widget
        )
    return type("AccountForm", (AccountForm,), fields)


def secret_field(slot: str, name: str) -> str:
    return f"{slot}_{name}"


def setting_field(name: str) -> str:
    return f"setting_{name}"


class WriteOnlyLines(forms.Textarea):
    """A key of several lines: a password field would join them. What was entered is not sent back, as there."""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


def _secret(name: str, spec: ProviderSpec) -> forms.CharField:
    plain = {"class": "vTextField", "dir": "ltr"}
    widget: forms.Widget = forms.PasswordInput(render_value=False, attrs={**plain, "autocomplete": "new-password"})
    if name in spec.pem_fields:
        widget = WriteOnlyLines(attrs={**plain, "rows": 4, "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(
        label=field_name(name), required=False, strip=False, max_length=LONGEST_SECRET, widget=widget
    )
