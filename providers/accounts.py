"""Connecting an account: its secrets go in and never come back out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from branches.models import Branch
from providers import registry
from providers.contracts import ProviderSpec
from providers.errors import ProviderError
from providers.logins import AccountTokens
from providers.models import Account, AccountHealth, BranchAccount
from providers.models.accounts import CURRENT, NEXT
from providers.normalise import CleanedCredential, clean_credential, clean_key, clean_password
from providers.operations import health
from providers.operations.journal import Journal
from providers.operations.life import database_now
from providers.secrets import Unsealable

PASSWORDS = {"password", "secret", "key", "token", "partner_token", "user_token", "export_basic"}


@dataclass(frozen=True, slots=True)
class Connected:
    account: Account
    created: bool
    removed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # field -> hidden characters that we dropped


def connect_account(
    *, provider: str, branch: Branch, base_url: str, environment: str, values: Mapping[str, str], label: str = ""
) -> Connected:
    """One account of this provider in this environment at this branch: created, or brought up to date. Idempotent.

    `values` holds secrets and settings by name. Raises ValidationError for names and values that the provider has no use for.
    """
    secrets, settings, removed = sort_values(provider, values)
    spec = registry.SPECS[provider]
    with transaction.atomic():
        account = _account_at(provider, branch, environment)
        created = account is None
        account = account or Account(provider=provider, environment=environment)
        account.label = label or account.label or f"{spec.names['en']} · {branch.code}"
        moved = not created and account.base_url != base_url.rstrip("/")
        account.base_url, account.settings = base_url.rstrip("/"), {**account.settings, **settings}
        account.full_clean()
        _keep_secrets(account, spec.with_new_login(_known(account, secrets), secrets), CURRENT, timezone.now())
        account.save()
        if moved:  # a token of the one place is not for the other
            AccountTokens(account).forget()
        BranchAccount.objects.get_or_create(branch=branch, account=account)
    return Connected(account, created, removed)


def _known(account: Account, secrets: Mapping[str, str]) -> dict[str, str]:
    """What the account has already. With its key gone that cannot be read, and need not be when all of it is replaced."""
    spec = registry.SPECS[account.provider]
    if set(secrets) == set(spec.all_secret_fields):
        return {}
    try:
        return account.secrets(CURRENT)
    except Unsealable:
        if spec.has_whole_login(secrets):
            return {}
        raise


def sort_values(
    provider: str, values: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str], dict[str, tuple[str, ...]]]:
    """(secrets, settings, hidden characters removed by field). Raises ValidationError for an unknown or empty name."""
    spec = registry.SPECS.get(provider)
    if spec is None:
        raise ValidationError(_("There is no such provider."))
    unknown = set(values) - set(spec.all_secret_fields) - set(spec.setting_fields)
    if unknown:
        raise ValidationError(_("This provider has no field %(name)s."), params={"name": ", ".join(sorted(unknown))})
    cleaned = {name: _clean(name, value, spec) for name, value in values.items()}
    empty = [name for name, result in cleaned.items() if not result.value and name in spec.all_secret_fields]
    if empty:
        raise ValidationError(_("%(name)s is empty."), params={"name": ", ".join(empty)})
    secrets = {name: cleaned[name].value for name in cleaned if name in spec.all_secret_fields}
    settings = {name: cleaned[name].value for name in cleaned if name in spec.setting_fields}
    return secrets, settings, {name: tuple(result.removed) for name, result in cleaned.items() if result.removed}


def _clean(name: str, value: str, spec: ProviderSpec) -> CleanedCredential:
    if name in spec.pem_fields:
        return clean_key(value)
    return clean_password(value) if name in PASSWORDS else clean_credential(value)


def _account_at(provider: str, branch: Branch, environment: str) -> Account | None:
    rows = Account.objects.select_for_update(of=("self",))
    return rows.filter(provider=provider, environment=environment, places__branch=branch).first()


def _keep_secrets(account: Account, secrets: dict[str, str], slot: str, now: dt.datetime) -> None:
    if _unchanged(account, secrets, slot):
        return
    account.seal_secrets(secrets, slot)
    setattr(account, f"{slot}_set_at", now)
    if slot == CURRENT and not account._state.adding:
        AccountTokens(account).forget()
        AccountHealth.objects.filter(account=account).update(open_until=None)


def _unchanged(account: Account, secrets: dict[str, str], slot: str) -> bool:
    try:
        return secrets == account.secrets(slot)
    except Unsealable:
        return False


def set_secrets(account: Account, values: Mapping[str, str], *, slot: str = CURRENT, now: dt.datetime) -> Connected:
    """New secrets for one slot, whole; optional ones that are not given stay. `next` waits until the provider refuses the
    current ones. Raises ValidationError."""
    assert slot in (CURRENT, NEXT)
    secrets, _settings, removed = sort_values(account.provider, values)
    spec = registry.SPECS[account.provider]
    if not spec.has_whole_login(secrets):
        missing = ", ".join(sorted(spec.missing_secrets(secrets)))
        raise ValidationError(_("%(name)s is empty."), params={"name": missing})
    with transaction.atomic():
        row = Account.objects.select_for_update().get(pk=account.pk)
        _keep_secrets(row, {**_optional(row, slot), **secrets}, slot, now)
        row.save()
    return Connected(row, False, removed)


def _optional(account: Account, slot: str) -> dict[str, str]:
    wanted = registry.SPECS[account.provider].lasting_secret_fields
    try:
        return {name: value for name, value in account.secrets(slot).items() if name in wanted}
    except Unsealable:
        return {}


def test_connection(account: Account) -> str:
    """Try the current secrets once. Returns what the provider calls us, '' if it says nothing. Raises a ProviderError;
    writes the journal and the health either way."""
    journal = Journal(account)
    try:
        client = registry.client_for(account, journal)
        name = client.check_login(account.secrets(CURRENT))
    except ProviderError as error:
        _note(account, journal, error)
        raise
    _note(account, journal, None)
    return name


def _note(account: Account, journal: Journal, error: ProviderError | None) -> None:
    with transaction.atomic(durable=True):
        journal.write()
        now = database_now()
        health.failed(account, error, now) if error else health.answered(account, now)
