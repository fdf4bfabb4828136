"""`manage.py rotate_keys`: seal everything we keep encrypted again, under the newest of FIELD_KEYS."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.db import models, transaction

from branches.terminal import TerminalCommand
from desk.second_factor import SEALED
from providers.secrets import reseal

BATCH = 500


class Command(TerminalCommand):
    help = (
        "Seal every stored secret and code again under the newest of FIELD_KEYS (the first). Running it again changes "
        "nothing. When it says that nothing was left under an old key, the old keys may go from FIELD_KEYS."
    )

    def run(self, options: dict[str, Any]) -> None:
        total: Counter[str] = Counter()
        for model, columns in sealed_columns():
            counts = rotate(model, columns)
            total += counts
            self.stdout.write(f"{model._meta.label}: {_said(counts)}")
        counts = rotate_factors()
        total += counts
        self.stdout.write(f"{Authenticator._meta.label}: {_said(counts)}")
        self.stdout.write(f"all: {_said(total)}")
        if total["unreadable"]:
            raise CommandError(
                "Some values open with none of FIELD_KEYS: keep every old key, and find the one they need."
            )


def sealed_columns() -> Iterator[tuple[type[models.Model], list[str]]]:
    """Every binary column called sealed or sealed_…, of every model: a new one is found by its name."""
    for model in apps.get_models():
        fields = [field for field in model._meta.concrete_fields if isinstance(field, models.BinaryField)]
        columns = [field.name for field in fields if field.name.partition("_")[0] == "sealed"]
        if columns:
            yield model, columns


def rotate(model: type[models.Model], columns: list[str], size: int = BATCH) -> Counter[str]:
    counts: Counter[str] = Counter(rotated=0, current=0, unreadable=0)
    last: Any = None
    while batch := _batch(model, columns, last, size):
        last = batch[-1][0]
        with transaction.atomic():
            for key, *values in batch:
                for column, value in zip(columns, values, strict=True):
                    if value:
                        counts[_rotate_one(model, key, column, bytes(value))] += 1
    return counts


def _batch(model: type[models.Model], columns: list[str], last: Any, size: int) -> list[tuple[Any, ...]]:
    rows = model._default_manager.order_by("pk")
    rows = rows if last is None else rows.filter(pk__gt=last)
    return list(rows.values_list("pk", *columns)[:size])


def _rotate_one(model: type[models.Model], key: Any, column: str, sealed: bytes) -> str:
    if under_newest_key(sealed):
        return "current"
    try:
        fresh = reseal(sealed)
    except InvalidToken:
        return "unreadable"
    # A value that somebody else has just replaced is under the newest key already.
    changed = model._default_manager.filter(pk=key, **{column: sealed}).update(**{column: fresh})
    return "rotated" if changed else "current"


def rotate_factors() -> Counter[str]:
    """Second factors keep theirs as text inside of a JSON column: the library made that table. There are few for a person."""
    counts: Counter[str] = Counter(rotated=0, current=0, unreadable=0)
    for key in Authenticator.objects.values_list("pk", flat=True):
        with transaction.atomic():
            factor = Authenticator.objects.select_for_update().filter(pk=key).first()
            for name in set(factor.data) & set(SEALED) if factor else ():
                counts[_rotate_text(factor, name)] += 1
    return counts


def _rotate_text(factor: Authenticator, name: str) -> str:
    sealed = str(factor.data[name]).encode()
    if under_newest_key(sealed):
        return "current"
    try:
        factor.data[name] = reseal(sealed).decode()
    except InvalidToken:
        return "unreadable"
    factor.save(update_fields=["data"])
    return "rotated"


def under_newest_key(sealed: bytes) -> bool:
    try:
        Fernet(settings.FIELD_KEYS[0]).decrypt(sealed)
    except InvalidToken:
        return False
    return True


def _said(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[name]} {name}" for name in ("rotated", "current", "unreadable"))
