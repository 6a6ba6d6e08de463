"""Rules about a row of a mart are named checks of its table, and hold only when true."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import yaml  # type: ignore[import-untyped]

from nexasat import warehouse

CHECKS = """
    select relname || '.' || conname as name, pg_get_constraintdef(pg_constraint.oid) as rule
    from pg_constraint
    inner join pg_class on conrelid = pg_class.oid
    where contype = 'c' and relnamespace = to_regnamespace(%s)
"""


@pytest.fixture
def live(synthetic_warehouse: dict[str, str]) -> Iterator[tuple[warehouse.Connection, str]]:
    """A connection whose changes are taken back, and the schema of the live release."""
    with warehouse.connect(synthetic_warehouse) as connection:
        query = "select schema_name from ops.releases where is_live"
        schema = warehouse.fetch(connection, query)[0]["schema_name"]
        with connection.transaction(force_rollback=True):
            yield connection, schema


def test_every_check_of_a_contract_is_there(
    live: tuple[warehouse.Connection, str], project: Path
) -> None:
    connection, schema = live
    found = {row["name"]: row["rule"] for row in connection.execute(CHECKS, (schema,)).fetchall()}
    models = [
        model
        for file in project.glob("models/marts/**/*.yml")
        for model in yaml.safe_load(file.read_text(encoding="utf-8")).get("models", [])
    ]
    asked = {
        f"{model['name']}.{constraint['name']}"
        for model in models
        for constraint in model.get("constraints", [])
        if constraint["type"] == "check"
    }
    assert len(asked) > 30
    assert set(found) == asked
    assert [name for name, rule in found.items() if not rule.endswith("IS TRUE))")] == []


@pytest.mark.parametrize(
    ("change", "check"),
    [
        (
            "rpt_load_audit set accepted_rows = accepted_rows + 1",
            "accepted_and_rejected_make_delivered",
        ),
        (
            "fct_customer_value set historical_clv = historical_clv + 0.01",
            "historical_clv_and_scores_add_up",
        ),
        (
            "fct_survival_curves set survival_upper = survival - 0.001",
            "survival_lies_in_its_interval",
        ),
        (
            "fct_next_best_offers set no_offer_reason = null",
            "an_offer_or_a_reason",
        ),
    ],
)
def test_a_row_that_breaks_the_rule_is_refused_by_name(
    live: tuple[warehouse.Connection, str], change: str, check: str
) -> None:
    connection, schema = live
    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        connection.execute(f"update {schema}.{change}")
    assert refused.value.diag.constraint_name == check


def test_a_rule_that_is_null_does_not_hold(live: tuple[warehouse.Connection, str]) -> None:
    connection, schema = live
    connection.execute(
        f"create temp table copy (like {schema}.rpt_load_audit including constraints)"
    )
    query = "select attname from pg_attribute where attrelid = 'copy'::regclass and attnotnull"
    for row in connection.execute(query + " and attnum > 0").fetchall():
        connection.execute(f"alter table copy alter {row['attname']} drop not null")
    with pytest.raises(psycopg.errors.CheckViolation):
        connection.execute("insert into copy (delivered_rows, rejected_rows) values (1, 0)")
