"""What a password may not be: longer than we take, or among the first that are guessed. How it is made up is up to its owner.

Lists of leaked passwords know few of twelve characters: most of those are a short one that was padded. So the padding is taken
off before the list is asked: digits and signs at the ends, repetition, rows of keys, the words that everybody here knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from branches.models import Branch, User

LONGEST = 200  # as all our pages say: nobody's password is cut off, and no page is made to hash a book
WORDS = {
    *("wasl", "وصل", "voucher", "vouchers", "clinic", "clinique", "reception", "receptionist", "riyadh", "casablanca"),
    *(
        "welcome",
        "marhaba",
        "ahlan",
        "bonjour",
        "password",
        "passwort",
        "motdepasse",
        "secret",
        "change",
        "demo",
        "login",
    ),
}
KEYS = (
    *("qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn"),
    *("abcdefghijklmnopqrstuvwxyz", "01234567890123456789"),
)
FEWEST = 5  # characters that must be left beside words and rows of keys


def _rows(keys: str) -> Iterator[str]:
    """Any four or more in a row, either way."""
    for row in (keys, keys[::-1]):
        yield from (row[start:end] for start in range(len(row)) for end in range(start + 4, len(row) + 1))


ROW = re.compile("|".join(sorted({row for keys in KEYS for row in _rows(keys)}, key=len, reverse=True)))
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


def is_guessable(password: str, names: Iterable[str] = ()) -> bool:
    plain = password.lower().strip()
    return len(set(plain)) < FEWEST or any(_is_known(text, {*WORDS, *names}) for text in _bared(plain))


def _bared(plain: str) -> Iterator[str]:
    """The password, and what is left of it without its padding and with letters for the signs that stand for them."""
    yield plain
    if again := re.fullmatch(r"(.+?)\1+", plain):
        yield again[1]
    bare = _trimmed(plain)
    yield from (bare, bare.translate(LOOKALIKES), re.sub(r"[\W\d_]+", "", plain))


def _is_known(text: str, words: set[str]) -> bool:
    """Itself, or without the words and rows of keys in it; if there were any, something else must be left."""
    rest = text
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    rest = ROW.sub("", rest)
    made_of_them = rest != text and len(_trimmed(rest)) < FEWEST
    return made_of_them or text in leaked() or _trimmed(rest) in leaked()


def _trimmed(text: str) -> str:
    return re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)


@cache
def leaked() -> frozenset[str]:
    return frozenset(CommonPasswordValidator().passwords)


def _names(user: Any) -> set[str]:
    """Of the person and of our branches, as she might use them."""
    own = [user.username, user.first_name, user.last_name] if user else []
    places = [word for row in Branch.objects.values_list("code", "name_ar", "name_en", "name_fr") for word in row]
    parts = (part.lower() for name in (*own, *places) for part in re.split(r"\W+", name or ""))
    return {part for part in parts if len(part) > 2}
