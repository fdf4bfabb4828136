"""`python -m config.chaos …` with services of its own; `manage.py chaos` starts it (config/management/commands/chaos.py)."""

from __future__ import annotations

import json
import logging
import os
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--redemptions", type=int, default=0, metavar="N", help="the main run, over so many")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="deaths at each of K1 to K9 (default: N/50)")
    parser.add_argument("--pace", type=float, default=2.0, help="seconds between two troubles on average")
    parser.add_argument("--minutes", type=float, default=60.0, help="nobody begins a sale after so many")
    parser.add_argument("--late", type=int, default=0, metavar="N", help="so many effects after every window")
    parser.add_argument("--liveness", type=int, default=0, metavar="N", help="redemptions beside a dead provider")
    parser.add_argument("--mutants", nargs="*", metavar="NAME", help="all, or those named")
    parser.add_argument("--mutant-redemptions", type=int, default=60, metavar="N")
    parser.add_argument("--provider", choices=["alreaaiaa"], default="alreaaiaa")
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--json", action="store_true")


def main() -> int:
    parser = ArgumentParser(prog="chaos")
    add_arguments(parser)
    options = parser.parse_args()
    import django

    django.setup()
    logging.disable(logging.ERROR)
    from config.chaos import site

    with site.opened(Path(os.environ["WASL_VAR"]), options.port, twins=2 if options.liveness else 1) as stage:
        results = list(runs(stage, options))
    failed = [result for result in results if not result.passed]
    print("chaos: " + ("FAILED: " + ", ".join(result.name for result in failed) if failed else "passed"))
    return 1 if failed else 0


def runs(stage: Any, options: Namespace) -> Any:
    from config.chaos import run, short_runs
    from config.chaos.mutants import MUTANTS

    def say(text: str) -> None:
        if not options.json:
            print(text, flush=True)

    def told(result: run.Result, rule: str = "") -> run.Result:
        show(result, rule, as_json=options.json)
        return result

    if options.redemptions:
        kills = options.kills or options.redemptions // 50
        yield told(run.main_run(stage, options.redemptions, options.seed, kills, options.pace, options.minutes, say))
    if options.late:
        yield told(short_runs.late_run(stage, options.late, options.seed))
    if options.liveness:
        yield told(short_runs.liveness_run(stage, options.liveness, options.seed))
    if options.mutants is not None:
        yield told(short_runs.mutant_run(stage, "", options.mutant_redemptions, options.seed))
        for name in options.mutants or MUTANTS:
            yield told(short_runs.hunt(stage, name, options.mutant_redemptions, options.seed), MUTANTS[name].rule)


def show(result: Any, rule: str, *, as_json: bool) -> None:
    if as_json:
        content = {"run": result.name, "rule": rule, "passed": result.passed, "redemptions": result.redemptions}
        print(
            json.dumps(content | {"seconds": round(result.seconds, 1), "findings": result.findings, **result.facts}),
            flush=True,
        )
        return
    verdict = "ok" if result.passed else "FAILED"
    print(f"{result.name:<24} {verdict:<7} {result.seconds:6.1f} s  {rule}", flush=True)
    for name, value in result.facts.items():
        print(f"    {name}: {value}", flush=True)
    for finding in result.findings[:12]:
        print(f"    ! {finding}", flush=True)
    if len(result.findings) > 12:
        print(f"    ! and {len(result.findings) - 12} more", flush=True)


if __name__ == "__main__":
    sys.exit(main())
