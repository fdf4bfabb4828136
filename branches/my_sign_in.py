"""One's own sign-in: the second factors, the open sessions, the password, and the page that asks who is there.

The library's views do the work. They change nothing unless there is a fresh proof of who asks, and whatever they change ends
the person's other sessions.
"""

from __future__ import annotations

import ipaddress
from typing import Any, cast

from allauth.account import views as account
from allauth.account.forms import ChangePasswordForm
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from branches import sessions
from branches.accounts import ClosedSignup
from branches.audit import note
from branches.codes import spend
from branches.models import User
from branches.proof import factors_changed, has_second_factor, lacks_second_factor, proof_required

fresh = method_decorator(proof_required, name="dispatch")  # type: ignore[arg-type]  # a gate of ours, around views of any kind


def knows_passkeys(request: HttpRequest) -> bool:
    """A passkey belongs to a name. A site that is reached by its number has none."""
    try:
        ipaddress.ip_address(request.get_host().rpartition(":")[0].strip("[]") or request.get_host())
    except ValueError:
        return True
    return False


class Overview(base.IndexView):  # type: ignore[misc]  # allauth ships no types
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = cast(User, self.request.user)
        facts: dict[str, Any] = super().get_context_data(**kwargs)
        return facts | {
            "demanded": lacks_second_factor(self.request),
            "protected": has_second_factor(person),
            "knows_passkeys": knows_passkeys(self.request),
            "sessions": sessions.open_sessions(person),
            "this_session": self.request.session.session_key,
        }


@fresh
class AddApp(totp.ActivateTOTPView):  # type: ignore[misc]  # allauth has no types
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        factor = Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP)
        spend(factor, form.counter)
        factors_changed(self.request, cast(User, self.request.user))
        return response


@fresh
class RemoveApp(totp.DeactivateTOTPView):  # type: ignore[misc]  # allauth has no types
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        factors_changed(self.request, cast(User, self.request.user))
        return response


@fresh
class AddPasskey(passkeys.AddWebAuthnView):  # type: ignore[misc]  # allauth has no types
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        factors_changed(self.request, cast(User, self.request.user))
        return response


@fresh
class RemovePasskey(passkeys.RemoveWebAuthnView):  # type: ignore[misc]  # allauth has no types
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        if not get_adapter().can_delete_authenticator(self.object):
            form.add_error(None, _("Set up another second step first: your role needs one."))
            return cast(HttpResponse, self.form_invalid(form))
        response: HttpResponse = super().form_valid(form)
        factors_changed(self.request, cast(User, self.request.user))
        return response


@fresh
class NewRecoveryCodes(recovery.GenerateRecoveryCodesView):  # type: ignore[misc]  # allauth has no types
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        factors_changed(self.request, cast(User, self.request.user))
        return response


class PasswordForm(ChangePasswordForm):  # type: ignore[misc]  # allauth has no types
    """The present password is asked for once more, and a wrong one counts like a wrong one at the sign-in."""

    def clean_oldpassword(self) -> str:
        password: str = self.cleaned_data.get("oldpassword", "")
        if not ClosedSignup().reauthenticate(self.user, password):
            raise ValidationError(_("This is not your present password."))
        return password


@fresh
class NewPassword(account.PasswordChangeView):  # type: ignore[misc]  # allauth has no types
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        self.request.session.cycle_key()
        sessions.end_sessions(cast(User, self.request.user), but=self.request.session.session_key)
        return response


@require_POST
@login_required
def end_sessions(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    sessions.end_sessions(person, but=request.session.session_key)
    note(request, person, "sessions_ended", by=person)
    return redirect("mfa_index")
