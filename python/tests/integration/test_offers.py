"""Offers in the warehouse: functions for analysts, strategies, a catalogue that cannot hold."""

from collections.abc import Iterator
from itertools import combinations

import psycopg
import pytest

from nexasat import warehouse


@pytest.fixture(scope="module", params=["real_warehouse", "synthetic_warehouse"])
def built(request: pytest.FixtureRequest) -> Iterator[warehouse.Connection]:
    """Either warehouse, only to be read."""
    with warehouse.connect(request.getfixturevalue(request.param)) as connection:
        yield connection


def test_the_functions_give_the_lists(built: warehouse.Connection) -> None:
    for row in warehouse.fetch(built, "select offer_key, customers from marts.rpt_offer_summary"):
        listed = warehouse.fetch(
            built, "select * from marts.offer_list(%s)", [row["offer_key"]]
        )
        assert len(listed) == row["customers"]
        values = [customer["expected_value"] for customer in listed]
        assert values == sorted(values, reverse=True)
    for row in warehouse.fetch(built, "select value_tier, customers from marts.rpt_segment_profiles"):
        listed = warehouse.fetch(built, "select * from marts.tier_list(%s)", [row["value_tier"]])
        assert len(listed) == row["customers"]


@pytest.mark.parametrize(
    ("function", "known"), [("offer_list", "tech_support_seniors"), ("tier_list", "High Value")]
)
def test_an_unknown_list_is_an_error_that_names_the_known_ones(
    built: warehouse.Connection, function: str, known: str
) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="there is no") as raised:
        warehouse.fetch(built, f"select * from marts.{function}('nothing')")  # type: ignore[arg-type]
    built.rollback()
    assert known in str(raised.value.diag.message_hint)


def test_strategies_hold_everybody_once(built: warehouse.Connection) -> None:
    [found] = warehouse.fetch(
        built,
        "select sum(customers) as customers, sum(mrr) as mrr,"
        " sum(expected_loss_12m) as loss from marts.rpt_segment_strategies",
    )
    [whole] = warehouse.fetch(
        built,
        "select customers, mrr, expected_loss_12m as loss from marts.rpt_value_at_risk"
        " where plan_key = 'All' and value_tier = 'All'",
    )
    assert (found["customers"], found["mrr"]) == (whole["customers"], whole["mrr"])
    assert abs(found["loss"] - whole["loss"]) < 1


def test_the_first_contacts_are_the_best_that_a_budget_allows(built: warehouse.Connection) -> None:
    """Every choice of four out of nine customers and their offers, against the four called first."""
    ranked = warehouse.fetch(
        built,
        "select customer_id, expected_value from marts.fct_next_best_offers"
        " where contact_rank % 97 = 1 order by contact_rank limit 9",
    )
    candidates = warehouse.fetch(
        built,
        "select customer_id, max(expected_value) as best from marts.fct_offer_candidates"
        " where customer_id = any(%s) and (not is_bill_lowered or offer_kind = 'retention')"
        " group by customer_id",
        [[row["customer_id"] for row in ranked]],
    )
    best = {row["customer_id"]: row["best"] for row in candidates}
    optimum = max(sum(chosen) for chosen in combinations(best.values(), 4))
    assert sum(row["expected_value"] for row in ranked[:4]) == optimum
