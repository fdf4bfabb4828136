"""The providers we know, without speaking to any: names, code shapes, hosts. A new one is one line here and one in registry."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from providers import afriquia_gaz, alreaaiaa, altegio, rekaz
from providers.contracts import ProviderSpec
from providers.http import Resolve, check_base_url, system_resolve

SPECS: dict[str, ProviderSpec] = {
    spec.slug: spec for spec in (alreaaiaa.SPEC, afriquia_gaz.SPEC, rekaz.SPEC, altegio.SPEC)
}
SANDBOX = "sandbox"


def specs_of(kind: str) -> dict[str, ProviderSpec]:
    """Those of one kind: who issues vouchers takes no bookings."""
    return {slug: spec for slug, spec in SPECS.items() if spec.kind == kind}


def provider_name(slug: str) -> str:
    names = SPECS[slug].names
    return names.get((get_language() or "ar")[:2], names["en"])


def base_url_problem(provider: str, url: str, environment: str, *, resolve: Resolve | None = system_resolve) -> str:
    """Why an account may not point there, in the reader's language; '' when it may. Without `resolve` the name is not looked
    up: a call does that itself, and speaks only to the addresses it has checked."""
    spec = SPECS.get(provider)
    if spec is None:
        return _("There is no such provider.")
    if environment == SANDBOX and not settings.LOOPBACK_ALLOWED:
        return _("Production has no sandbox accounts.")
    hosts = [*spec.hosts, *settings.PROVIDER_HOSTS_ALLOWED]
    try:
        check_base_url(url, hosts=hosts, allow_loopback=loopback_for(environment), resolve=resolve)
    except ValueError:
        return _("This address is not on the list of this provider's hosts.")
    return ""


def loopback_for(environment: str) -> bool:
    return bool(settings.LOOPBACK_ALLOWED) and environment == SANDBOX
