"""How our twin of Rekaz says no: two envelopes as measured, one as documented, and the edge in front of both."""

from __future__ import annotations

import re
from collections.abc import Mapping

from providers.sandbox.shelf import Draft
from providers.sandbox.twin import Answer, Request, in_html, in_json

TRACE = "00-6f3d1c0a9b8e47f2a1d4c5b6e7f80912-1a2b3c4d5e6f7081-01"
# Arabic first: without Accept-Language their messages come in it.
WORDS = {
    "phone_known": ("رقم الجوال مسجل مسبقاً لعميل آخر", "Mobile number already exists with different customer"),
    "taken": ("الموعد المحدد غير متاح", "The selected time is not available"),
    "not_pending": ("لا يمكن تأكيد هذا الحجز", "This reservation cannot be confirmed"),
    "not_open": ("لا يمكن تعديل هذا الحجز", "This reservation cannot be changed"),
    "not_active": ("الاشتراك غير نشط", "The subscription is not active"),
    "not_paused": ("الاشتراك غير موقوف", "The subscription is not paused"),
    "pause_order": ("تاريخ الاستئناف يجب أن يكون بعد الإيقاف", "The resume date must be after the pause date"),
    "not_confirmed": ("الحجز غير مؤكد", "The reservation is not confirmed"),
    "checked_in": ("تم تسجيل الحضور مسبقاً", "The customer is checked in already"),
    "not_checked_in": ("لم يتم تسجيل الحضور", "The customer is not checked in"),
    "other_customer": ("الحجز لعميل آخر", "This belongs to another customer"),
    "blocked": ("العميل محظور", "The customer is blocked"),
    "wrong_kind": ("نوع الخدمة غير صحيح", "This price is of another kind of product"),
    "too_many": ("الحد الأقصى خمسة حجوزات", "Five reservations at most"),
    "no_branch": ("الفرع مطلوب", "The branch id is missing"),
    "unauthorized": ("تسجيل الدخول مطلوب", "Authorization failed! Given policy has not granted."),
    "internal": ("حدث خطأ داخلي أثناء طلبك!", "An internal error occurred during your request!"),
}


def language(request: Request) -> int:
    """Place of their language among the words: Arabic unless English is asked for."""
    return 1 if request.headers.get("accept-language", "").strip().lower().startswith("en") else 0


def abp(status: int, message: str, code: str | None = None) -> Answer:
    """ABP's envelope; `code` was null in every body that anybody has seen."""
    error = {"code": code, "message": message, "details": None, "data": None, "validationErrors": None}
    return in_json(status, {"error": error})


def documented(status: int, code: str, message: str, fields: Mapping[str, str] | None = None) -> Answer:
    errors = [{"field": name, "message": text} for name, text in (fields or {}).items()]
    details = next(iter((fields or {}).values()), None)
    return in_json(
        status, {"error": {"code": code, "message": message, "details": details, "validationErrors": errors}}
    )


def refused(word: str, request: Request, draft: Draft) -> Answer:
    """A rule of the business says no: 403, as ABP maps it."""
    message = WORDS[word][language(request)]
    if draft.rule("errors", "measured") == "documented":
        return documented(403, "BusinessLogicError", message)
    return abp(403, message)


def not_there(entity: str, identifier: str, draft: Draft) -> Answer:
    message = f"There is no entity {entity} with id = {identifier}!"
    if draft.rule("errors", "measured") == "documented":
        return documented(404, "NotFound", message)
    return abp(404, message)


def invalid(fields: Mapping[str, str], draft: Draft) -> Answer:
    """Model binding: RFC 9110, English whatever was asked for, names in Pascal case; it repeats what was sent."""
    if draft.rule("errors", "measured") == "documented":
        return documented(400, "VALIDATION_ERROR", "The request validation failed", fields)
    return problem(
        400, "One or more validation errors occurred.", {_pascal(name): [text] for name, text in fields.items()}
    )


def problem(status: int, title: str, errors: Mapping[str, list[str]] | None = None) -> Answer:
    section = {400: "15.5.1", 401: "15.5.2", 404: "15.5.5", 405: "15.5.6"}.get(status, "15.6.1")
    content = {"type": f"https://tools.ietf.org/html/rfc9110#section-{section}", "title": title, "status": status}
    media = {"Content-Type": "application/problem+json; charset=utf-8"}
    return in_json(status, {**content, **({"errors": errors} if errors else {}), "traceId": TRACE}, media)


def unauthorized(shape: str, request: Request) -> Answer:
    """Nobody has seen their 401."""
    if shape == "html":
        return in_html(401, "<html><body><h1>401 Unauthorized</h1></body></html>")
    if shape == "empty":
        return Answer(401, b"", {"WWW-Authenticate": "Bearer"})
    if shape == "problem":
        return problem(401, "Unauthorized")
    return abp(401, WORDS["unauthorized"][language(request)])


def edge(request: Request) -> Answer | None:
    """Cloudflare turns away what calls itself by a library's own name."""
    if re.match(r"Python-urllib|$", request.headers.get("user-agent", "")):
        return Answer(403, b"error code: 1010", {"Content-Type": "text/plain; charset=UTF-8"})
    return None


def _pascal(name: str) -> str:
    return ".".join(part[:1].upper() + part[1:] for part in name.split("."))
