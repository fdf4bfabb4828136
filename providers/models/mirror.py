"""What every mirrored row keeps beside its own columns, and what the mirror engine knows of its own work.

The engine (providers/sync) is the only writer of all of it.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from providers.models.accounts import Account


class MirrorRow(models.Model):
    """Our copy of one row of theirs. It may be dropped and read again: nothing of ours hangs on its columns.

    An unchanged row is not written again: what it is "as of" is the later of `seen_at` and the last complete run. A migration
    after which rows must be decoded anew empties `raw_hash` and SyncSeen.
    """

    account = models.ForeignKey(  # the constraint's index begins with it
        Account, models.PROTECT, db_index=False, verbose_name=_("provider account")
    )
    external_id = models.CharField(_("their id"), max_length=80)
    payload = models.JSONField(_("as they sent it"))
    raw_hash = models.BinaryField(max_length=16)  # blake2b of the row's bytes
    # Of its canonical form without the keys that mean nothing. Empty until its bytes differ for the first time: most never do.
    content_hash = models.BinaryField(max_length=16)
    seen_at = models.DateTimeField(_("as of"))  # when this content was last read and written
    gone_at = models.DateTimeField(_("gone"), null=True, blank=True)  # a tombstone: they do not list it any more

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["account", "external_id"], name="one_%(class)s_an_id"),
        ]


class SyncStatus(models.TextChoices):
    RUNNING = "running", _("Running")
    GREEN = "green", _("Complete")
    AMBER = "amber", _("Not proven complete")
    RED = "red", _("Failed")


class SyncRun(models.Model):
    """One reading of one collection of one account. While it runs, its row is the lease: one worker, whatever dies."""

    account = models.ForeignKey(Account, models.PROTECT, related_name="sync_runs", verbose_name=_("provider account"))
    collection = models.CharField(_("collection"), max_length=32)
    business_date = models.DateField(_("trading day"), null=True)  # of a nightly run: the day that had ended
    full = models.BooleanField(_("whole collection"))  # else only a window of it
    since = models.CharField(_("not older than"), max_length=32, blank=True)  # where the window begins
    filter_state = models.CharField(_("their filter"), max_length=8, blank=True)  # trusted, ignored, or unasked: ''
    began_at = models.DateTimeField(_("began"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    status = models.CharField(_("status"), max_length=8, choices=SyncStatus.choices, default=SyncStatus.RUNNING)
    reasons = models.JSONField(_("reasons"), default=list)  # codes: providers/sync/words.py says them
    detail = models.CharField(_("detail"), max_length=200, blank=True)  # of what broke, for the supervisor
    complete = models.BooleanField(_("complete"), default=False)  # a whole reading with its proof

    token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    takeovers = models.PositiveSmallIntegerField(_("taken up again"), default=0)
    cursor = models.CharField(max_length=400, blank=True)  # where the next page begins
    round = models.PositiveSmallIntegerField(default=1)  # a reading that could not be proven is made once more
    tally = models.JSONField(default=dict)  # of the round so far: providers/sync/decide.py

    reported = models.PositiveIntegerField(_("reported"), null=True)
    read = models.PositiveIntegerField(_("read"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    gone = models.PositiveIntegerField(_("gone"), default=0)
    quarantined = models.PositiveIntegerField(_("unreadable"), default=0)
    requests = models.PositiveIntegerField(_("requests"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    distinct = models.PositiveIntegerField(_("different rows"), default=0)

    class Meta:
        verbose_name = _("mirror run")
        verbose_name_plural = _("mirror runs")
        ordering = ["-began_at", "-id"]
        indexes = [models.Index(fields=["account", "collection", "-began_at"], name="sync_run_by_collection")]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "collection"],
                condition=models.Q(status=SyncStatus.RUNNING),
                name="one_running_sync_a_collection",
            )
        ]

    def __str__(self) -> str:
        return f"{self.account} · {self.collection}"


class SyncSeen(models.Model):
    """Which ids a round has seen, eight bytes each, a chunk a row; of the last complete run it stays, for the next one to
    compare with. Unlogged: a crash of the database empties it, which costs reading and nothing else."""

    run = models.ForeignKey(SyncRun, models.CASCADE, db_index=False)
    n = models.PositiveIntegerField()
    ids = models.BinaryField()
    hashes = models.BinaryField(default=bytes)  # of the bytes of each, sixteen each; zeros for a row without an id

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "n"], name="one_chunk_a_number")]


class SyncTouched(models.Model):
    """Which rows of a mirror were written since it was last read whole: what SyncSeen says of them holds no more. Unlogged as
    that is: a crash empties both."""

    account = models.ForeignKey(Account, models.CASCADE, db_index=False)
    collection = models.CharField(max_length=32)
    run = models.ForeignKey(SyncRun, models.SET_NULL, null=True)  # the reading that wrote them, if one did
    ids = models.BinaryField()  # folded, eight bytes each

    class Meta:
        indexes = [models.Index(fields=["account", "collection"], name="touched_by_collection")]


class Staged(models.Model):
    """Changed rows on their way into a mirror. Unlogged, and empty between two transactions; the application's role may not
    make temporary tables."""

    chunk = models.UUIDField(db_index=True)
    external_id = models.CharField(max_length=80)
    payload = models.JSONField()
    raw_hash = models.BinaryField()
    content_hash = models.BinaryField()
    seen_at = models.DateTimeField()
    cells = ArrayField(models.TextField(null=True))


class Missing(models.Model):
    """A row that a complete run did not see. Only a second complete run that does not see it makes a tombstone."""

    account = models.ForeignKey(Account, models.CASCADE)
    collection = models.CharField(max_length=32)
    external_id = models.CharField(max_length=80)
    run = models.ForeignKey(SyncRun, models.CASCADE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "collection", "external_id"], name="missing_once"),
        ]


class Quarantined(models.Model):
    """A row of theirs that we could not read. Its bytes are sealed: it may hold what it should not, and nobody has looked."""

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("provider account"))
    collection = models.CharField(_("collection"), max_length=32)
    external_id = models.CharField(_("their id"), max_length=80, blank=True)
    row_key = models.CharField(max_length=90)  # the id, or the hash of a row that has none
    sealed_row = models.BinaryField(editable=False)
    raw_hash = models.BinaryField(editable=False)
    error = models.CharField(_("error"), max_length=300)
    first_at = models.DateTimeField(_("first seen"))
    last_at = models.DateTimeField(_("last seen"))
    resolved_at = models.DateTimeField(_("resolved"), null=True)

    class Meta:
        verbose_name = _("unreadable row")
        verbose_name_plural = _("unreadable rows")
        ordering = ["-last_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "collection", "row_key"], name="quarantined_once"),
        ]

    def __str__(self) -> str:
        return f"{self.collection} · {self.row_key}"

    @staticmethod
    def context(account_id: object, collection: str, row_key: str) -> str:
        """What its ciphertext is bound to."""
        return f"quarantined:{account_id}:{collection}:{row_key}"


class Shape(models.Model):
    """The fields of a collection as we have met them, with their types. What differs from it is drift."""

    account = models.ForeignKey(Account, models.CASCADE)
    collection = models.CharField(max_length=32)
    fields = models.JSONField(default=dict)  # name -> {"kinds": [...], "always": bool}
    learned_at = models.DateTimeField(
        null=True
    )  # by the first complete run; before, everything is new and nothing is news

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "collection"], name="one_shape_a_collection")]


class Drift(models.Model):
    """They changed the shape of what they send. Told once; it stays until somebody has taken note."""

    class What(models.TextChoices):
        NEW = "new", _("a new field")
        GONE = "gone", _("a field is missing")
        RETYPED = "retyped", _("a field of another type")
        WORD = "word", _("a word that we do not know")

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("provider account"))
    collection = models.CharField(_("collection"), max_length=32)
    field = models.CharField(_("field"), max_length=80)
    what = models.CharField(_("change"), max_length=8, choices=What.choices)
    detail = models.CharField(_("detail"), max_length=80, blank=True)
    first_at = models.DateTimeField(_("first seen"))
    acknowledged_at = models.DateTimeField(_("taken note of"), null=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        verbose_name = _("change of shape")
        verbose_name_plural = _("changes of shape")
        ordering = ["-first_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "collection", "field", "what", "detail"], name="drift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.collection}.{self.field}"
