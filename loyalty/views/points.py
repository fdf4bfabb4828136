"""Points by hand: a form, a confirm card, and then the act, or a proposal that waits for a second person (S10)."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from branches.access import go
from branches.pages import found, token_in
from branches.requests import StaffRequest
from loyalty import selectors, services
from loyalty.cards import points as cards
from loyalty.cards.points import VERBS, Verb
from loyalty.forms.points import PointsForm
from loyalty.models import Act, Card
from loyalty.outcomes import refused_with
from loyalty.services import CannotMove
from loyalty.views.shared import pressed_before, say_no, show_wide, use_here, watch
from providers.acting import place_of

AT_AMOUNT = ("amount_wrong", "balance_too_small", "daily_limit", "nobody_may_agree")


def card_or_404(request: StaffRequest, card_id: int) -> Card:
    """One that is kept with an account of this branch."""
    rows = Card.objects.filter(account__in=selectors.loyalty_accounts(request.branch), gone_at__isnull=True)
    return found(rows.select_related("account").defer("payload").filter(pk=card_id).first())


@require_http_methods(["GET", "POST"])
@use_here
def move(request: StaffRequest, card_id: int, verb: str) -> HttpResponse:
    """The first press checks and shows it once more, the second one does it."""
    card, act = card_or_404(request, card_id), VERBS[verb]
    if request.method == "GET":
        return _ask(request, card, act)
    if before := _pressed_before(request):
        return before
    form = PointsForm(request.POST)
    if not form.is_valid():
        return _ask(request, card, act, {name: str(texts[0]) for name, texts in form.errors.items()})
    if "change" in request.POST:
        return _ask(request, card, act)
    return _confirm(request, card, act, form) if "yes" not in request.POST else _move(request, card, act, form)


def _ask(request: StaffRequest, card: Card, verb: Verb, problems: dict[str, str] | None = None) -> HttpResponse:
    typed = {name: request.POST.get(name, "")[:200] for name in PointsForm.base_fields if name in request.POST}
    context = cards.asking(card, verb, request.branch, request.user, typed, problems or {}, timezone.now())
    context["token"] = token_in(request)
    return show_wide(request, "loyalty/points.html", context, status=422 if problems else 200)


def _said(form: PointsForm, verb: Verb) -> dict[str, Any]:
    said = form.cleaned_data
    return {
        "amount": verb.sign * said["amount"],
        "reason": said["reason"],
        "note": said["note"],
        "scope": said["scope"],
    }


def _confirm(request: StaffRequest, card: Card, verb: Verb, form: PointsForm) -> HttpResponse:
    try:
        weighed = services.weigh(card, place=place_of(request), now=timezone.now(), **_said(form, verb))
    except CannotMove as problem:
        return _no(request, card, verb, problem)
    context = cards.confirming(card, verb, request.branch, form.cleaned_data, weighed) | {"token": token_in(request)}
    return show_wide(request, "loyalty/points_confirm.html", context)


def _move(request: StaffRequest, card: Card, verb: Verb, form: PointsForm) -> HttpResponse:
    try:
        done = services.move_points(card, place=place_of(request), now=timezone.now(), **_said(form, verb))
    except CannotMove as problem:
        return _no(request, card, verb, problem)
    return watch(request, done) if isinstance(done, Act) else go(request, resolve_url("loyalty:proposal", done.pk))


def _no(request: StaffRequest, card: Card, verb: Verb, problem: CannotMove) -> HttpResponse:
    """Beside the amount, where another one helps."""
    if problem.code not in AT_AMOUNT:
        return say_no(request, problem, cards.on_card(card, request.branch)["back"], str(verb.title))
    words = refused_with(problem.code, problem.figures)
    text = " ".join(
        f"{part}." if not str(part).endswith(".") else str(part) for part in (words.headline, words.figures) if part
    )
    return _ask(request, card, verb, {"amount": text})


def _pressed_before(request: StaffRequest) -> HttpResponse | None:
    """The form has opened an act or a proposal already."""
    token = token_in(request)
    if "yes" not in request.POST:
        return None
    if proposal := services.proposal_of_form(request.user, token):
        return go(request, resolve_url("loyalty:proposal", proposal.pk))
    return pressed_before(request, token)
