"""Where partners are told, and what they were told: the secret is shown once, on the page that makes it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from branches.admin.shapes import Audited, Kept, Proved, ReadOnlyInline
from partners.models import Knock, Notice, Receiver
from partners.notices import replay
from partners.receivers import check_url, make_receiver, renew_secret
from providers.admin.evidence import moment_words
from providers.admin.mirror import MOST_AT_ONCE, Mended

URL_PROBLEM = gettext_lazy(
    "Only an https address outside can be told: without a port, a query or a login, and not of this network."
)


class ReceiverForm(forms.ModelForm):  # type: ignore[type-arg]  # of Receiver
    class Meta:
        model = Receiver
        fields = ("partner", "url", "is_active")

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            check_url(url)
        except ValidationError as problem:
            raise forms.ValidationError(URL_PROBLEM, code="url") from problem
        return url


@admin.register(Receiver)
class ReceiverAdmin(Proved, Audited, Kept):
    list_display = ("partner", "address", "standing", "before_until")
    list_select_related = ("partner",)
    actions = ("renew",)
    form = ReceiverForm
    facts = ("standing", "before_until", "failing_since", "switched_off_at", "created_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("partner", "url", "is_active", *self.facts) if obj else ("partner", "url")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("partner", *self.facts) if obj else ()

    def save_model(self, request: HttpRequest, obj: Receiver, form: Any, change: bool) -> None:
        if not change:
            made, secret = make_receiver(obj.partner, obj.url, now=timezone.now())
            obj.pk, obj.created_at = made.pk, made.created_at
            request.made_secret = secret  # type: ignore[attr-defined]  # for the one page that shows it
            return
        changed = {"url": obj.url, "is_active": obj.is_active}
        if obj.is_active:  # whoever saves it believes that it works now
            changed |= {"failing_since": None, "switched_off_at": None, "rests_until": None}
        for name, value in changed.items():
            setattr(obj, name, value)
        obj.save(update_fields=list(changed))

    def response_add(self, request: HttpRequest, obj: Receiver, post_url_continue: Any = None) -> HttpResponse:
        return self._shown(request, obj, request.made_secret)  # type: ignore[attr-defined]  # by save_model

    @admin.action(description=gettext_lazy("Make a new secret; the old one is good for a week"), permissions=["change"])
    def renew(self, request: HttpRequest, queryset: QuerySet[Receiver]) -> HttpResponse | None:
        rows = list(queryset.select_related("partner")[:2])
        if len(rows) != 1:
            self.message_user(request, _("Choose one of them: its secret is shown once."), messages.WARNING)
            return None
        return self._shown(request, rows[0], renew_secret(rows[0], now=timezone.now()))

    def _shown(self, request: HttpRequest, receiver: Receiver, secret: str) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _("The webhook secret of %(partner)s") % {"partner": receiver.partner},
            "secret": secret,
            "opts": self.opts,
        }
        return render(request, "admin/partners/receiver/made.html", context)

    @admin.display(description=gettext_lazy("address"))
    def address(self, receiver: Receiver) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', receiver.url)

    @admin.display(description=gettext_lazy("state"))
    def standing(self, receiver: Receiver) -> str:
        if receiver.switched_off_at and not receiver.is_active:
            return _("Switched off: it failed for days")
        if not receiver.is_active:
            return _("Switched off")
        return _("Failing") if receiver.failing_since else _("Live")


class KnockInline(ReadOnlyInline):
    model = Knock
    fields = ("at", "status", "problem", "milliseconds")
    readonly_fields = fields


@admin.register(Notice)
class NoticeAdmin(Mended):
    list_display = ("made", "partner", "about", "sequence", "status", "state", "tries", "last_problem")
    list_filter = ("state", "receiver")
    list_select_related = ("receiver__partner", "operation")
    ordering = ("-created_at", "-id")
    fields = ("partner", "about", "sequence", "status", "state", "tries", "made", "ended", "what")
    readonly_fields = fields
    inlines = (KnockInline,)
    actions = ("again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).prefetch_related("knocks")

    @admin.display(description=gettext_lazy("created"), ordering="created_at")
    def made(self, notice: Notice) -> str:
        return moment_words(notice.created_at)

    @admin.display(description=gettext_lazy("done"))
    def ended(self, notice: Notice) -> str:
        return moment_words(notice.done_at)

    @admin.display(description=gettext_lazy("partner"))
    def partner(self, notice: Notice) -> SafeString:
        return format_html("<bdi>{}</bdi>", notice.receiver.partner)

    @admin.display(description=gettext_lazy("operation"))
    def about(self, notice: Notice) -> SafeString:
        return format_html('<bdi dir="ltr">{}</bdi>', notice.operation.reference)

    @admin.display(description=gettext_lazy("body"))
    def what(self, notice: Notice) -> SafeString:
        return format_html('<code dir="ltr">{}</code>', notice.body)

    @admin.display(description=gettext_lazy("last problem"))
    def last_problem(self, notice: Notice) -> str:
        knocks = list(notice.knocks.all())
        return knocks[-1].problem if knocks else ""

    @admin.action(description=gettext_lazy("Tell them again"), permissions=["mend"])
    def again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        count = replay(queryset.select_related("receiver")[:MOST_AT_ONCE])
        text = ngettext("%(count)d message is told again.", "%(count)d messages are told again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.WARNING)
