"""What became of a campaign's customers, and who must not be contacted: whole files or nothing."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nexasat import extract_faults as faults
from nexasat import warehouse
from nexasat.campaigns import verify
from nexasat.csv_text import looks_like_a_formula
from nexasat.errors import NexasatError
from nexasat.extract_lines import Lines
from nexasat.extract_source import open_source

OUTCOMES = ("customer_id", "converted", "churned", "revenue")
NO_CONTACT = ("customer_id", "reason")
YES, NO = ["yes", "true", "1"], ["no", "false", "0"]

# The first thing that is wrong with each line. Values were trimmed.
FAULTS = """
    with judged as (
        select
            rows.*,
            case
                when rows.customer_id is null then 'customer_id'
                when assignments.customer_id is null or rows.repeats > 1 then 'customer_id'
                when outcomes.customer_id is not null then 'customer_id'
                when rows.converted is null or not lower(rows.converted) = any(%(words)s)
                    then 'converted'
                when not lower(rows.churned) = any(%(words)s) then 'churned'
                when rows.revenue !~ '^-?[0-9]{1,10}(\\.[0-9]{1,2})?$' then 'revenue'
            end as column_name,
            case
                when rows.customer_id is null then 'is empty'
                when assignments.customer_id is null and customers.customer_id is null
                    then 'is no customer'
                when assignments.customer_id is null then 'is a customer but not in the campaign'
                when rows.repeats > 1 then 'stands in the file twice'
                when outcomes.customer_id is not null then 'has an outcome already'
            end as reason
        from (
            select *, row_number() over (partition by customer_id order by line_number) as repeats
            from outcome_rows
        ) as rows
        left join ops.campaign_assignments as assignments
            on assignments.campaign_name = %(name)s and assignments.customer_id = rows.customer_id
        left join ops.campaign_outcomes as outcomes
            on outcomes.campaign_name = %(name)s and outcomes.customer_id = rows.customer_id
        left join marts.dim_customers as customers on customers.customer_id = rows.customer_id
    )
    select line_number, column_name, reason, count(*) over () as faults,
        case column_name
            when 'customer_id' then customer_id when 'converted' then converted
            when 'churned' then churned else revenue
        end as value
    from judged
    where column_name is not null
    order by line_number
    limit 1
"""
EXPECTED = {
    "converted": "is neither yes nor no",
    "churned": "is neither yes nor no; leave it empty where nobody knows",
    "revenue": "is no amount in plain digits with at most two decimals",
}
STORE = """
    insert into ops.campaign_outcomes (
        campaign_name, customer_id, is_converted, is_churned, revenue, file_sha256
    )
    select
        %(name)s, customer_id, lower(converted) = any(%(yes)s),
        lower(churned) = any(%(yes)s), coalesce(revenue::numeric(14, 2), 0), %(sha256)s
    from outcome_rows
"""


class Table:
    """A CSV file of a few known columns that is being read; `_open_table` makes it."""

    def __init__(self, lines: Lines, columns: Sequence[str]) -> None:
        """Reads the header; the first of the columns must be there."""
        self.lines = lines
        self.path = lines.source.path
        self._records = self._read()
        line, header = next(self._records, (1, []))
        self.header = [name.strip().lower() for name in header]
        counts = Counter(self.header)
        wrong = [name for name in counts if name not in columns or counts[name] > 1]
        missing = [
            name for name in columns[: 2 if columns is OUTCOMES else 1] if name not in counts
        ]
        if wrong or missing:
            told = [f"missing: {', '.join(missing)}"] if missing else []
            told += [f"unexpected or twice: {', '.join(map(repr, wrong))}"] if wrong else []
            raise faults.bad_file(
                f"{lines.source.path}, line {line}: the header does not fit: {'; '.join(told)}",
                f"line {line} may name these columns once each, in any order: {','.join(columns)}",
            )

        self._id = self.header.index("customer_id")

    def rows(self) -> Iterator[str]:
        """The records as blocks of CSV: line number, then the fields, trimmed."""
        count = 0
        for line, fields in self._records:
            count += 1
            if len(fields) != len(self.header):
                raise faults.bad_file(
                    f"{self.path}, line {line}: {len(fields)} fields, but the header has "
                    f"{len(self.header)}",
                    "correct the line; a comma inside a field needs double quotes around the field",
                )
            text = io.StringIO()
            values = [field.strip() for field in fields]
            values[self._id] = _as_before_export(values[self._id])
            csv.writer(text).writerow([line, *values])
            yield text.getvalue()
        if not count:
            raise faults.bad_file(f"{self.path} has no data rows", "export the file again")

    def _read(self) -> Iterator[tuple[int, list[str]]]:
        """Each record with the line that it begins on."""
        while block := self.lines.next_block():
            split = block.splitlines(keepends=True)
            records, unread = self.lines.parse(split)
            for begin, _, fields in records:
                yield self.lines.line + begin, fields
            self.lines.advance(unread, b"".join(split[unread:]))
        self.lines.source.check_unchanged()


def load_outcomes(connection: warehouse.Connection, name: str, path: Path) -> int:
    """Stores the outcomes of a file for a campaign, all of them or none.

    Args:
        connection: in autocommit mode.
        name: of the campaign.
        path: CSV with customer_id and converted, and maybe churned and revenue.

    Returns:
        How many customers got an outcome.

    Raises:
        NexasatError: the campaign (see `campaigns.verify`) or anything in the file is not right,
            or the file was loaded before (exit code 3). Nothing was changed.
    """
    with connection.transaction():
        warehouse.execute(
            connection, "lock table ops.campaign_outcomes in share row exclusive mode"
        )
        verify(connection, name)
        with _open_table(path, OUTCOMES) as table:
            _copy(connection, "outcome_rows", table, OUTCOMES)
            sha256 = table.lines.source.sha256
        earlier = warehouse.fetch(
            connection,
            "select campaign_name, loaded_at::date as day from ops.campaign_outcomes"
            " where file_sha256 = %s limit 1",
            [sha256],
        )
        if earlier:
            raise faults.bad_file(
                f"{path} was loaded already, on {earlier[0]['day']} for campaign "
                f"{earlier[0]['campaign_name']}; nothing was changed",
                "there is nothing to do; outcomes of other customers come in another file",
            )
        for fault in warehouse.fetch(connection, FAULTS, {"name": name, "words": YES + NO}):
            raise _refusal(path, fault)
        return warehouse.execute(connection, STORE, {"name": name, "sha256": sha256, "yes": YES})


def add_no_contact(connection: warehouse.Connection, path: Path) -> tuple[int, int]:
    """Adds the customers of a file to the do-not-contact list; who is on it stays as he is.

    Args:
        connection: in autocommit mode.
        path: CSV with customer_id, and maybe reason.

    Returns:
        How many were added, and how many customers of the file the marts do not know.

    Raises:
        NexasatError: the file is not right (exit code 3). Nothing was changed.
    """
    with connection.transaction(), _open_table(path, NO_CONTACT) as table:
        _copy(connection, "no_contact_rows", table, NO_CONTACT)
        empty = warehouse.fetch(
            connection,
            "select line_number, 'customer_id' as column_name, 'is empty' as reason,"
            " customer_id as value, count(*) over () as faults"
            " from no_contact_rows where customer_id is null order by 1 limit 1",
        )
        if empty:
            raise _refusal(path, empty[0])
        strangers = warehouse.fetch(
            connection,
            "select count(distinct customer_id) as customers from no_contact_rows"
            " where customer_id not in (select customer_id from marts.dim_customers)",
        )
        added = warehouse.execute(
            connection,
            "insert into ops.do_not_contact (customer_id, stated_reason)"
            " select customer_id, min(reason) from no_contact_rows group by 1"
            " on conflict do nothing",
        )
    return added, strangers[0]["customers"]


@contextmanager
def _open_table(path: Path, columns: Sequence[str]) -> Iterator[Table]:
    with open_source(path) as source:
        yield Table(Lines(source), columns)


def _copy(
    connection: warehouse.Connection, name: str, table: Table, columns: Sequence[str]
) -> None:
    """Puts the records into a temporary table of text."""
    types = ", ".join(f"{column} text" for column in columns)
    warehouse.execute(
        connection,
        f"create temporary table {name} (line_number bigint, {types}) on commit drop",
    )
    warehouse.copy_in(connection, "pg_temp", name, ("line_number", *table.header), table.rows())


def _as_before_export(customer_id: str) -> str:
    """Takes off the apostrophe that an export puts in front of what looks like a formula."""
    plain = customer_id[1:]
    return plain if customer_id[:1] == "'" and looks_like_a_formula(plain) else customer_id


def _refusal(path: Path, fault: warehouse.Row) -> NexasatError:
    more = f" (and {fault['faults'] - 1} more lines)" if fault["faults"] > 1 else ""
    column = fault["column_name"]
    value = "" if fault["value"] is None else f" {fault['value'][:40]!r}"
    reason = fault["reason"] or EXPECTED[column]
    return faults.bad_file(
        f"{path}, line {fault['line_number']}, column {column}:{value} {reason}{more}",
        "correct the file and load it again; nothing was changed",
    )
