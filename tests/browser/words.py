"""What the staff must read, in each language: the catalogue's own translation, never the English text by accident."""

from __future__ import annotations

from django.utils import translation

from vouchers.outcomes import Words, refusal

LANGUAGES = ("ar", "fr", "en")


def texts_of(code: str, language: str) -> list[str]:
    """Headline, what to do now, what to tell the customer."""
    words: Words = refusal(code)
    with translation.override(language):
        return [str(words.headline), str(words.now), str(words.customer)]


def assert_translated(code: str) -> None:
    in_all = [texts_of(code, language) for language in LANGUAGES]
    for texts in zip(*in_all, strict=True):
        assert all(texts)
        assert len(set(texts)) == len(LANGUAGES), f"the same in two languages: {texts}"
