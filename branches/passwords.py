"""What a password may not be: longer than we take, or among the first that are guessed. How it is made up is its owner's business.

Lists of leaked passwords know few of twelve characters: most of those are a short one that was padded. So the padding is taken
off before the list is asked: digits and signs at the ends, repetition, a row of the keyboard, the words that everybody here knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from branches.models import Branch, User

LONGEST = 200  # as all our pages say: nobody's password is cut off, and no page is made to hash a book
WORDS = {"wasl", "وصل", "voucher", "vouchers", "clinic", "clinique", "reception", "receptionist", "welcome", "marhaba"}
WORDS |= {
    "password",
    "passwort",
    "motdepasse",
    "bonjour",
    "ahlan",
    "secret",
    "change",
    "changeme",
    "demo",
    "login",
    "riyadh",
}
ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
)
FEWEST = 6  # characters that must be left, and different ones among them
LOOKALIKES = str.maketrans("@4301$5!7", "aaeoissit")


class Argon2(Argon2PasswordHasher):
    """Argon2id as OWASP asks for it at least. Django's own takes 100 MB a try, and anybody may try at the sign-in."""

    time_cost, memory_cost, parallelism = 2, 19 * 1024, 1


class NotTooLong:
    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) > LONGEST:
            raise ValidationError(self.get_help_text(), code="password_too_long")

    def get_help_text(self) -> str:
        return _("A password has at most %(most)s characters.") % {"most": LONGEST}


class NotGuessable:
    def validate(self, password: str, user: User | None = None) -> None:
        if is_guessable(password, _names(user)):
            raise ValidationError(
                _("This is a common password, or one made longer. Take a few words that do not belong together."),
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return _("A few words that do not belong together make a good password.")


def is_guessable(password: str, names: set[str] = frozenset()) -> bool:  # type: ignore[assignment]
    plain = password.lower().strip()
    return any(_is_known(rest, WORDS | names) for rest in _bared(plain))


def _bared(plain: str) -> Iterator[str]:
    """The password without its padding, and as it reads when signs stand for letters."""
    for text in (plain, plain.translate(LOOKALIKES)):
        yield text
        yield re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
        yield re.sub(r"[\W\d_]+", "", text)
        if again := re.fullmatch(r"(.+?)\1+", text):
            yield again[1]


def _is_known(text: str, words: set[str]) -> bool:
    rest = _without(text, words)
    return len(rest) < FEWEST or len(set(rest)) < FEWEST - 1 or rest in leaked() or text in leaked() or _is_row(rest)


def _without(text: str, words: set[str]) -> str:
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


def _is_row(text: str) -> bool:
    return any(text in row * 3 or text in row[::-1] * 3 for row in ROWS)


@cache
def leaked() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _names(user: Any) -> set[str]:
    """Of the person and of our branches, as she might use them."""
    own = [user.username, user.first_name, user.last_name] if user else []
    places = [word for row in Branch.objects.values_list("code", "name_ar", "name_en", "name_fr") for word in row]
    parts = (part.lower() for name in (*own, *places) for part in re.split(r"\W+", name or ""))
    return {part for part in parts if len(part) > 2}
