from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from branches.addresses import is_ours
from branches.models import Till
from branches.roles import Permission
from branches.selectors import tills_of

YEAR = 365 * 24 * 3600


@login_required
@require_http_methods(["GET", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """Which branch and till is this? Kept for the session, and remembered by the machine."""
    tills = tills_of(request.user, Permission.DESK).order_by("branch__code", "number")
    if request.method == "GET":
        return render(request, "branches/place.html", {"tills": tills})
    chosen = _till(request, request.POST.get("till", ""))
    if chosen is None:
        return render(request, "branches/place.html", {"tills": tills, "problem": _("Choose a till.")}, status=422)
    request.session["till"] = str(chosen.pk)
    response = redirect(settings.LOGIN_REDIRECT_URL)
    response.set_cookie(
        settings.TILL_COOKIE_NAME,
        str(chosen.pk),
        max_age=YEAR,
        httponly=True,
        samesite="Lax",
        secure=settings.PRODUCTION,
    )
    return response


def _till(request: HttpRequest, chosen: str) -> Till | None:
    is_number = chosen.isascii() and chosen.isdigit() and len(chosen) < 19  # more digits are no id, and int() gives up
    return tills_of(request.user, Permission.DESK).filter(pk=chosen).first() if is_number else None


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Remember the language with the person, and on this machine for whoever signs in next."""
    chosen = request.POST.get("language", "")
    back = request.POST.get("next", "")
    response = HttpResponseRedirect(back) if is_ours(request, back) else redirect(settings.LOGIN_REDIRECT_URL)
    if chosen not in dict(settings.LANGUAGES):
        return response
    if request.user.is_authenticated:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    name, secure = settings.LANGUAGE_COOKIE_NAME, settings.PRODUCTION
    response.set_cookie(name, chosen, max_age=YEAR, httponly=True, samesite="Lax", secure=secure)
    return response
