"""What production asks of itself before it serves or works: refuse, rather than redeem on ground that may give way."""

from __future__ import annotations

import logging

from django.conf import settings
from django.core import checks
from django.core.checks import Tags
from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger(__name__)


def refuse_unsafe_production() -> None:
    """Raises ImproperlyConfigured with every reason. The database is asked too: a commit must survive a power cut."""
    if not settings.PRODUCTION:
        return
    found = checks.run_checks(
        include_deployment_checks=True, databases=["default"], tags=[Tags.security, Tags.database]
    )
    for message in found:
        if not message.is_serious(checks.ERROR):
            log.warning("%s", message)
    reasons = [str(message) for message in found if message.is_serious(checks.ERROR)]
    if reasons:
        raise ImproperlyConfigured("Production will not start: " + " | ".join(reasons))
