"""Rows as bytes: is this one new, is it other than before, has its shape changed. Pure."""

from __future__ import annotations

import hashlib
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from providers.contracts import Collection

ENOUGH = 20  # rows without a field that every row had before, until we say that it is gone
LONGEST_WORD = 80
MOST_FORMS = 500
_decoder = msgspec.json.Decoder()
_encoder = msgspec.json.Encoder(order="deterministic")


def raw_hash(row: bytes) -> bytes:
    return hashlib.blake2b(row, digest_size=16).digest()


def raw_hashes(rows: Sequence[bytes]) -> list[bytes]:
    """`raw_hash` of many."""
    blake2b = hashlib.blake2b
    return [blake2b(row, digest_size=16).digest() for row in rows]


def fold(external_id: str) -> int:
    """An id in eight bytes. Two that fold to the same make a count too small by one: a run in doubt, never a false proof."""
    return int.from_bytes(hashlib.blake2b(external_id.encode(), digest_size=8).digest())


def folded(ids: Sequence[str]) -> tuple[int, ...]:
    """`fold` of many."""
    found = [hashlib.blake2b(name.encode(), digest_size=8).digest() for name in ids]
    return struct.unpack(f">{len(found)}Q", b"".join(found))


def parsed_many(rows: Iterable[bytes]) -> list[dict[str, Any]]:
    """Raises ValueError when a row is no JSON object."""
    values = list(map(_decoder.decode, rows))  # its errors are ValueErrors
    if set(map(type, values)) - {dict}:
        raise ValueError("the row is not an object")
    return values


def parsed(row: bytes) -> dict[str, Any]:
    """`parsed_many` of one."""
    [value] = parsed_many([row])
    return value


def content_hash(value: Mapping[str, Any], volatile: frozenset[str]) -> bytes:
    """Of the canonical form: keys in order, without those that change and mean nothing."""
    kept = {key: inner for key, inner in value.items() if key not in volatile} if volatile else value
    return hashlib.blake2b(_encoder.encode(kept), digest_size=16).digest()


@dataclass(slots=True)
class Shapes:
    """The fields met in this run, beside those known before it."""

    known: Mapping[str, Any]  # name -> {"kinds": [...], "always": bool}
    enums: Mapping[str, frozenset[str]]
    rows: int = 0
    pairs: set[tuple[str, type]] = field(default_factory=set)
    times: Counter[str] = field(default_factory=Counter)
    words: set[tuple[str, str]] = field(default_factory=set)
    forms: Counter[tuple[Any, ...]] = field(default_factory=Counter)  # names and kinds of a row: most rows are of a few

    def meet(self, values: Sequence[Mapping[str, Any]]) -> None:
        """Some rows, not more than memory holds. Mostly the next one is of the same form, which costs no look-up."""
        last: list[Any] = []
        again = 0
        for value in values:
            form = [*value, *map(type, value.values())]
            if form == last:
                again += 1
                continue
            self._count(last, again)
            last, again = form, 1
        self._count(last, again)
        for name, words in self.enums.items():
            met = {word for value in values if isinstance(word := value.get(name), str) and word}
            self.words.update((name, word[:LONGEST_WORD]) for word in met if word.lower() not in words)

    def _count(self, form: Sequence[Any], times: int) -> None:
        self.rows += times
        if times:
            self.forms[tuple(form)] += times
        if len(self.forms) > MOST_FORMS:
            self._sum_up()

    def _sum_up(self) -> None:
        for form, count in self.forms.items():
            names = form[: len(form) // 2]
            self.pairs.update(zip(names, form[len(names) :], strict=True))
            self.times.update(dict.fromkeys(names, count))
        self.forms.clear()

    @property
    def kinds(self) -> dict[str, set[str]]:
        self._sum_up()
        found: dict[str, set[str]] = {}
        for name, kind in self.pairs:
            found.setdefault(name, set()).add(_KINDS[kind])
        return found

    def merged(self) -> dict[str, Any]:
        """What is known from now on."""
        found = {name: dict(was) for name, was in self.known.items()}
        met = self.kinds
        for name, kinds in met.items():
            was = found.get(name)
            always = self.times[name] == self.rows and (was is None or bool(was["always"]))
            found[name] = {"kinds": sorted(kinds | set(was["kinds"] if was else ())), "always": always}
        for name in set(found) - set(met):
            if self.rows:
                found[name]["always"] = False
        return found

    def drift(self) -> list[tuple[str, str, str]]:
        """(field, what, detail) of all that differs from what was known before this run."""
        found = [(name, "word", word) for name, word in sorted(self.words)]
        if not self.known:
            return found
        met = self.kinds
        for name, kinds in sorted(met.items()):
            if name not in self.known:
                found.append((name, "new", "/".join(sorted(kinds))))
            elif other := kinds - set(self.known[name]["kinds"]) - {"null"}:
                found += self._retyped(name, other)
        if self.rows >= ENOUGH:
            lost = [name for name, was in self.known.items() if was["always"] and name not in met]
            found += [(name, "gone", "") for name in sorted(lost)]
        return found

    def _retyped(self, name: str, other: Iterable[str]) -> list[tuple[str, str, str]]:
        before = set(self.known[name]["kinds"]) - {"null"}
        if not before:  # it was always null: now we know what it is
            return []
        return [(name, "retyped", f"{'/'.join(sorted(before))} → {'/'.join(sorted(other))}")]


_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "text",
    list: "list",
    dict: "object",
}


def known_words(collection: Collection) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(word.lower() for word in words) for name, words in collection.enums.items()}
