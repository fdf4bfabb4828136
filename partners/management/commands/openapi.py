"""`manage.py openapi`: the schema of the partner API, as docs/openapi.json has it."""

from __future__ import annotations

from typing import Any

from branches.terminal import TerminalCommand
from partners.views import as_text


class Command(TerminalCommand):
    help = "Print the OpenAPI document of the partner API. A test compares docs/openapi.json with it."
    examples = """
Example:
  bin/manage openapi > docs/openapi.json
"""

    def run(self, options: dict[str, Any]) -> None:
        self.stdout.write(as_text(), ending="")
