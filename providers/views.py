"""Events from providers: a door that is open to nobody in particular. No login, no cookie, no word about what was wrong."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from providers import hooks

STATUS = {
    hooks.Verdict.STORED: 200,
    hooks.Verdict.KNOWN: 200,
    hooks.Verdict.TOO_LARGE: 413,
    hooks.Verdict.TOO_MANY: 429,
}
AGAIN_AFTER = "60"  # seconds


@csrf_exempt  # the sender has no cookie of ours: the address itself is the secret
@require_POST
def receive_hook(request: HttpRequest, provider: str, key: str) -> HttpResponse:
    """Nonsense is kept and answered like the rest: whoever sends it again would not send anything better."""
    address = hooks.account_at(provider, key)
    if address is None:
        raise Http404
    verdict = hooks.receive(address, request.body, timezone.now())
    response = HttpResponse(status=STATUS[verdict], content_type="text/plain")
    if verdict == hooks.Verdict.TOO_MANY:
        response.headers["Retry-After"] = AGAIN_AFTER
    return response
