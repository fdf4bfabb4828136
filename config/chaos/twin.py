"""The providers of a chaos run, in a process of their own: one line of JSON says where they are. They end when
standard input does."""

from __future__ import annotations

import json
import sys

from providers.sandbox.running import running_sandbox


def main() -> None:
    with running_sandbox(scenario="empty") as twin:
        urls = {slug: twin.base_url(slug) for slug in twin.box.twins}
        sys.stdout.write(json.dumps({"origin": twin.origin, "urls": urls}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main()
