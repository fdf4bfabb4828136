"""What every mirrored row keeps beside its own columns. The mirror engine is the only writer."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models.accounts import Account


class MirrorRow(models.Model):
    """Our copy of one row of theirs. It may be dropped and read again: nothing of ours hangs on its columns.

    An unchanged row is not written again: what it is "as of" is the later of `seen_at` and the last complete run.
    """

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("provider account"))
    external_id = models.CharField(_("their id"), max_length=80)
    payload = models.JSONField(_("as they sent it"))
    raw_hash = models.BinaryField(max_length=16)  # blake2b of the row's bytes
    content_hash = models.BinaryField(max_length=16)  # of its canonical form without the keys that mean nothing
    seen_at = models.DateTimeField(_("as of"))  # when this content was last read and written
    gone_at = models.DateTimeField(_("gone"), null=True, blank=True)  # a tombstone: they do not list it any more

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="one_%(class)s_an_id"),
        ]
