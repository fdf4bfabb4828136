"""Accounts at providers: where they point, their login (write-only), whether it works, and which branches use them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from branches.admin.shapes import Audited, Kept, PlainInline, Proved
from branches.proof import ask_again, recently_proved
from providers import registry
from providers.accounts import set_secrets, test_connection
from providers.admin.account_form import (
    COLUMNS,
    LOST_KEY,
    AccountForm,
    PlaceForm,
    account_form,
    secret_field,
    setting_field,
)
from providers.admin.evidence import moment_words
from providers.admin.hooks import hook_context, make_address
from providers.admin.words import code_words, problem_words, removed_words
from providers.errors import ProviderError
from providers.logins import AccountTokens
from providers.models import Account, AccountHealth, BranchAccount
from providers.models.accounts import CURRENT, NEXT
from providers.normalise import clean_text
from providers.secrets import Unsealable

HEALTH = ("last_good_call", "circuit", "last_problem")
STATES = ("current_state", "next_state")


class BranchAccountInline(PlainInline):
    model = BranchAccount
    fields = ("branch", "place")
    form = PlaceForm
    formfield_overrides = {models.JSONField: {"widget": forms.Textarea(attrs={"rows": 2, "cols": 40, "dir": "ltr"})}}


@admin.register(Account)
class AccountAdmin(Proved, Audited, Kept):
    list_display = ("label", "provider_name", "environment", "branches", "is_active", "current_state", "circuit")
    list_filter = ("provider", "environment", "is_active")
    search_fields = ("label",)
    inlines = (BranchAccountInline,)
    change_form_template = "admin/providers/account/change_form.html"
    formfield_overrides = {
        models.URLField: {
            "widget": forms.URLInput(attrs={"class": "vURLField", "dir": "ltr"}),
            "assume_scheme": "https",
        }
    }

    # Its page ---------------------------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return super().get_queryset(request).select_related("health").prefetch_related("places__branch")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        kwargs["form"] = account_form(obj.provider if obj else "")
        kwargs["fields"] = [name for name in COLUMNS if name not in self.get_readonly_fields(request, obj)]
        return super().get_form(request, obj, change, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Its history belongs to this provider and environment: another one is another account."""
        return ("provider", "environment", *STATES, *HEALTH) if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        first: list[tuple[Any, dict[str, Any]]] = [(None, {"fields": COLUMNS})]
        spec = registry.SPECS.get(obj.provider) if obj else None
        if spec is None:
            return first
        unseen = _("What is stored is never shown. Fill in all fields to replace it, or none to keep it.")
        later = _("Takes over by itself when the provider refuses the login in use. Never shown either.")
        slots = [(CURRENT, _("Login in use"), unseen), (NEXT, _("Next login"), later)]
        for slot, title, words in slots:
            fields = [f"{slot}_state", *(secret_field(slot, name) for name in spec.all_secret_fields)]
            first.append((title, {"fields": fields, "description": words}))
        if spec.setting_fields:
            first.append((_("Settings"), {"fields": [setting_field(name) for name in spec.setting_fields]}))
        return [*first, (_("How it is doing"), {"fields": HEALTH})]

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        return super().changeform_view(*args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        context |= hook_context(request, kwargs.get("obj"))
        return super().render_change_form(request, context, *args, **kwargs)

    # Writing ----------------------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Account, form: AccountForm, change: bool) -> None:
        # Only what the form holds: a rotation may have replaced the secrets since the page was opened.
        obj.save(update_fields=["label", "base_url", "is_active", "settings"] if change else None)
        if "base_url" in form.changed_data:
            AccountTokens(obj).forget()  # a token of one system is not shown to another
        for slot, values in form.new_secrets.items():
            connected = set_secrets(obj, values, slot=slot, now=timezone.now())
            for words in removed_words(connected.removed):
                self.message_user(request, words, messages.WARNING)

    def response_add(self, request: HttpRequest, obj: Account, post_url_continue: Any = None) -> HttpResponse:
        self.message_user(request, _("Added. Now enter its login, and test it."), messages.SUCCESS)
        return redirect("admin:providers_account_change", obj.pk)

    # Testing ----------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        test = path(
            "<uuid:account_id>/test/", self.admin_site.admin_view(self.test_view), name="providers_account_test"
        )
        hook = path(
            "<uuid:account_id>/hook/", self.admin_site.admin_view(self.hook_view), name="providers_account_hook"
        )
        return [test, hook, *super().get_urls()]

    def test_view(self, request: HttpRequest, account_id: Any) -> HttpResponse:
        """Log in once, outside any transaction. A total deadline holds for it as for every call."""
        account = get_object_or_404(Account, pk=account_id)
        if not self.has_change_permission(request, account):
            raise PermissionDenied
        if not recently_proved(request):
            return ask_again(request, reverse("admin:providers_account_change", args=[account.pk]))
        if request.method == "POST":
            level, words = connection_words(account)
            self.message_user(request, words, level)
        return redirect("admin:providers_account_change", account.pk)

    def hook_view(self, request: HttpRequest, account_id: Any) -> HttpResponse:
        """A new secret address for what the provider tells us by itself."""
        account = get_object_or_404(Account, pk=account_id)
        if not self.has_change_permission(request, account) or not registry.has_hooks(account.provider):
            raise PermissionDenied
        if not recently_proved(request):
            return ask_again(request, reverse("admin:providers_account_change", args=[account.pk]))
        if request.method == "POST":
            make_address(account)
            self.log_change(request, account, "new address for webhooks")
            self.message_user(request, _("There is a new address. Enter it at the provider."), messages.SUCCESS)
        return redirect("admin:providers_account_change", account.pk)

    # What is shown ----------------------------------------------------------------------------------------------------

    @admin.display(description=gettext_lazy("provider"), ordering="provider")
    def provider_name(self, account: Account) -> str:
        return registry.provider_name(account.provider) if account.provider in registry.SPECS else account.provider

    @admin.display(description=gettext_lazy("branches"))
    def branches(self, account: Account) -> str:
        return "، ".join(str(row.branch) for row in account.places.all())

    @admin.display(description=gettext_lazy("login"))
    def current_state(self, account: Account) -> str:
        return _set_on(account.current_set_at)

    @admin.display(description=gettext_lazy("next login"))
    def next_state(self, account: Account) -> str:
        return _set_on(account.next_set_at)

    @admin.display(description=gettext_lazy("last good call"))
    def last_good_call(self, account: Account) -> str:
        return moment_words(health_of(account).last_good_at)

    @admin.display(description=gettext_lazy("state"))
    def circuit(self, account: Account) -> str:
        health = health_of(account)
        if health.open_until and health.open_until > timezone.now():
            return _("Stopped: no new redemptions until %(time)s") % {"time": moment_words(health.open_until)}
        if health.failures:
            return _("Not answering since %(time)s") % {"time": moment_words(health.failing_since)}
        return _("Works") if health.last_good_at else _("Not used yet")

    @admin.display(description=gettext_lazy("last problem"))
    def last_problem(self, account: Account) -> str:
        return code_words(health_of(account).last_problem) or "—"


def connection_words(account: Account) -> tuple[int, str]:
    """One login, and what to tell about it."""
    if not account.current_set_at:
        return messages.WARNING, _("Enter the login first.")
    try:
        name = clean_text(test_connection(account))[:80]
    except ProviderError as error:
        return messages.ERROR, problem_words(error)
    except Unsealable:
        return messages.ERROR, str(LOST_KEY)
    if not name:
        return messages.SUCCESS, _("The login works.")
    return messages.SUCCESS, _("The login works. The provider calls us %(name)s.") % {"name": f"\u2068{name}\u2069"}


def health_of(account: Account) -> AccountHealth:
    return getattr(account, "health", None) or AccountHealth(account=account)


def _set_on(moment: dt.datetime | None) -> str:
    return _("Set on %(time)s") % {"time": moment_words(moment)} if moment else _("Not set")
