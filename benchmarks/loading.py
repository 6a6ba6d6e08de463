"""Rows a second into the warehouse: `nexasat load`, plain COPY and `dbt seed`, on the same rows.

    python benchmarks/loading.py [CUSTOMERS]

One row in a hundred is damaged. Plain COPY writes texts into a table of fourteen columns, which
is the least that any loader does; `dbt seed`, which needs a quarter of an hour for a million
rows, gets the bundled 7,043.
"""

import sys
from pathlib import Path

from arena import (
    BUILD_DATABASE,
    EXTRACT_DATE,
    PROJECT,
    SCRIPTS,
    Arena,
    Measured,
    open_arena,
    psql,
    say,
)
from nexasat.loading import MAKE_TABLES
from seeding import compare_loaders

TO_REACH = 140_000  # rows a second
DAMAGED_EVERY = 100
SEEDED_ROWS = 7_043
BILL = 9  # place of the monthly bill in a row


def main() -> int:
    """Prints the figures; 1 when a row is lost."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with open_arena() as arena:
        extract = arena.make_input("loading", customers, real=False) / "extract.csv"
        _damage(extract)
        arena.fresh_database(BUILD_DATABASE)
        copied = _copy(arena, extract)
        say("making the tables, which dbt does once")
        arena.run([str(SCRIPTS / "nexasat"), "dbt", *MAKE_TABLES], PROJECT, BUILD_DATABASE, {})
        say("nexasat load")
        command = [str(SCRIPTS / "nexasat"), "load", str(extract)]
        loaded = arena.run([*command, "--extract-date", EXTRACT_DATE], PROJECT, BUILD_DATABASE, {})
        count = [psql(), "-At", "-c", "select count(*) from raw.extract_rows"]
        rows = int(arena.run(count, PROJECT, BUILD_DATABASE, {}).output)
        seeded = compare_loaders(arena, 1)
    print(f"COPY         {customers / copied.seconds:>9,.0f} rows a second")
    print(
        f"nexasat load {customers / loaded.seconds:>9,.0f} rows a second, to reach {TO_REACH:,},"
        f" {loaded.peak_mib:.0f} MiB"
    )
    for name, (node, _) in seeded.items():
        print(f"dbt seed     {SEEDED_ROWS / node:>9,.0f} rows a second, loader {name}")
    print(f"load / COPY {loaded.seconds / copied.seconds:.2f}; delivered and loaded {rows:,}")
    return 0 if rows == customers else 1


def _damage(extract: Path) -> None:
    """Every hundredth bill gets a decimal comma, which no number has here."""
    aside = extract.with_suffix(".damaged")
    with extract.open(encoding="utf-8") as old, aside.open("w", encoding="utf-8") as new:
        new.write(next(old))
        for number, line in enumerate(old):
            if number % DAMAGED_EVERY == 0:
                fields = line.split(",")
                fields[BILL] = '"12,50"'
                line = ",".join(fields)  # noqa: PLW2901
            new.write(line)
    aside.replace(extract)


def _copy(arena: Arena, extract: Path) -> Measured:
    say("plain COPY")
    columns = ", ".join(f"c{number} text" for number in range(14))
    command = f"create table plain ({columns}); copy plain from stdin (format csv, header)"
    create, copy = command.split("; ")
    words = [psql(), "-q", "-c", create, "-c", f"\\{copy.replace('stdin', repr(str(extract)))}"]
    return arena.run(words, PROJECT, BUILD_DATABASE, {})


if __name__ == "__main__":
    sys.exit(main())
