"""The one HTTP layer. Clients get an `Http`; whoever saves an account asks `check_base_url`."""

from providers.http.address import BadBaseUrl, Resolve, check_base_url, system_resolve
from providers.http.answer import Answer, strict_json
from providers.http.layer import Http
from providers.http.reader import Reader
from providers.http.redaction import redacted_text
from providers.http.shapes import Loose, Looser, parsed
from providers.http.telling import check_outside, tell

__all__ = [
    "Answer",
    "BadBaseUrl",
    "Http",
    "Loose",
    "Looser",
    "Reader",
    "Resolve",
    "check_base_url",
    "check_outside",
    "parsed",
    "redacted_text",
    "strict_json",
    "system_resolve",
    "tell",
]
