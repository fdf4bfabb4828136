"""`python -m config.chaos …` with services of its own; `manage.py chaos` starts it (config/management/commands/chaos.py)."""

from __future__ import annotations

import json
import logging
import os
import sys
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LATE, LIVENESS, AS_IT_IS, LAGGING, EXPORT = "late effects", "liveness", "as it is", "lagging reads", "with their export"
SPECIAL = ("rekaz", "altegio")  # bookings and cards, not vouchers: booked.py, carded.py
PASSED_ON = ("seed", "late", "lagging", "export", "liveness", "mutant_redemptions", "provider")


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--redemptions",
        type=int,
        default=0,
        metavar="N",
        help="the main run, over so many (of bookings and cards: customers)",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0, metavar="N", help="deaths at each of K1 to K9 (default: N/50)")
    parser.add_argument("--pace", type=float, default=2.0, help="seconds between two troubles on average")
    parser.add_argument("--minutes", type=float, default=60.0, help="nobody begins a sale after so many")
    parser.add_argument("--late", type=int, default=0, metavar="N", help="so many effects after every window")
    parser.add_argument("--lagging", type=int, default=0, metavar="N", help="so many re-sends that are refused")
    parser.add_argument("--export", type=int, default=0, metavar="N", help="so many sales with the issuer's export")
    parser.add_argument("--liveness", type=int, default=0, metavar="N", help="redemptions beside a dead provider")
    parser.add_argument("--mutants", nargs="*", metavar="NAME", help="all, or those named")
    parser.add_argument("--mutant-redemptions", type=int, default=60, metavar="N")
    parser.add_argument("--provider", default="alreaaiaa", metavar="SLUG")
    parser.add_argument("--port", type=int, default=8790)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--lane", action="store_true", help=SUPPRESS)  # one of several at a time: see lanes.py


def main() -> int:
    parser = ArgumentParser(prog="chaos")
    add_arguments(parser)
    options = parser.parse_args()
    import django

    django.setup()
    logging.disable(logging.ERROR)
    from config.chaos import clinic, lanes, site
    from config.chaos.trades import TRADES

    if options.provider not in TRADES:
        parser.error(f"--provider must be one of {', '.join(TRADES)}")
    trade = TRADES[options.provider]

    var = Path(os.environ["WASL_VAR"])
    if options.lane:
        with site.opened(trade, var, options.port, None, twins=2) as stage:
            lanes.serve(lambda name: one_of_many(stage, name, options))
        return 0
    with site.opened(trade, var, options.port, clinic.furnish) as stage:
        results = list(runs(stage, options))
    failed = [result for result in results if not result.passed]
    print("chaos: " + ("FAILED: " + ", ".join(result.name for result in failed) if failed else "passed"))
    return 1 if failed else 0


def runs(stage: Any, options: Namespace) -> Iterator[Any]:
    from config.chaos import lanes, run
    from config.chaos.mutants import MUTANTS

    def say(text: str) -> None:
        if not options.json:
            print(text, flush=True)

    if options.redemptions and options.provider in SPECIAL:
        result = special(options.provider).main_run(
            stage, options.redemptions, options.seed, options.kills, options.pace, say
        )
        show(result, as_json=options.json)
        yield result
    elif options.redemptions:
        kills = options.kills or options.redemptions // 50
        result = run.main_run(stage, options.redemptions, options.seed, kills, options.pace, options.minutes, say)
        show(result, as_json=options.json)
        yield result
    arguments = [f"--{name.replace('_', '-')}={getattr(options, name)}" for name in PASSED_ON]
    for result in lanes.at_once(short_runs(options), arguments, options.port):
        show(result, MUTANTS[result.name].rule if result.name in MUTANTS else "", as_json=options.json)
        yield result


def special(provider: str) -> Any:
    from config.chaos import booked, carded

    return {booked.SLUG: booked, carded.SLUG: carded}[provider]


def short_runs(options: Namespace) -> list[str]:
    """The long ones first: the last to end should not have begun last."""
    from config.chaos.mutants import MUTANTS

    wanted = {LATE: options.late, LIVENESS: options.liveness, LAGGING: options.lagging, EXPORT: options.export}
    asked = [name for name, count in wanted.items() if count]
    if options.mutants is None:
        return asked
    shared = ("",) if options.provider not in SPECIAL else ()
    names = options.mutants or [name for name in MUTANTS if MUTANTS[name].only in (*shared, options.provider)]
    return [*asked, AS_IT_IS, *sorted(names, key=lambda name: not MUTANTS[name].late)]


def one_of_many(stage: Any, name: str, options: Namespace) -> Any:
    from config.chaos import short_runs

    count, seed = options.mutant_redemptions, options.seed
    if options.provider in SPECIAL:
        trade = special(options.provider)
        return trade.harsh_run(stage, "", count, seed) if name == AS_IT_IS else trade.hunt(stage, name, count, seed)
    runs = {
        LATE: lambda: short_runs.late_run(stage, options.late, seed),
        LAGGING: lambda: short_runs.lagging_run(stage, options.lagging, seed),
        EXPORT: lambda: short_runs.export_run(stage, options.export, seed),
        LIVENESS: lambda: short_runs.liveness_run(stage, options.liveness, seed),
        AS_IT_IS: lambda: short_runs.mutant_run(stage, "", count, seed),
    }
    return runs[name]() if name in runs else short_runs.hunt(stage, name, count, seed)


def show(result: Any, rule: str = "", *, as_json: bool) -> None:
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
    for line in result.stories[:200]:
        print(f"    . {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
