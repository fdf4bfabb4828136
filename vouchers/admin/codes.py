"""Finding by code without writing the code down.

A whole code is bearer money. Django's search box puts what is typed into the address, and addresses end up in histories and
logs; so that box takes our reference, the last four characters, and names. Whole codes have a box of their own, which is
posted, and of which only the keyed hash is looked up and passed on.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from branches.admin.shapes import ReadOnly
from providers import registry
from providers.contracts import CodeFit
from providers.normalise import fit_of, plain_code, read_code
from vouchers.forms import REFERENCE
from vouchers.models import Redemption, RedemptionLine, code_hash

LONGEST_SEARCH = 60
LONGEST_CODE = 200
HASH = re.compile(r"[0-9a-f]{64}")


class CodeFilter(admin.SimpleListFilter):
    """Holds the keyed hash of the code that was posted: of no use to who reads the address."""

    title = gettext_lazy("code")
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get(self.parameter_name, "")
        return [(chosen, _("the code you entered"))] if HASH.fullmatch(chosen) else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or ""
        if not HASH.fullmatch(value):
            return queryset
        if queryset.model is Redemption:
            return queryset.filter(pk__in=RedemptionLine.objects.filter(code_hash=value).values("redemption"))
        return queryset.filter(code_hash=value)


class CodeSearch(ReadOnly):
    """A list with the posted box for whole codes, and a search box that takes none."""

    change_list_template = "admin/vouchers/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"vouchers_{self.opts.model_name}_code"
        return [path("code/", self.admin_site.admin_view(self.code_view), name=name), *super().get_urls()]

    @method_decorator(sensitive_post_parameters())
    def code_view(self, request: HttpRequest) -> HttpResponse:
        address = reverse(f"admin:vouchers_{self.opts.model_name}_changelist")
        code = code_typed(request.POST.get("code", "")) if request.method == "POST" else ""
        if not code:
            self.message_user(request, _("That is no voucher code that we know the shape of."), messages.WARNING)
            return redirect(address)
        return redirect(f"{address}?{urlencode({'code': code_hash(code)})}")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if looks_like_a_code(request.GET.get("q", "")):
            words = _("Whole codes go into the box for codes, not into the search.")
            self.message_user(request, words, messages.WARNING)
            return HttpResponseRedirect(request.path)
        action = reverse(f"admin:vouchers_{self.opts.model_name}_code")
        page: HttpResponse = super().changelist_view(request, {"code_action": action, **(extra_context or {})})
        return page


def wanted_by(term: str) -> Q:
    """What a search for redemptions means. Never a LIKE on codes."""
    wanted = term.strip()[:LONGEST_SEARCH]
    if not wanted:
        return Q()
    found = Q(person_name__icontains=wanted)
    for name in ("username", "first_name", "last_name"):
        found |= Q(**{f"operation__actor__{name}__icontains": wanted})
    if match := REFERENCE.fullmatch(wanted):
        found |= Q(operation__reference=f"W-{match[1]}-{match[2]}".upper())
    if len(wanted) == 4:
        lines = RedemptionLine.objects.filter(code_last4=wanted.upper()).values("redemption")
        found |= Q(pk__in=lines) | Q(person_id_last4=wanted)
    return found


def code_typed(text: str) -> str:
    """The code as it is stored, or '' for what fits no issuer. As forgiving as the desk."""
    reading = read_code(text, list(registry.specs_of("vouchers").values())) if len(text) <= LONGEST_CODE else None
    return reading.code if reading and reading.fit != CodeFit.NO else ""


def looks_like_a_code(text: str) -> bool:
    """Surely one. A name or a reference is none, and what only might be one finds nothing."""
    code = plain_code(text[:LONGEST_CODE], folds_case=True)
    return any(fit_of(code, spec) == CodeFit.SURE for spec in registry.specs_of("vouchers").values())


def last4(text: str) -> SafeString:
    return format_html('<bdi dir="ltr">••••{}</bdi>', text) if text else SafeString("—")
