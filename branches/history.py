"""The audit trail as people read it: who changed what, when, from where, before and after."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from branches.models import Change, User

DEEDS = {
    "insert": gettext_lazy("Added"),
    "update": gettext_lazy("Changed"),
    "delete": gettext_lazy("Removed"),
    "password": gettext_lazy("Password set"),
    "signed_in": gettext_lazy("Signed in"),
    "signed_out": gettext_lazy("Signed out"),
    "sign_in_failed": gettext_lazy("Wrong password"),
    "sign_in_locked": gettext_lazy("Sign-in refused: too many attempts"),
    "code_failed": gettext_lazy("Wrong code"),
    "code_locked": gettext_lazy("Code refused: too many attempts"),
    "proved": gettext_lazy("Proved who they are"),
    "proof_failed": gettext_lazy("Did not prove who they are"),
    "sessions_ended": gettext_lazy("Ended their other sessions"),
    "factors_reset": gettext_lazy("Second step reset"),
    "phone_shown": gettext_lazy("Saw a customer’s whole phone number"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    before: str
    after: str


def deed(change: Change) -> str:
    return str(DEEDS.get(change.pgh_label, change.pgh_label))


def who(change: Change) -> str:
    """A member of staff, somebody at the server's terminal, or Wasl itself."""
    context = change.pgh_context or {}
    if context.get("user"):
        person = User.objects.filter(pk=context["user"]).first()
        return str(person) if person else str(context["user"])
    if context.get("command"):
        return _("Terminal: %(name)s") % {"name": context.get("terminal", "")}
    return _("Nobody signed in") if context else _("Wasl itself")


def where(change: Change) -> str:
    """The address and the page, or the command."""
    context = change.pgh_context or {}
    parts = (context.get("address"), context.get("url"), context.get("command"))
    return " ".join(str(part) for part in parts if part)


def thing(change: Change) -> tuple[str, str]:
    """What kind of row, and which one as it is called now."""
    model = model_of(change)
    row = model._default_manager.filter(pk=change.pgh_obj_id).first()
    return str(model._meta.verbose_name), str(row) if row else ""


def differences(change: Change) -> Iterator[Difference]:
    """What a change changed; of a new or removed row, all that it held."""
    model = model_of(change)
    for column, value in sorted((change.pgh_diff or {}).items()) if change.pgh_label == "update" else _whole(change):
        field = next((field for field in model._meta.concrete_fields if field.column == column), None)
        if field is None or field.primary_key:
            continue
        before, after = value if isinstance(value, list) else (None, value)
        if change.pgh_label == "delete":
            before, after = after, before
        yield Difference(str(field.verbose_name), _shown(field, before), _shown(field, after))


def _whole(change: Change) -> Iterator[tuple[str, Any]]:
    if change.pgh_label in ("insert", "delete"):
        yield from sorted(
            (name, [None, value]) for name, value in change.pgh_data.items() if value not in (None, "", {})
        )


def model_of(change: Change) -> type[models.Model]:
    return apps.get_model(change.pgh_obj_model)


def _shown(field: models.Field[Any, Any], value: Any) -> str:
    if value in (None, ""):
        return "—"
    if isinstance(field, models.ForeignKey):
        row = field.related_model._default_manager.filter(pk=value).first()
        return str(row or value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateTimeField) and (moment := parse_datetime(str(value))):
        return date_format(localtime(moment), "DATETIME_FORMAT")
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(dict(field.flatchoices).get(value, value))


def tracked_models() -> list[type[models.Model]]:
    """Every model with an audit trail, by name."""
    found = (getattr(event, "pgh_tracked_model", None) for event in apps.get_models())
    return sorted({model for model in found if model}, key=lambda model: str(model._meta.label))


def row_named(label: str) -> models.Model | None:
    """ "branches.Branch:<id>" as that row, or None for anything else."""
    name, _colon, key = label.partition(":")
    model = next((model for model in tracked_models() if model._meta.label == name), None)
    try:
        return model._default_manager.filter(pk=key).first() if model else None
    except (ValueError, ValidationError):
        return None
