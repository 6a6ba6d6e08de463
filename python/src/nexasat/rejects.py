"""Rejected rows: to a file to be mended, and mended ones back into the extract (D-042)."""

from dataclasses import dataclass, replace
from pathlib import Path

from nexasat import warehouse
from nexasat.column_mapping import ColumnMapping
from nexasat.copying import LoadedFile, Report, copy_files, new_table
from nexasat.errors import ExitCode, NexasatError
from nexasat.extract_faults import bad_file
from nexasat.extract_file import open_extracts
from nexasat.generate_recipe import COLUMNS
from nexasat.loading import (
    Load,
    analyze,
    keep_others_out,
    load_in_force,
    note_load,
    put_in_force,
)
from nexasat.output_file import replacing, told_in_words

PLACE = ("rejected_load", "rejected_line")  # which row a row of the file stands for
TOLD = ("file_name", "file_line_number", "reasons", "rejected_record")  # for who mends; not read
FIELDS = ", ".join(COLUMNS)
AGAIN = "export the rejected rows again: nexasat rejects --export FILE"

EXPORT = f"""
    select
        rejected.load_id as rejected_load,
        rejected.line_number as rejected_line,
        rejected.file_name,
        rejected.file_line_number,
        rejected.reasons,
        delivered.raw_record as rejected_record,
        {", ".join(f"delivered.{column}" for column in COLUMNS)}
    from marts.fct_rejected_rows as rejected
    inner join raw.extract_rows as delivered using (load_id, line_number)
    order by rejected.line_number
"""  # noqa: S608  our own names
MAKE_MENDED = f"""
    create temporary table mended (
        line_number bigint, raw_record text, {", ".join(f"{name} text" for name in COLUMNS)},
        rejected_load text, rejected_line text, replaced_line bigint
    ) on commit drop
"""
FIND_REPLACED = """
    update mended set replaced_line = rejected.line_number
    from marts.fct_rejected_rows as rejected
    where rejected.load_id::text = trim(rejected_load)
    and rejected.line_number::text = trim(rejected_line)
"""
SAME_FIELDS = " and ".join(
    f"coalesce(trim(mended.{name}), '') = coalesce(trim(delivered.{name}), '')" for name in COLUMNS
)
DROP_UNCHANGED = f"""
    delete from mended using raw.extract_rows as delivered
    where mended.replaced_line = delivered.line_number and {SAME_FIELDS}
"""  # noqa: S608
KEEP_OTHERS = f"""
    insert into raw.{{table}} (line_number, raw_record, {FIELDS})
    select line_number, raw_record, {FIELDS} from raw.extract_rows
    where line_number not in (select replaced_line from mended where replaced_line is not null)
"""  # noqa: S608
ADD_MENDED = f"""
    insert into raw.{{table}} (line_number, raw_record, {FIELDS})
    select line_number, raw_record, {FIELDS} from mended
"""  # noqa: S608
COUNT_REPLACED = """
    select count(distinct replaced_line) as replaced_rows from mended
    where replaced_line between %s and %s
"""


@dataclass(frozen=True)
class Mended:
    """What came of a file of mended rows.

    Attributes:
        load: the extract with them; the one before when no row was mended.
        mended_rows: how many joined it.
        unchanged_rows: how many came back as they were; they stay rejected.
    """

    load: Load
    mended_rows: int
    unchanged_rows: int


def require_judged(connection: warehouse.Connection) -> Load | None:
    """The load in force, whose rejected rows are in the marts; None for the bundled extract.

    Raises:
        NexasatError: it was not built yet.
    """
    load = load_in_force(connection)
    query = "select load_id from marts.rpt_load_audit"
    is_built = warehouse.relation_exists(connection, "marts", "rpt_load_audit")
    judged = [row["load_id"] for row in warehouse.fetch(connection, query)] if is_built else []
    if judged != [load.load_id if load else 0]:
        raise NexasatError(
            "the rows of the extract in force were not judged yet", hint="nexasat build"
        )
    return load


def export(connection: warehouse.Connection, path: Path) -> int:
    """Writes the rejected rows to a file that can be mended and given back; returns their number.

    Raises:
        NexasatError: there is none, or the file cannot be written.
    """
    load = require_judged(connection)
    query = "select count(*) as rejected_rows from marts.fct_rejected_rows"
    count: int = warehouse.fetch(connection, query)[0]["rejected_rows"]
    if load is None or count == 0:
        raise NexasatError(
            "there are no rejected rows of a file to export",
            hint="the bundled extract is mended in seeds/raw" if load is None else "",
        )
    with told_in_words(str(path)), replacing(path) as file:
        for block in warehouse.copy_out(connection, EXPORT):
            file.write(block)
    return count


def reload(connection: warehouse.Connection, path: Path, report: Report) -> Mended:
    """Makes a new load: the extract in force with mended rows in place of rejected ones.

    Mended rows come after all others, so that they win over earlier ones of the same customer. What
    is missing from the file, or comes back unchanged, stays rejected.

    Args:
        connection: in autocommit mode.
        path: a file as `export` writes it, with other values in our columns.
        report: takes one sentence of progress at a time.

    Raises:
        NexasatError: the file as a whole cannot be loaded, or is about other rows than those that
            are rejected now (exit code 3). The extract in force stays.
    """
    rules = ColumnMapping(path, ignore=TOLD)
    with (
        open_extracts([path], rules, (*COLUMNS, *PLACE)) as extracts,
        keep_others_out(connection, report),
    ):
        load = load_in_force(connection)
        if load is None:
            raise NexasatError(
                "no file was loaded, so no row of one was rejected", exit_code=ExitCode.BAD_FILE
            )
        files = _files(connection, load)
        if files[-1].file_sha256 == extracts[0].sha256:
            report(f"{path.name}: in force already, nothing was changed")
            return Mended(load, 0, 0)
        require_judged(connection)
        with connection.transaction():
            warehouse.execute(connection, MAKE_MENDED)
            [given] = copy_files(
                connection, "pg_temp", "mended", extracts, report, lines_before=files[-1].last_line
            )
            warehouse.execute(connection, FIND_REPLACED)
            _check(connection, given, path)
            unchanged = warehouse.execute(connection, DROP_UNCHANGED)
            if unchanged == given.delivered_rows:
                return Mended(load, 0, unchanged)
            load_id, table = new_table(connection)
            warehouse.execute(connection, KEEP_OTHERS.format(table=table))
            mended = warehouse.execute(connection, ADD_MENDED.format(table=table))
            files = [_without_replaced(connection, file) for file in files]
            files.append(replace(given, delivered_rows=mended))
            load = note_load(connection, load_id, files, load.extract_date)
            put_in_force(connection, load_id, report)
        analyze(connection)
    return Mended(load, mended, unchanged)


def _files(connection: warehouse.Connection, load: Load) -> list[LoadedFile]:
    query = """
        select
            file_name, file_sha256, mapping_sha256, file_bytes, first_line, last_line,
            delivered_rows, replaced_rows, file_format
        from raw.extract_files where load_id = %s order by file_number
    """
    found = [LoadedFile(**row) for row in warehouse.fetch(connection, query, [load.load_id])]
    if not found:
        raise NexasatError(
            "the extract in force was loaded by a version that did not note its files",
            hint="load the file again, build, and export the rejected rows again",
        )
    return found


def _check(connection: warehouse.Connection, given: LoadedFile, path: Path) -> None:
    """Refuses what cannot be what it should be: a row in place of a rejected one, or a new one."""
    query = """
        select line_number - %s as file_line, raw_record, rejected_load, rejected_line
        from mended
        where raw_record is not null
        or (coalesce(trim(rejected_line), '') <> '' and replaced_line is null)
        order by line_number limit 1
    """
    for row in warehouse.fetch(connection, query, [given.first_line - 1]):
        where = f"{path}, line {row['file_line']}"
        if row["raw_record"] is not None:
            raise bad_file(
                f"{where}: the record does not split into the columns of the header",
                "mend the columns of the row, and leave rejected_record as it is",
            )
        raise bad_file(
            f"{where}: line {row['rejected_line']} of load {row['rejected_load'] or 'nothing'} "
            "is not among the rows that are rejected now",
            AGAIN,
        )


def _without_replaced(connection: warehouse.Connection, file: LoadedFile) -> LoadedFile:
    found = warehouse.fetch(connection, COUNT_REPLACED, [file.first_line, file.last_line])
    replaced = found[0]["replaced_rows"]
    return replace(
        file,
        delivered_rows=file.delivered_rows - replaced,
        replaced_rows=file.replaced_rows + replaced,
    )
