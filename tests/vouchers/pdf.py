"""What is written in a PDF of ours, read back without a library, glyph by glyph through each font's own table. What reads from
the right comes as it stands on the sheet, from the left."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_STREAM = re.compile(rb"stream\r?\n(.*?)\nendstream", re.DOTALL)  # its last byte may be a \\r of its own
_CHAR = re.compile(rb"<([0-9A-Fa-f]{4})> <([0-9A-Fa-f]+)>")
_TOKEN = re.compile(rb"/F(\d+) [\d.]+ Tf|\(((?:\\.|[^\\)])*)\) Tj|\bET\b", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
Font = dict[bytes, str]


def lines_of(pdf: bytes) -> list[str]:
    """Every piece of text, in the order in which it was set."""
    streams = [_plain(found[1]) for found in _STREAM.finditer(pdf)]
    fonts = [_font(stream) for stream in streams if b"beginbfchar" in stream]  # in the order in which they were added
    return [line for stream in streams if b" Tf" in stream for line in _lines(stream, fonts)]


def text_of(pdf: bytes) -> str:
    return "\n".join(lines_of(pdf))


def pages_of(pdf: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", pdf))


def _plain(stream: bytes) -> bytes:
    return zlib.decompress(stream) if stream[:1] == b"\x78" else stream


def _font(table: bytes) -> Font:
    pairs = ((bytes.fromhex(glyph.decode()), bytes.fromhex(text.decode())) for glyph, text in _CHAR.findall(table))
    return {glyph: text.decode("utf-16-be") for glyph, text in pairs}


def _lines(content: bytes, fonts: list[Font]) -> Iterator[str]:
    font, line = fonts[0], ""
    for token in _TOKEN.finditer(content):
        if token[1]:
            font = fonts[int(token[1]) - 1]
        elif token[2] is not None:
            raw = _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), token[2])
            line += "".join(font.get(raw[place : place + 2], "") for place in range(0, len(raw), 2))
        elif line:
            yield line
            line = ""
