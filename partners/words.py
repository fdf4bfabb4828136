"""What a program's answer says to the person who reads it: one sentence for each code, in ar, fr and en."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TITLES: dict[int, Promise] = {
    400: _("This request cannot be read"),
    401: _("No valid key"),
    403: _("This key may not do that"),
    404: _("Not found"),
    405: _("This method does not exist here"),
    409: _("Something else is in the way"),
    413: _("Too large"),
    415: _("Not JSON"),
    422: _("This cannot be done as it was asked"),
    429: _("Too many requests"),
    500: _("Something went wrong here"),
    503: _("Not possible at the moment"),
}
DETAILS: dict[str, Promise] = {
    "invalid": _("Some fields are wrong: field_errors says which and why."),
    "not_possible": _("Some fields do not fit: field_errors says which and why. Nothing was sent."),
    "malformed": _("The body is not JSON that we can read."),
    "not_utf8": _("The body is not UTF-8 text."),
    "duplicate_name": _("A name stands twice in one object of the body."),
    "not_a_number": _("NaN and Infinity are no JSON."),
    "too_deep": _("The body is nested more than 20 levels deep."),
    "body_too_large": _("A body may have 256 KiB at most."),
    "not_json": _("Send application/json."),
    "not_authenticated": _("Send your key as “Authorization: Bearer …”."),
    "key_invalid": _("This key is unknown, has ended, or may not be used from here."),
    "scope_missing": _("This key lacks the scope for that."),
    "not_found": _("There is nothing with this id or code for this key."),
    "method_not_allowed": _("See the Allow header for what can be done here."),
    "too_many_requests": _("Wait for as long as Retry-After says."),
    "too_many_unknown_codes": _("Too many codes that the issuer does not know. Wait for as long as Retry-After says."),
    "idempotency_key_missing": _("A write needs an Idempotency-Key header."),
    "idempotency_key_invalid": _("An Idempotency-Key has 16 to 255 visible ASCII characters."),
    "idempotency_key_reused": _("This Idempotency-Key was used for another request. Use a new one."),
    "request_in_progress": _(
        "The first request with this Idempotency-Key is still at work. Send it again in a moment."
    ),
    "unavailable": _("Nothing was done. Send it again in a moment."),
    "server_error": _("The same request may be sent again with the same Idempotency-Key."),
}
FIELDS: dict[str, Promise] = {
    "unknown_field": _("There is no such field."),
    "repeated": _("This may be given once."),
    "one_of_two": _("Give one of these two."),
    "required": _("This is needed."),
    "null": _("This may not be null."),
    "blank": _("This may not be empty."),
    "invalid": _("This is not a valid value."),
    "invalid_choice": _("This is none of the values that are possible here."),
    "cursor_invalid": _("This is not a cursor of this list."),
    "max_length": _("This is too long."),
    "min_length": _("This is too short."),
    "max_value": _("This is too large."),
    "min_value": _("This is too small."),
    "max_digits": _("This has too many digits."),
    "max_decimal_places": _("This has too many digits after the point."),
    "max_whole_digits": _("This has too many digits before the point."),
    "not_a_list": _("This is a list."),
    "empty": _("This may not be empty."),
    "date": _("This is a day such as 2026-11-21, not a moment."),
    "datetime": _("This is a moment such as 2026-11-21T09:00:00Z, not a day."),
    "make_aware": _("This moment does not exist in its time zone."),
    "overflow": _("This moment is out of range."),
    "null_characters_not_allowed": _("This may not contain the character NUL."),
    "surrogate_characters_not_allowed": _("This contains characters that are no text."),
}
USUAL: dict[int, str] = {
    400: "malformed",
    401: "not_authenticated",
    403: "scope_missing",
    404: "not_found",
    405: "method_not_allowed",
    413: "body_too_large",
    415: "not_json",
    429: "too_many_requests",
    503: "unavailable",
}


def code_for(status: int) -> str:
    return USUAL.get(status, "server_error")
