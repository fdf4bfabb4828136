"""What every provider's client has to do with: logins, keys, proof of a write, the journal, and what is known of a provider."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof from a documented success answer that names our code or order, or is its documented answer to this one address.
    `references` keeps every id of the answer."""

    codes: tuple[str, ...] = field(default=(), repr=False)
    references: Mapping[str, str] = field(default_factory=dict)
    names_each: bool = True  # else the answer speaks of the order alone, and a look has to see each code


@dataclass(frozen=True, slots=True)
class Session:
    """What `log_in` gives: an opaque token, and who the provider says we are."""

    token: str = field(repr=False)
    user_name: str
    user_id: str


class TokenStore(Protocol):
    """Where a client keeps its login token between calls. The registry gives one backed by the database."""

    def read(self) -> str:
        """The cached token, or ''."""

    def refresh(self, stale: str, log_in: LogIn) -> str:
        """One login under a lock: if another process already replaced `stale`, its token is returned and no login is made."""


class LogIn(Protocol):
    def __call__(self, credentials: Mapping[str, str]) -> Session: ...


class KeyStore(Protocol):
    """Where a client that has no login finds what it signs its calls with. The registry gives one backed by the database."""

    def read(self) -> Mapping[str, str]:
        """The secrets in use."""

    def replace(self, refused: Mapping[str, str], check: CheckLogin) -> Mapping[str, str] | None:
        """Others instead of those that were refused, under a lock: what another process has put there already, else the next
        ones once `check` has proved them. None when there are none. Raises what `check` raises."""


class CheckLogin(Protocol):
    def __call__(self, secrets: Mapping[str, str]) -> str: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a provider as the journal keeps it: redacted, sized, timed."""

    at: dt.datetime
    method: str
    path: str
    status: int | None
    milliseconds: int
    sent: str  # redacted body
    received: str  # redacted body, cut
    received_sha256: str
    error: str  # '' or the error's code
    bytes_left: bool  # did any byte of the request leave this machine


class CodeFit(StrEnum):
    SURE = "sure"  # the shape of this issuer's codes
    POSSIBLE = "possible"  # could be one, in a shape nobody has documented
    NO = "no"


@dataclass(frozen=True, slots=True)
class ProviderSpec:
    """What the rest of Wasl may know about a provider without speaking to it. One a folder, listed in the registry."""

    slug: str
    names: Mapping[str, str]  # language -> name
    kind: str  # "vouchers", "loyalty", "reservations"
    secret_fields: Sequence[str]
    setting_fields: Mapping[str, str]  # name -> default ('' means required)
    hosts: Sequence[str]  # hosts that a live or testing account may point at
    currency: str  # of a sale
    optional_secret_fields: Sequence[str] = ()  # secrets that a login can do without
    login_choices: Sequence[
        Sequence[str]
    ] = ()  # optional secrets of which one of these sets makes a login, and no two do
    pem_fields: Sequence[str] = ()  # secrets that are keys of several lines
    values_in: Literal["money", "points"] = "money"  # what a voucher's value is; points are no currency
    most_codes: int = 1  # vouchers in one sale
    owner_check: Literal["cards", "phone"] = "cards"  # whose voucher: a person on its card, or the phone of its owner
    code_pattern: str = ""  # full match, upper or exact case as the issuer writes it
    code_loose: str = ""
    code_folds_case: bool = False
    code_groups: str = ""  # regex whose groups are how the code is shown in groups
    letter_language: str = "en"  # in which we write to it
    answer_bytes: int = 1024 * 1024  # the longest answer that is read
    per_second: int = (
        0  # requests of an account that the provider bears, all our processes together; 0: not limited by us
    )
    per_minute: int = 0
    shares_budget: bool = False  # they count by our address: all accounts at one address of theirs share the figures
    journal_visible: Sequence[str] = ()  # keys whose values the call journal may keep in clear
    journal_masked: Sequence[str] = ()  # keys of which it keeps the last four characters

    @property
    def all_secret_fields(self) -> tuple[str, ...]:
        return (*self.secret_fields, *self.optional_secret_fields)

    @property
    def lasting_secret_fields(self) -> tuple[str, ...]:
        """Those that no login is made of, and that outlive one."""
        chosen = {name for choice in self.login_choices for name in choice}
        return tuple(name for name in self.optional_secret_fields if name not in chosen)

    def has_whole_login(self, names: Collection[str]) -> bool:
        """Do these secrets log in by themselves?"""
        return set(self.secret_fields) <= set(names) and (
            not self.login_choices or any(set(choice) <= set(names) for choice in self.login_choices)
        )

    def missing_secrets(self, names: Collection[str]) -> tuple[str, ...]:
        """What a login lacks; of several kinds of login the one that lacks least, the first of them when in doubt."""
        missing = tuple(name for name in self.secret_fields if name not in names)
        lacks = [tuple(name for name in choice if name not in names) for choice in self.login_choices]
        return missing + min(lacks, key=len, default=())

    def with_new_login(self, known: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
        """Secrets after some were given: a whole new login of one kind leaves nothing of another kind behind."""
        if self.login_choices and self.has_whole_login(given):
            known = {name: value for name, value in known.items() if name in self.lasting_secret_fields}
        return {**known, **given}
