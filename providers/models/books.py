"""Whether our books are all there: when a backup was put back, and how far the nightly re-read has come."""

from __future__ import annotations

from django.db import models

from providers.models.operations import append_only


class Restoration(models.Model):
    """A backup took the place of the database. What was done between the two times is known to the providers alone."""

    taken_at = models.DateTimeField()
    restored_at = models.DateTimeField()

    class Meta:
        triggers = [append_only("keep_restorations")]


class Reread(models.Model):
    """One run of the nightly re-read. One that was cut short is taken up where it stopped."""

    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    source = models.CharField(max_length=32, blank=True)  # where it stands
    after = models.CharField(max_length=64, blank=True)
    read = models.PositiveIntegerField(default=0)
    listed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    complete = models.BooleanField(default=False)  # everything was read, from the first to the last

    class Meta:
        ordering = ["-began_at", "-id"]
