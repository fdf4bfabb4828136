"""Does a translation hold the same placeholders as its text? One that differs breaks the page at run time, or drops a fact."""

from __future__ import annotations

import re
from collections.abc import Sequence

from babel.messages.catalog import Message

_PERCENT = re.compile(r"%(?:\((?P<name>\w+)\))?[-#0 +]*(?:\d+|\*)?(?:\.(?:\d+|\*))?[hlL]?(?P<kind>[diouxXeEfFgGcrsa%])")
_BRACE = re.compile(r"\{(\w*)[^{}]*\}")
# Plural forms that stand for one number only may write it in letters: "one minute" needs no figure.
_ONE_NUMBER = {"ar": {0, 1, 2}, "en": {0}, "fr": set()}


def placeholder_problem(message: Message, forms: Sequence[str], language: str) -> str:
    """'' or what is wrong."""
    ids = [message.id] if isinstance(message.id, str) else list(message.id)
    for index, form in enumerate(forms):
        wanted, found = _in(ids[-1], message), _in(form, message)
        free = len(ids) > 1 and index in _ONE_NUMBER[language]
        if found == wanted or (free and set(found) <= set(wanted) and all(name.isidentifier() for name in wanted)):
            continue
        if len(ids) > 1 and index == 0 and found == _in(ids[0], message):
            continue
        return f"placeholders differ ({' '.join(found) or 'none'} for {' '.join(wanted) or 'none'})"
    return ""


def _in(text: str, message: Message) -> list[str]:
    """Named ones once and sorted, others in their order. A lone % means something only where the text is a format."""
    percent = [match for match in _PERCENT.finditer(text) if match["kind"] != "%"]
    named = {match["name"] for match in percent if match["name"]}
    counted = [match["kind"] for match in percent if not match["name"]] if message.python_format else []
    braces = set(_BRACE.findall(text)) if message.python_brace_format else set()
    return sorted(named | {name or "{}" for name in braces}) + [f"%{kind}" for kind in counted]
