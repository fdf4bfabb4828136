"""`python -m config.embedded [--tests] -- COMMAND…`: become the command, with the services up and in its environment.

Becoming it leaves no process between the terminal and the command: signals and the exit status are simply its own.
The lock goes with it, so the services stop when it ends.
"""

from __future__ import annotations

import os
import sys

from config.embedded import EmbeddedError, enter, enter_for_tests, var_folder


def main(arguments: list[str]) -> str | int:
    cut = arguments.index("--") if "--" in arguments else len(arguments)
    options, command = arguments[:cut], arguments[cut + 1 :]
    if options not in ([], ["--tests"]) or not command:
        return "usage: python -m config.embedded [--tests] -- COMMAND…"
    try:
        var = var_folder(os.environ)
        hold = enter_for_tests(var / "test") if options else enter(var)
        os.execvpe(command[0], command, os.environ | hold.hand_over())
    except EmbeddedError as error:
        return f"wasl: {error}"
    except FileNotFoundError:
        return f"wasl: no such command: {command[0]}"
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
