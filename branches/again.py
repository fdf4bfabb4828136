"""Is it you? Asked before what must not be done by whoever finds a till unattended: by password, code or passkey, then back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from branches.accounts import ClosedSignup
from branches.addresses import is_ours
from branches.audit import note
from branches.codes import LONGEST, factor_for
from branches.models import User
from branches.passkeys import ProofByPasskey
from branches.passwords import LONGEST as LONGEST_PASSWORD
from branches.proof import SECOND, has_second_factor, lacks_second_factor, proved


def _by_password(request: HttpRequest, person: User) -> dict[str, Any]:
    password = request.POST.get("password", "")
    if len(password) > LONGEST_PASSWORD or not ClosedSignup().reauthenticate(person, password):
        raise ValidationError(_("The password is not right."))
    return {"method": "password"}


def _by_code(request: HttpRequest, person: User) -> dict[str, Any]:
    factor = factor_for(person, request.POST.get("code", "")[: LONGEST + 1])
    return {"method": SECOND, "type": factor.type}


def _by_passkey(request: HttpRequest, person: User) -> dict[str, Any]:
    form = ProofByPasskey(request.POST, user=person)
    if not form.is_valid():
        raise ValidationError(_("The passkey was not accepted. Try again."))
    return {"method": SECOND, "type": Authenticator.Type.WEBAUTHN}


WAYS: dict[str, Callable[[HttpRequest, User], dict[str, Any]]] = {
    "password": _by_password,
    "code": _by_code,
    "credential": _by_passkey,
}


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest) -> HttpResponse:
    person = cast(User, request.user)
    back = request.POST.get("next") or request.GET.get("next", "")
    back = back if is_ours(request, back) else resolve_url(settings.LOGIN_REDIRECT_URL)
    allowed = _ways_of(request, person)
    problems: dict[str, str] = {}
    if request.method == "POST":
        way = next((name for name in allowed if name in request.POST), "")
        try:
            found = WAYS[way](request, person) if way else {}
        except ValidationError as error:
            problems[way] = " ".join(error.messages)
            note(request, person, "proof_failed", by=person)
        else:
            if found:
                proved(request, **found)
                note(request, person, "proved", by=person)
                return redirect(back)
    facts: dict[str, Any] = {"back": back, "ways": allowed, "problems": problems, "first": next(iter(problems), "")}
    if "credential" in allowed:
        facts["js_data"] = {"request_options": webauthn.begin_authentication(person)}
    return render(request, "account/reauthenticate.html", facts, status=422 if problems else 200)


def _ways_of(request: HttpRequest, person: User) -> list[str]:
    """A password alone does not stand for the second factor that a role demands."""
    ways = [] if lacks_second_factor(request) and has_second_factor(person) else ["password"]
    types = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    if types & {Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES}:
        ways.insert(0, "code")
    return [*ways, "credential"] if Authenticator.Type.WEBAUTHN in types else ways
