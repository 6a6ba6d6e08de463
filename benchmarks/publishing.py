"""How long readers wait for a release: the transaction that turns all views to other tables.

    python benchmarks/publishing.py [CUSTOMERS]

Two releases of the same customers; then the views are turned from one to the other again and
again by the SQL of `nexasat rollback`, which is that of a publication but for the name of the
schema. First alone, then beside two readers whose queries take 1.5 seconds and overlap.
"""

import sys
import threading
import time
from statistics import median

import psycopg

from arena import BUILD_DATABASE, PROJECT, SCRIPTS, Arena, built_arena, say
from nexasat import warehouse

TURNS = 20
LONG = """
    select count(*) from marts.dim_customers
    inner join marts.fct_customer_value using (customer_id)
    cross join (select pg_sleep(1.5)) as slept
"""
TO_REACH = 0.1  # seconds, without long queries


def main() -> int:
    """Prints the figures; 1 when a reader met an error."""
    customers = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with built_arena("publishing", customers) as (arena, _):
        say("building another release")
        arena.run([str(SCRIPTS / "nexasat"), "build"], PROJECT, BUILD_DATABASE, {})
        statement = _statement(arena)
        alone = _turn(arena, statement)
        errors: list[str] = []
        end = threading.Event()
        readers = [threading.Thread(target=_read, args=[arena, end, errors, n]) for n in range(2)]
        for reader in readers:
            reader.start()
        beside = _turn(arena, statement)
        end.set()
        for reader in readers:
            reader.join()
    for name, seconds in (("alone", alone), ("beside two queries of 1.5 s", beside)):
        print(
            f"customers {customers:,}, {name}: median {1000 * median(seconds):.0f} ms,"
            f" longest {1000 * max(seconds):.0f} ms of {len(seconds)}"
        )
    print(f"to reach: {1000 * TO_REACH:.0f} ms alone; errors of readers: {len(errors)}")
    return 1 if errors else 0


def _statement(arena: Arena) -> str:
    """The SQL of a rollback to the release before."""
    where = {"DBT_PROFILES_DIR": str(PROJECT)}
    command = [str(SCRIPTS / "dbt"), "--debug", "run-operation", "rollback_release"]
    told = arena.run(command, PROJECT, BUILD_DATABASE, where).output
    start = told.index("do $rollback$")
    return told[start : told.index("$rollback$", start + 20)] + "$rollback$"


def _turn(arena: Arena, statement: str) -> list[float]:
    found = []
    with warehouse.connect(arena.database(BUILD_DATABASE)) as connection:
        for _ in range(TURNS):
            start = time.perf_counter()
            connection.execute(statement.encode())
            found.append(time.perf_counter() - start)
    return found


def _read(arena: Arena, end: threading.Event, errors: list[str], number: int) -> None:
    time.sleep(0.75 * number)  # so that there is always one
    with warehouse.connect(arena.database(BUILD_DATABASE)) as connection:
        try:
            while not end.is_set():
                connection.execute(LONG)
        except psycopg.Error as error:
            errors.append(str(error))


if __name__ == "__main__":
    sys.exit(main())
