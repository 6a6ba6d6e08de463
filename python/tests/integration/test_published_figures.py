"""Every published figure by its own rule, over views made from the marts of the real extract."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from nexasat import warehouse

PUBLISHED = Path(__file__).resolve().parents[4] / "shared" / "figures" / "published.csv"
REPRODUCED, BY_QUIRK = "reproduced exactly", "reproduced only with quirk"
NOT_REPRODUCIBLE, OURS = "NOT reproducible", "ours (nobody publishes it)"
QUIRK = re.compile(r" \[(?P<name>[^]]+)\]: (?P<rule>select .+) = (?P<value>[0-9.]+)(?: \| .*)?")

# The marts in the words of the published rules: their column names, Yes/No and 0/1, exact numbers.
VIEWS = """
    create temporary view customers as
    select
        customer_id,
        gender,
        case has_partner when true then 'Yes' when false then 'No' end as partner,
        case has_dependents when true then 'Yes' when false then 'No' end as dependents,
        cast(is_senior_citizen as integer) as senior_citizen,
        call_duration,
        data_usage,
        plan_type,
        plan_level,
        monthly_bill_amount,
        tenure_months,
        case has_multiple_lines when true then 'Yes' when false then 'No' end as multiple_lines,
        case has_tech_support when true then 'Yes' when false then 'No' end as tech_support,
        cast(is_churned as integer) as churn
    from marts.dim_customers;

    create temporary view active as
    select
        customers.*,
        valued.historical_clv as clv,
        valued.clv_score,
        segments.value_tier as clv_segment
    from customers
    left join marts.fct_customer_value as valued using (customer_id)
    left join marts.fct_customer_segments as segments using (customer_id)
    where customers.churn = 0;
"""
FLOATS = """
    create temporary view {name}_f as
    select {columns} from {name}
"""


@dataclass(frozen=True)
class Figure:
    """A row of the published list; `quirk` names the mistake that gives the published value."""

    figure_id: str
    rule: str
    published_value: str
    exact_value: str
    status: str
    quirk: str = ""
    quirk_rule: str = ""
    quirk_value: str = ""


def _figure(row: dict[str, str]) -> Figure:
    told = row["status"]
    kinds = (REPRODUCED, BY_QUIRK, NOT_REPRODUCIBLE, OURS)
    status = next((kind for kind in kinds if told.startswith(kind)), told)
    figure = Figure(
        row["figure_id"], row["rule"], row["published_value"], row["exact_value"], status
    )
    if status != BY_QUIRK:
        return figure
    found = QUIRK.fullmatch(told.removeprefix(BY_QUIRK))
    assert found, f"{figure.figure_id}: the quirk cannot be read: {told}"
    quirk = dict(zip(("quirk", "quirk_rule", "quirk_value"), found.groups(), strict=True))
    return Figure(**{**vars(figure), **quirk})


def _figures() -> list[Figure]:
    if not PUBLISHED.is_file():
        return []
    with PUBLISHED.open(newline="", encoding="utf-8") as file:
        return [_figure(row) for row in csv.DictReader(file)]


FIGURES = _figures()
QUIRKS = [figure for figure in FIGURES if figure.quirk]


def _id(figure: Figure) -> str:
    words = "_".join(re.findall(r"\w+", figure.quirk)[:5])
    return f"{figure.figure_id}-{words}" if words else figure.figure_id


@pytest.fixture(scope="module")
def views(real_warehouse: dict[str, str]) -> Iterator[warehouse.Connection]:
    """A session in which `customers` and `active` are there, exact and (`_f`) in floats."""
    with warehouse.connect(real_warehouse) as connection:
        warehouse.execute(connection, VIEWS)
        for name in ("customers", "active"):
            found = warehouse.fetch(
                connection,
                "select attname, format_type(atttypid, null) as type from pg_attribute"
                " where attrelid = to_regclass(%s) order by attnum",
                [f"pg_temp.{name}"],
            )
            columns = ", ".join(
                f"cast({row['attname']} as double precision) as {row['attname']}"
                if row["type"] in ("numeric", "integer")
                else row["attname"]
                for row in found
            )
            warehouse.execute(connection, FLOATS.format(name=name, columns=columns))
        yield connection


def _answer(connection: warehouse.Connection, rule: str) -> str:
    """The one value of a rule as PostgreSQL prints it."""
    rows = warehouse.fetch(connection, f"select cast(({rule}) as text) as answer")
    assert len(rows) == 1
    return str(rows[0]["answer"])


def test_the_whole_list_is_tested(shared: Path) -> None:
    with (shared / "figures" / "published.csv").open(newline="", encoding="utf-8") as file:
        rows = sum(1 for _ in csv.DictReader(file))
    assert rows == len(FIGURES) == len({figure.figure_id for figure in FIGURES}) == 88
    counts = Counter(figure.status for figure in FIGURES)
    assert counts == {REPRODUCED: 75, BY_QUIRK: 5, NOT_REPRODUCIBLE: 4, OURS: 4}


@pytest.mark.parametrize("figure", FIGURES, ids=_id)
def test_the_rule_gives_the_exact_value(views: warehouse.Connection, figure: Figure) -> None:
    assert _answer(views, figure.rule) == figure.exact_value
    if figure.status == REPRODUCED:
        assert figure.published_value == figure.exact_value
    elif figure.status == OURS:
        assert figure.published_value == ""
    else:
        assert figure.published_value not in ("", figure.exact_value)


@pytest.mark.parametrize("figure", QUIRKS, ids=_id)
def test_the_quirk_gives_the_published_value(views: warehouse.Connection, figure: Figure) -> None:
    assert _answer(views, figure.quirk_rule) == figure.quirk_value == figure.published_value


def test_the_views_have_the_columns_and_types_of_the_published_rules(
    views: warehouse.Connection,
) -> None:
    query = """
        select string_agg(distinct data_type, ', ' order by data_type) as types,
            count(*) as columns
        from information_schema.columns
        where table_name = %s
    """
    exact = warehouse.fetch(views, query, ["active"])
    floats = warehouse.fetch(views, query, ["active_f"])
    assert exact == [{"types": "integer, numeric, text", "columns": 17}]
    assert floats == [{"types": "double precision, text", "columns": 17}]
    [rows] = warehouse.fetch(
        views, "select count(*) as rows, count(clv_segment) as all from active"
    )
    assert rows == {"rows": 4272, "all": 4272}


def test_a_bill_that_is_made_whole_first_moves_the_mean_in_every_arithmetic(
    views: warehouse.Connection,
) -> None:
    """The quirk of REV17 does not hang on how halves are rounded; that of REV19 does."""
    rule = "select round(avg(cast(monthly_bill_amount as integer)), 2) from {}"
    found = {name: _answer(views, rule.format(name)) for name in ("active", "active_f")}
    assert found == {"active": "157.54", "active_f": "157.54"}
    found = {name: _answer(views, rule.format(name)) for name in ("customers", "customers_f")}
    assert found == {"customers": "149.80", "customers_f": "149.79"}
