"""How far ahead a branch can be booked, as it was found out the last time."""

from __future__ import annotations

from django.db import models

from branches.models import Branch


class Horizon(models.Model):
    """`until`: the last free time of what is booked most here, None where none was free. A try that failed leaves what was
    known, with its age."""

    branch = models.OneToOneField(Branch, models.CASCADE, related_name="horizon", primary_key=True)
    until = models.DateTimeField(null=True)
    products = models.PositiveSmallIntegerField(default=0)  # how many were asked about
    found_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField()
    problem = models.CharField(max_length=64, blank=True)  # of the last try
