"""What to tell an administrator: why a login did not work, and what we removed from what was pasted. Never a secret."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers.errors import BrokenContract, Misconfigured, ProviderError, Unavailable

BY_CODE = {
    "login_refused": gettext_lazy("The provider refused this login."),
    "account_blocked": gettext_lazy("The provider says this account is blocked or not active yet."),
    "key_unreadable": gettext_lazy("The private key cannot be read. It must be PEM, without a password."),
    "key_not_rsa": gettext_lazy("The private key is not an RSA key."),
    "key_too_short": gettext_lazy("The private key is too short. It needs 2048 bits or more."),
    "login_incomplete": gettext_lazy("The login is not complete: key and secret, or the ready token."),
    "tokens_incomplete": gettext_lazy(
        "The login is not complete: the partner token, and the user token or login and password."
    ),
    "edge_blocked": gettext_lazy("Something in front of the provider turned us away before it heard us."),
    "place_unknown": gettext_lazy("The provider has no place with this id."),
    "export_not_set_up": gettext_lazy("There is no login for the sales export."),
    "export_refused": gettext_lazy("The provider refused the login for the sales export."),
    "base_url_refused": gettext_lazy("This address is not on the list of this provider's hosts."),
    "blocked_address": gettext_lazy("The provider's name leads to an address inside a private network."),
    "unreachable": gettext_lazy("Nobody answers at this address."),
    "tls": gettext_lazy("The provider's certificate is not valid for this address."),
    "timed_out": gettext_lazy("The provider did not answer in time."),
    "connection_lost": gettext_lazy("The connection broke before the answer was complete."),
    "truncated": gettext_lazy("The connection broke before the answer was complete."),
    "rate_limited": gettext_lazy("The provider asks us to slow down. Try again in a minute."),
    "provider_busy": gettext_lazy("The provider is busy. Try again in a minute."),
    "provider_error": gettext_lazy("The provider has a problem of its own. Try again later."),
    "redirected": gettext_lazy("The provider sent us to another address. The base URL is not right."),
    "not_json": gettext_lazy("What answers at this address is not the provider's interface. Check the base URL."),
}
BY_KIND: dict[type[ProviderError], object] = {
    Unavailable: gettext_lazy("The provider could not be reached. Try again later."),
    Misconfigured: gettext_lazy("The provider refused this login."),
    BrokenContract: gettext_lazy("The provider gave an answer that we cannot read."),
}
FIELDS = {
    "email": gettext_lazy("E-mail"),
    "password": gettext_lazy("Password"),
    "token_path": gettext_lazy("Path of the login call"),
    "private_key": gettext_lazy("Private key (PEM)"),
    "export_basic": gettext_lazy("Login for the sales export (optional)"),
    "key": gettext_lazy("Key"),
    "secret": gettext_lazy("Secret"),
    "token": gettext_lazy("Token, instead of key and secret"),
    "partner_token": gettext_lazy("Partner token"),
    "user_token": gettext_lazy("User token, instead of login and password"),
    "login": gettext_lazy("Login: phone or e-mail"),
    "location_id": gettext_lazy("Location id"),
    "chain_id": gettext_lazy("Chain id"),
    "tenant": gettext_lazy("Tenant id"),
    "branch_id": gettext_lazy("Branch id"),
    "timezone": gettext_lazy("Time zone of the place"),
    "wire_timezone": gettext_lazy("Time zone of the provider's times"),
    "shop_uuid": gettext_lazy("Shop id"),
    "terminal_id": gettext_lazy("Terminal id"),
}


def problem_words(error: ProviderError) -> str:
    """Our own words; what the provider said is in the journal, redacted. Only rights and a time zone are named, from lists that
    we know."""
    if error.code == "other_clock":
        return _("The provider has this place in another time zone: %(zone)s.") % {"zone": error.detail}
    if error.code == "rights_missing":
        return _("The provider gives our user too few rights. Missing: %(names)s.") % {"names": error.detail}
    kind = next((words for kind, words in BY_KIND.items() if isinstance(error, kind)), None)
    return str(BY_CODE.get(error.code) or kind or BY_KIND[BrokenContract])


def code_words(code: str) -> str:
    return str(BY_CODE.get(code, code))


def removed_words(removed: Mapping[str, tuple[str, ...]]) -> list[str]:
    """One sentence a field: which hidden characters a paste had brought along."""
    text = _("%(field)s: hidden characters were removed (%(marks)s).")
    return [text % {"field": field_name(name), "marks": ", ".join(marks)} for name, marks in removed.items()]


def field_name(name: str) -> str:
    return str(FIELDS.get(name, name))
