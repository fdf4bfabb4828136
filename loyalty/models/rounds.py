"""What the nightly reading of cards knows of its own work. All of it may be dropped: it costs reading and nothing else."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from loyalty.models.mirrors import points
from providers.models import Account


class CardsRead(models.Model):
    """When a client's list of cards was read last, by whomever: a client without a card is read as well."""

    account = models.ForeignKey(Account, models.PROTECT, db_index=False, related_name="+")
    client_id = models.CharField(max_length=80)
    read_at = models.DateTimeField(_("as of"), null=True)
    put_off_at = models.DateTimeField(null=True)  # they could not answer about this one

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "client_id"], name="one_cards_read_a_client")]
        indexes = [models.Index(fields=["account", "read_at"], name="cards_read_by_time")]


class Reckoning(models.Model):
    """What a card has without what moved on it since a day (loyalty/sync/reckoning.py)."""

    account = models.ForeignKey(Account, models.PROTECT, db_index=False, related_name="+")
    card_id = models.CharField(max_length=80)
    since = models.DateField()
    rest = points("rest")
    at = models.DateTimeField()
    off_by = points("off by", null=True)  # in the last night that did not add up
    off_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "card_id"], name="one_reckoning_a_card")]
        indexes = [
            models.Index(
                fields=["account", "card_id"], name="reckoning_off", condition=models.Q(off_since__isnull=False)
            )
        ]
