"""`make bench`: nexasat build beside hand-written SQL and a notebook. The method is in README.md.

python benchmarks/run.py [SIZE ...] [--repeats N] [--only TEXT] [--write]
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

import checks
import contenders
import report
from arena import BUILD_DATABASE, EXTRACT_DATE, HERE, REAL_EXTRACT, Arena, open_arena, say
from contenders import AGAIN, FIRST, FLOOR, NOTEBOOK, NOTEBOOK_COPY, Results
from seeding import compare_loaders

SIZES = [report.SMALL, 100_000, 1_000_000]
LARGE = 1_000_000  # from here on one run each
BUSY = 0.5  # load average


@dataclass
class Judgement:
    """Whether the contenders did the same job, in words."""

    verdicts: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def main() -> int:
    """Runs everything and prints the tables; 1 when the contenders did not do the same job."""
    options = _options()
    load = os.getloadavg()[0]
    if load > BUSY:
        say(f"warning: the machine is busy (load average {load:.1f}); the times will be too long")
    all_results: list[Results] = []
    explained: dict[str, dict[str, Any]] = {}
    judgement = Judgement()
    with open_arena() as arena:
        _prove_checks(arena, judgement)
        loaders = compare_loaders(arena, options.repeats or 3)
        for customers in options.sizes:
            for real in (True, False):
                if real and (customers != report.SMALL or not REAL_EXTRACT.is_file()):
                    continue
                results = _contest(arena, customers, real, options, judgement)
                all_results.append(results)
                explained[results.name] = _explain(arena, results.name)
    text = _text(load, all_results, explained, loaders, judgement)
    print(text)
    if options.write and not judgement.failures:
        report.write_readme(text)
        say("written to benchmarks/README.md")
    for failure in judgement.failures:
        say(f"NOT THE SAME JOB: {failure}")
    return 1 if judgement.failures else 0


def _contest(
    arena: Arena, customers: int, real: bool, options: argparse.Namespace, judgement: Judgement
) -> Results:
    """Runs all contenders in turns; after the first turn their tables are compared."""
    results = Results(f"{customers:,} {'real' if real else 'generated'}", customers)
    folder = arena.make_input(results.name.replace(" ", "-").replace(",", ""), customers, real)
    for repeat in range(options.repeats or (1 if customers >= LARGE else 3)):
        for contender in options.only:
            say(f"{results.name}: {contender}, run {repeat + 1}")
            measured = contenders.run(arena, contender, folder)
            say(f"    {measured.seconds:.2f} s, {measured.peak_mib:.0f} MiB")
            results.runs.setdefault(contender, []).append(measured)
            if contender in (FIRST, AGAIN):
                results.stages.setdefault(contender, []).append(contenders.stages(measured.output))
            if repeat == 0:
                _judge(arena, contender, results.name, judgement)
    return results


def _prove_checks(arena: Arena, judgement: Judgement) -> None:
    """Floor and build must refuse the same rows with the same reasons; this also warms dbt up."""
    folder = arena.make_damaged_input()
    for contender in (FIRST, FLOOR):
        say(f"damaged rows: {contender}")
        contenders.run(arena, contender, folder)
    _judge(arena, FLOOR, "damaged rows", judgement)


def _judge(arena: Arena, contender: str, name: str, judgement: Judgement) -> None:
    """Compares what a contender has just made with the build."""
    if contender == FLOOR:
        found = checks.compare_floor(arena)
        judgement.failures += [f"{name}, floor: {difference}" for difference in found.different]
        lacking = f"; the floor lacks {', '.join(found.only_build)}" if found.only_build else ""
        judgement.verdicts.append(
            f"{name}: floor and build are equal in {found.equal} relations{lacking}"
        )
    if contender in (NOTEBOOK, NOTEBOOK_COPY):
        different = checks.compare_notebook(arena)
        judgement.failures += [f"{name}, {contender}: {difference}" for difference in different]
        if not different:
            headlines = ", ".join(checks.HEADLINES)
            judgement.verdicts.append(f"{name}: {contender} and build are equal in {headlines}")


def _explain(arena: Arena, name: str) -> dict[str, Any]:
    """One more first build, watched from inside."""
    say(f"{name}: where the time goes")
    folder = arena.folder / name.replace(" ", "-").replace(",", "")
    arena.fresh_database(BUILD_DATABASE)
    result = arena.folder / "explained.json"
    command = [sys.executable, str(HERE / "explain.py"), str(folder / "extract.csv")]
    watched = [*command, EXTRACT_DATE, str(result)]
    arena.run(watched, HERE, BUILD_DATABASE, arena.as_users())
    found: dict[str, Any] = json.loads(result.read_text(encoding="utf-8"))
    return found


def _text(
    load: float,
    all_results: list[Results],
    explained: dict[str, dict[str, Any]],
    loaders: dict[str, tuple[float, float]],
    judgement: Judgement,
) -> str:
    """All tables."""
    when = f"{datetime.now(timezone.utc):%Y-%m-%d}, load average {load:.1f} at the start"
    largest = max(all_results, key=lambda results: results.customers).name
    return "\n\n".join(
        [
            f"{report.machine()} {when}.",
            "### Times and memory",
            report.times(all_results),
            "### Targets",
            report.targets(all_results, explained),
            "### Ratios",
            report.ratios(all_results),
            "### Stages of the builds, in seconds",
            report.stages(all_results),
            "### Where the time of a first build goes, in seconds",
            report.parts(explained),
            report.counts(explained),
            f"### The slowest nodes at {largest} customers",
            report.slowest(explained[largest]),
            "### The seed loader, 7,043 rows",
            report.loaders(loaders),
            "### The same job",
            "\n".join(f"* {each}." for each in judgement.verdicts + judgement.failures),
        ]
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, metavar="SIZE")
    parser.add_argument("--repeats", type=int, help="runs of each; default 3, 1 from a million on")
    parser.add_argument("--only", help="contenders with this text in their names, and the builds")
    parser.add_argument("--write", action="store_true", help="put the tables into README.md")
    options = parser.parse_args()
    options.only = [
        name
        for name in contenders.CONTENDERS
        if options.only is None or options.only in name or name == FIRST
    ]
    return options


if __name__ == "__main__":
    sys.exit(main())
