"""A mirror of nothing in particular, for the tests of the engine."""

from __future__ import annotations

from django.db import models

from providers.models import MirrorRow


class Thing(MirrorRow):
    name = models.CharField(max_length=40)
    price = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    starts_at = models.DateTimeField(null=True)
    is_paid = models.BooleanField()
    tags = models.JSONField(default=list)
