"""With what an account is let in: the token that its processes share, the secrets they sign with, and the next ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from providers.contracts import CheckLogin, LogIn, Session
from providers.errors import Misconfigured
from providers.models import Account, AccountToken
from providers.models.accounts import CURRENT, NEXT
from providers.secrets import seal, unseal
from providers.specs import SPECS


class AccountTokens:
    """The shared login token of one account. One process logs in at a time; the others wait and take its token."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def read(self) -> str:
        row = AccountToken.objects.filter(account=self.account).first()
        return unseal(row.sealed, row.context()) if row and row.sealed else ""

    def refresh(self, stale: str, log_in: LogIn) -> str:
        with _lock_of(self.account):
            token = self.read()
            if token and token != stale:
                return token
            session = self._log_in(log_in)
            self._write(session.token)
        return session.token

    def forget(self) -> None:
        AccountToken.objects.filter(account=self.account).delete()

    def _log_in(self, log_in: LogIn) -> Session:
        self.account.refresh_from_db()
        try:
            return log_in(self.account.secrets(CURRENT))
        except Misconfigured:
            upcoming = self.account.secrets(NEXT)
            if not upcoming:
                raise
            session = log_in(upcoming)
            promote_secrets(self.account)
            return session

    def _write(self, token: str) -> None:
        row = AccountToken(account=self.account)
        sealed = seal(token, row.context())
        AccountToken.objects.update_or_create(
            account=self.account, defaults={"sealed": sealed, "obtained_at": timezone.now()}
        )


class AccountKeys:
    """The secrets of an account whose provider has no login: every process signs its calls with those in use."""

    def __init__(self, account: Account) -> None:
        self.account = account

    def read(self) -> Mapping[str, str]:
        return self.account.secrets(CURRENT)

    def replace(self, refused: Mapping[str, str], check: CheckLogin) -> Mapping[str, str] | None:
        with _lock_of(self.account):
            self.account.refresh_from_db()
            current = self.account.secrets(CURRENT)
            if current != refused:
                return current
            upcoming = self.account.secrets(NEXT)
            if not upcoming:
                return None
            check(upcoming)
            promote_secrets(self.account)
        return self.account.secrets(CURRENT)


def promote_secrets(account: Account) -> None:
    """The next secrets take over: they worked and the current ones were refused. What they need not replace stays."""
    lasting = SPECS[account.provider].lasting_secret_fields
    with transaction.atomic():
        row = Account.objects.select_for_update().get(pk=account.pk)
        kept = {name: value for name, value in row.secrets(CURRENT).items() if name in lasting}
        row.seal_secrets({**kept, **row.secrets(NEXT)}, CURRENT)
        row.current_set_at, row.next_set_at, row.sealed_next = row.next_set_at, None, b""
        row.save()
    account.refresh_from_db()


def _lock_of(account: Account) -> _advisory_lock:
    return _advisory_lock(account.id.int & 0x7FFF_FFFF_FFFF_FFFF)


class _advisory_lock:
    """A session lock: it must outlive no transaction, because the login happens outside any, and dies with its process."""

    def __init__(self, key: int) -> None:
        self.key = key

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [self.key])

    def __exit__(self, *_args: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [self.key])
