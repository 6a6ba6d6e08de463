"""Judges files without loading it: staging's own SQL, on temporary tables of one session.

Nothing in the warehouse is written, and nothing is left behind, whatever ends the session.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from nexasat import warehouse
from nexasat.copying import LoadedFile, Report, copy_files
from nexasat.dbt_runner import Relation
from nexasat.extract_file import Extract
from nexasat.generate_recipe import COLUMNS

RULES = "stg_nexasat__checked_rows"  # the model that says of each row why it is refused
LOAD_ID = 1  # any number but 0, which is the bundled extract's
SOURCES = {  # the columns that staging reads
    "extract_loads": "load_id bigint, file_name text, file_sha256 text, delivered_rows bigint, "
    "extract_date date, loaded_at timestamptz",
    "extract_rows": "load_id bigint default 1, line_number bigint, raw_record text, "
    + ", ".join(f"{column} text" for column in COLUMNS),
}
COUNTS = """
    select
        count(*) filter (where is_accepted) as accepted_rows,
        count(*) filter (where reasons is not null) as rejected_rows
    from {relation}
"""
# Fewer kinds than texts: the refused value and the line of a repetition are left out.
REASONS = """
    with told as (
        select
            line_number,
            regexp_replace(
                regexp_replace(reasons, ' ''.*?'' is not ', ' is not ', 'g'),
                ' on line \\d+', '', 'g'
            ) as reasons
        from {relation}
        where reasons is not null
    )
    select reason, count(*) as refused_rows, min(line_number) as first_line
    from told, unnest(string_to_array(reasons, '; ')) as reason
    group by reason
    order by refused_rows desc, reason
"""


@dataclass(frozen=True)
class Reason:
    """A reason against rows: how many it stands against, and the first of them."""

    reason: str
    refused_rows: int
    first_line: int


@dataclass(frozen=True)
class Verdict:
    """What a load would bring: accepted and rejected rows are all that were delivered."""

    files: Sequence[LoadedFile]
    delivered_rows: int
    accepted_rows: int
    rejected_rows: int
    reasons: list[Reason]


def judge(
    connection: warehouse.Connection,
    extracts: Sequence[Extract],
    rules: Sequence[Relation],
    report: Report,
) -> Verdict:
    """Judges every row as the next build would if the files were loaded.

    Args:
        connection: to any database; its temporary tables are used.
        extracts: as `open_extracts` gives them; together they are the extract.
        rules: the model `RULES` with all that it reads, compiled.
        report: takes one sentence of progress at a time.

    Raises:
        NexasatError: a file as a whole cannot be loaded (exit code 3).
    """
    with connection.transaction(force_rollback=True):
        for name, columns in SOURCES.items():
            warehouse.execute(connection, f"create temporary table {name} ({columns})")
        files = copy_files(connection, "pg_temp", "extract_rows", extracts, report)
        delivered_rows = sum(file.delivered_rows for file in files)
        warehouse.execute(
            connection,
            "insert into pg_temp.extract_loads values (%s, '', '', %s, date '2000-01-01', null)",
            [LOAD_ID, delivered_rows],
        )
        warehouse.execute(connection, "analyze pg_temp.extract_rows")
        for place, relation in enumerate(rules):
            _make(connection, relation, rules[:place])
        query = COUNTS.format(relation=f"pg_temp.{RULES}")
        return Verdict(
            files=files,
            delivered_rows=delivered_rows,
            **warehouse.fetch(connection, query)[0],
            reasons=reasons_of(connection, f"pg_temp.{RULES}"),
        )


def reasons_of(connection: warehouse.Connection, relation: str) -> list[Reason]:
    """The reasons in a relation with line_number and reasons, the most frequent one first."""
    return [Reason(**row) for row in warehouse.fetch(connection, REASONS.format(relation=relation))]


def _make(connection: warehouse.Connection, relation: Relation, others: Sequence[Relation]) -> None:
    """Makes a seed or a model as a temporary relation that reads the temporary ones before it."""
    if relation.kind == "source":
        return
    if relation.kind == "seed":
        columns = ", ".join(f"{name} {kind}" for name, kind in relation.column_types.items())
        warehouse.execute(connection, f"create temporary table {relation.name} ({columns})")
        header, _, rows = relation.path.read_bytes().partition(b"\n")
        names = header.decode().strip().split(",")
        warehouse.copy_in(connection, "pg_temp", relation.name, names, [rows])
        return
    query = relation.sql
    for other in others:
        query = query.replace(other.full_name, f"pg_temp.{other.name}")
    kind = "view" if relation.kind == "view" else "table"
    warehouse.execute(connection, f"create temporary {kind} {relation.name} as {query}")
    if kind == "table":
        warehouse.execute(connection, f"analyze pg_temp.{relation.name}")
