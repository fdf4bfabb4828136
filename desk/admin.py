"""The admin site as a whole: its name, its door, and what else is in it. The pages are in each app's own admin."""

from __future__ import annotations

from typing import Any

import axes.admin
from allauth.account.admin import EmailAddress
from allauth.account.decorators import secure_admin_login
from allauth.mfa.admin import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from branches.admin.shapes import ReadOnly
from branches.roles import Permission
from branches.selectors import branches_of
from vouchers.selectors import needs_person

admin.site.site_header = _("Wasl · Administration")
admin.site.site_title = _("Wasl")
admin.site.index_title = _("Administration")
admin.site.site_url = "/"
apps.get_app_config("axes").verbose_name = _("Signing in")
# One door: staff sign in on our own page, where wrong passwords are counted and the second factor is asked for.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # the admin site is made ours


def password_change(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
    """One page for it, too: ours asks for a fresh proof and counts wrong passwords."""
    return redirect("account_change_password")


admin.site.password_change = password_change  # type: ignore[assignment]  # the admin site is made ours

_plain_context = admin.site.each_context


def each_context(request: HttpRequest) -> dict[str, Any]:
    """With the review queue for those who may decide there."""
    open_to = branches_of(request.user, Permission.REVIEW).exists()
    waiting = needs_person(request.user).count() if open_to else 0
    return {**_plain_context(request), "review_open": open_to, "review_waiting": waiting}


admin.site.each_context = each_context  # type: ignore[method-assign]  # the admin site is made ours

# Rights are in memberships, not in groups; nobody signs up by e-mail; second factors are private. These would only mislead.
for model in (Group, EmailAddress, Authenticator, AccessAttempt, AccessLog, AccessFailureLog):
    admin.site.unregister(model)


@admin.register(AccessLog)
class SignInAdmin(ReadOnly, axes.admin.AccessLogAdmin):  # type: ignore[misc]  # axes ships no types
    """Who signed in and out, when, from where."""


@admin.register(AccessFailureLog)
class FailedSignInAdmin(ReadOnly, axes.admin.AccessFailureLogAdmin):  # type: ignore[misc]  # axes has no types
    """Sign-ins that failed; kept when the next one succeeds."""


@admin.register(AccessAttempt)
class LockAdmin(axes.admin.AccessAttemptAdmin):  # type: ignore[misc]  # axes has no types
    """Failures that count towards a lock now. Deleting a row lets the person try again at once."""

    actions = None
    fieldsets = ((None, {"fields": ("username", "ip_address", "failures_since_start", "attempt_time", "path_info")}),)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
