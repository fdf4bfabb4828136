"""What can go wrong at a provider, named by what the caller must do next.

Every error carries `code`, a stable snake_case word that our own texts are keyed by, and `detail`, a sentence for the
supervisor's evidence. Neither ever holds a secret, an ID number or a whole voucher code: `detail` is stored and shown.
"""

from __future__ import annotations


class ProviderError(Exception):
    """Base of the five. Never raised itself: a caller must be told what to do."""

    def __init__(
        self, code: str, detail: str = "", *, status: int | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.status = status  # HTTP status of their answer, when there was one
        self.retry_after = retry_after  # seconds they asked us to wait


class Rejected(ProviderError):
    """They said no in a documented way. Final: show `code`, do not retry."""


class Unavailable(ProviderError):
    """Nothing happened at the provider. Safe to try again later."""


class OutcomeUnknown(ProviderError):
    """It may have happened. Settle it by reading before anything else; never send again on this alone. `named`: what their
    answer says that it made, where nobody has seen it yet."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        named: str = "",
        status: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code, detail, status=status, retry_after=retry_after)
        self.named = named


class BrokenContract(ProviderError):
    """A read answered something we cannot read. Nothing was changed; a person should look at the provider."""


class Misconfigured(ProviderError):
    """Credentials or rights are wrong. Nothing happened; an administrator must mend the account."""
