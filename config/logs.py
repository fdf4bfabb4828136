"""One line an event, whatever is in it: nobody can write a line of their own into a log by typing a new one into a form."""

from __future__ import annotations

import logging
from typing import Any

CONTROLS = {code: f"\\x{code:02x}" for code in (*range(32), 127, *range(128, 160))}
BREAKS = CONTROLS | {0x2028: "\\u2028", 0x2029: "\\u2029"}


class OneLine(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).translate(BREAKS)

    def formatException(self, ei: Any) -> str:
        """A traceback has many lines; each is set in, so that none of them passes for an event."""
        lines = super().formatException(ei).splitlines()  # at every kind of break, not at "\\n" alone
        return "\n".join(f"    {line.translate(BREAKS)}" for line in lines)
