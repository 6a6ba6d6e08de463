"""That all contenders did the same job: equal relations of floor and build, equal headlines."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from psycopg import sql

from arena import BUILD_DATABASE, Arena
from contenders import FLOOR_DATABASE, NOTEBOOK_DATABASE
from nexasat import warehouse

# Beside all marts: the rows as delivered and as judged.
MORE_RELATIONS = [
    ("raw", "extract_rows"),
    ("staging", "stg_nexasat__checked_rows"),
]
CLOCK = "loaded_at"  # the column that cannot be equal
FLAG = "is_accepted"  # `reasons is null` once more, which the floor can do without
# Two ways to add powers up differ in the thirteenth digit, and so may a sum of them in its cent: of
# columns with twelve decimals and of residual values nine digits of the sum are compared.
LONG_DECIMALS = re.compile(r"residual_clv_.*|.* numeric\(\d+,12\)")
NINE_DIGITS = "9.99999999EEEE"

MARTS = """
    select table_schema, table_name
    from information_schema.tables
    where table_schema = 'marts'
    order by table_name
"""
COLUMNS = """
    select attname as name, format_type(atttypid, atttypmod) as type
    from pg_attribute
    where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped
    order by attname
"""
# The table itself, or the one that a view of it shows; names without their schema.
KEYS = """
    with recursive shown as (
        select to_regclass(%s)::oid as relation
        union
        select pg_depend.refobjid
        from shown
        inner join pg_rewrite on shown.relation = pg_rewrite.ev_class
        inner join pg_depend on pg_rewrite.oid = pg_depend.objid
        where pg_depend.refclassid = 'pg_class'::regclass and pg_depend.deptype = 'n'
    )
    select regexp_replace(pg_get_constraintdef(pg_constraint.oid), '\\w+\\.', '', 'g') as key
    from pg_constraint
    inner join shown on pg_constraint.conrelid = shown.relation
    where pg_constraint.contype <> 'c'  -- the floor tests nothing
    order by key
"""
HEADLINES = {
    "tiers": (
        "select value_tier, customers, mrr from marts.rpt_segment_profiles",
        "select value_tier, customers, mrr from public.segment_profiles",
    ),
    "lists": (
        "select offer_key, customers, mrr_now from marts.rpt_offer_summary"
        " where customers > 0 and is_published_list",
        "select offer_key, customers, mrr_now from public.offer_summary",
    ),
    "customers and revenue": (
        "select 'all' as population, customers, mrr from marts.rpt_plan_summary"
        " where plan_level = 'All' and plan_type = 'All'",
        "select 'all' as population, sum(customers) as customers,"
        " sum(mrr) filter (where not churn) as mrr from public.plan_summary",
    ),
    "outliers": (
        "select column_name, customers_outside_iqr, customers_outside_sd"
        " from marts.rpt_outlier_summary where customers_outside_iqr + customers_outside_sd > 0",
        "select column_name, sum(is_outside_iqr::int) as outside_iqr,"
        " sum(is_outside_sd::int) as outside_sd"
        " from public.customer_outliers group by column_name",
    ),
}


@dataclass
class Verdict:
    """What the comparison of two databases found.

    Attributes:
        equal: how many relations have equal columns, keys and rows.
        only_build: marts that the floor does not make.
        different: what is not equal, in words.
    """

    equal: int = 0
    only_build: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)


def compare_floor(arena: Arena) -> Verdict:
    """Compares every mart, and the relations below them, in columns, keys and rows."""
    verdict = Verdict()
    with (
        warehouse.connect(arena.database(BUILD_DATABASE)) as build,
        warehouse.connect(arena.database(FLOOR_DATABASE)) as floor,
    ):
        found = warehouse.fetch(build, MARTS)
        marts = [(row["table_schema"], row["table_name"]) for row in found]
        for schema, name in [*marts, *MORE_RELATIONS]:
            if not warehouse.relation_exists(floor, schema, name):
                verdict.only_build.append(f"{schema}.{name}")
                continue
            mine, theirs = (_describe(connection, schema, name) for connection in (build, floor))
            parts = [part for part in mine if mine[part] != theirs[part]]
            verdict.different += [
                f"{part} of {schema}.{name}: {mine[part] - theirs[part]} in the build, "
                f"{theirs[part] - mine[part]} in the floor"
                for part in parts
            ]
            verdict.equal += not parts
    return verdict


def _describe(connection: warehouse.Connection, schema: str, name: str) -> dict[str, set[str]]:
    """Columns with types, keys, and the number and checksum of the rows, in whatever order."""
    relation = f"{schema}.{name}"
    found = warehouse.fetch(connection, COLUMNS, [relation])
    columns = [row for row in found if row["name"] != FLAG]
    long = [
        row["name"] for row in columns if LONG_DECIMALS.fullmatch(f"{row['name']} {row['type']}")
    ]
    compared = [row["name"] for row in columns if row["name"] not in (CLOCK, *long)]
    query = sql.SQL(
        "select count(*), (select sum(hashtextextended(compared::text, 0))"
        " from (select {} from {}) as compared) as checksum{} from {}"
    ).format(
        sql.SQL(", ").join(map(sql.Identifier, compared)),
        sql.Identifier(schema, name),
        sql.SQL("").join(
            sql.SQL(", to_char(sum({}), {}) as {}").format(
                sql.Identifier(column), sql.Literal(NINE_DIGITS), sql.Identifier(column)
            )
            for column in long
        ),
        sql.Identifier(schema, name),
    )
    keys = warehouse.fetch(connection, KEYS, [relation]) if schema == "marts" else []
    rows = warehouse.fetch(connection, query)
    return {
        "columns": {f"{row['name']} {row['type']}" for row in columns},
        "keys": {row["key"] for row in keys},
        "rows": {", ".join(f"{part} {value}" for part, value in row.items()) for row in rows},
    }


def compare_notebook(arena: Arena) -> list[str]:
    """The headlines in which notebook and build differ, in words."""
    different = []
    with (
        warehouse.connect(arena.database(BUILD_DATABASE)) as build,
        warehouse.connect(arena.database(NOTEBOOK_DATABASE)) as notebook,
    ):
        for headline, (ours, theirs) in HEADLINES.items():
            mine, other = (
                sorted(
                    (tuple(map(_rounded, row.values())) for row in warehouse.fetch(*question)),
                    key=str,
                )
                for question in ((build, ours), (notebook, theirs))
            )
            if mine != other:
                different.append(f"{headline}: {mine} in the build, {other} in the notebook")
    return different


def _rounded(value: str | Decimal | float) -> str | Decimal:
    """Numbers to the cent: the notebook's sums are floats."""
    return value if isinstance(value, str) else round(Decimal(value), 2)
