"""A mirror of nothing in particular, for the tests of the engine."""

from __future__ import annotations

from dataclasses import replace

from django.db import models

from providers.models import MirrorRow
from providers.specs import SPECS

# Every process of a test loads this. How many requests a provider bears is what two files are about (sync/test_budget.py and
# altegio/test_account.py); all others would only wait.
for _slug, _spec in SPECS.items():
    SPECS[_slug] = replace(_spec, per_second=0, per_minute=0)


class Thing(MirrorRow):
    name = models.CharField(max_length=40)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    starts_at = models.DateTimeField(null=True)
    is_paid = models.BooleanField()
    tags = models.JSONField(default=list)
