"""Offers in the warehouse: functions for analysts, strategies, a catalogue that cannot hold."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import psycopg
import pytest

from nexasat import warehouse
from nexasat.settings import Settings


@pytest.fixture(scope="module", params=["real_warehouse", "synthetic_warehouse"])
def built(request: pytest.FixtureRequest) -> Iterator[warehouse.Connection]:
    """Either warehouse, only to be read."""
    with warehouse.connect(request.getfixturevalue(request.param)) as connection:
        yield connection


def test_the_functions_give_the_lists(built: warehouse.Connection) -> None:
    for row in warehouse.fetch(built, "select offer_key, customers from marts.rpt_offer_summary"):
        listed = warehouse.fetch(built, "select * from marts.offer_list(%s)", [row["offer_key"]])
        assert len(listed) == row["customers"]
        values = [customer["expected_value"] for customer in listed]
        assert values == sorted(values, reverse=True)
    for row in warehouse.fetch(
        built, "select value_tier, customers from marts.rpt_segment_profiles"
    ):
        listed = warehouse.fetch(built, "select * from marts.tier_list(%s)", [row["value_tier"]])
        assert len(listed) == row["customers"]


@pytest.mark.parametrize(
    ("function", "known"), [("offer_list", "tech_support_seniors"), ("tier_list", "High Value")]
)
def test_an_unknown_list_is_an_error_that_names_the_known_ones(
    built: warehouse.Connection, function: str, known: str
) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="there is no") as raised:
        warehouse.fetch(built, f"select * from marts.{function}('nothing')")
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
    """Every choice of four out of nine customers, against the four who are called first."""
    ranked = warehouse.fetch(
        built,
        "select customer_id, expected_value from marts.fct_next_best_offers"
        " where contact_rank % 97 = 1 order by contact_rank limit 9",
    )
    candidates = warehouse.fetch(
        built,
        "select customer_id, max(expected_value) as best from marts.fct_offer_candidates"
        " where customer_id = any(%s) and not is_barred"
        " group by customer_id",
        [[row["customer_id"] for row in ranked]],
    )
    best = {row["customer_id"]: row["best"] for row in candidates}
    optimum = max(sum(chosen) for chosen in combinations(best.values(), 4))
    assert sum(row["expected_value"] for row in ranked[:4]) == optimum


FAULTS = """
    insert into config.cfg_offer_rules (
        offer_key, rule_number, plan_type, value_tier_rank_from, value_tier_rank_to
    )
    values ('tech_support_basic', 2, 'Prepayd', 3, 1), ('nowhere', 1, null, 9, null);
    update config.cfg_offer_rules set tenure_months_up_to = -1
    where offer_key = 'multiple_lines_new_families' and rule_number = 2;
    delete from config.cfg_offer_rules where offer_key = 'extra_line_basic';
    update config.cfg_offers set target_plan_key = 'gold' where offer_key = 'premium_prepaid_basic';
    update config.cfg_offers set add_on_key = 'sauna' where offer_key = 'tech_support_seniors';
"""


def test_a_catalogue_that_cannot_hold_stops_the_run(
    dbt_settings: Callable[..., Settings],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
    synthetic_template: str,
) -> None:
    settings = dbt_settings("catalogue", synthetic_template)
    run = ("dbt", "run", "--select", "stg_config__offer_rules")
    assert nexasat(settings, *run).returncode == 0
    with warehouse.connect(settings.environment) as connection:
        warehouse.execute(connection, FAULTS)
    done = nexasat(settings, *run)
    assert done.returncode == 1
    for fault in (
        "mend seeds/config/cfg_offers.csv or cfg_offer_rules.csv",
        "offer extra_line_basic has no rule, so nobody would get it",
        "offer premium_prepaid_basic: there is no plan gold",
        "offer tech_support_seniors: there is no add-on sauna",
        "rule 1 of offer nowhere: there is no such offer",
        "rule 1 of offer nowhere: no tier has the rank 9",
        "rule 2 of offer tech_support_basic: no plan has the plan_type Prepayd",
        "rule 2 of offer tech_support_basic: nobody is in a tier from rank 3 up to rank 1",
        "rule 2 of offer multiple_lines_new_families: nobody has a tenure of at most -1 months",
    ):
        assert fault in done.stdout


def _copy(project: Path, folder: Path) -> Path:
    """A copy of the dbt project, to be changed; returns its folder of config seeds."""
    for part in ("models", "macros", "seeds", "tests", "analyses"):
        shutil.copytree(project / part, folder / part)
    for part in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(project / part, folder)
    return folder / "seeds" / "config"


def test_the_offer_of_contributing_can_be_added(
    dbt_settings: Callable[..., Settings],
    build_part: Callable[..., None],
    project: Path,
    synthetic_template: str,
    tmp_path: Path,
) -> None:
    """Two rows, no SQL: the list holds Prepaid families of the three upper tiers."""
    seeds = _copy(project, tmp_path)
    contributing = (project / "CONTRIBUTING.md").read_text("utf-8")
    for name in ("cfg_offers", "cfg_offer_rules"):
        [row] = re.findall(rf"^{name}\.csv +(.+)$", contributing, re.MULTILINE)
        with (seeds / f"{name}.csv").open("a", encoding="utf-8") as file:
            file.write(f"{row}\n")
    settings = Settings(tmp_path, dbt_settings("added_offer", synthetic_template).environment)
    select = ("--select", "cfg_offers", "cfg_offer_rules")
    changed = ("stg_config__offers+", "stg_config__offer_rules+")
    build_part(settings, "build", *select, *changed, "--exclude-resource-type", "unit_test")
    with warehouse.connect(settings.environment) as connection:
        [found] = warehouse.fetch(
            connection,
            "select customers, mrr_delta from marts.rpt_offer_summary"
            " where offer_key = 'extra_line_prepaid'",
        )
        [expected] = warehouse.fetch(
            connection,
            "select count(*) as customers from marts.fct_customer_segments"
            " where plan_type = 'Prepaid' and has_dependents and not has_multiple_lines"
            " and value_tier <> 'Churn Risk'",
        )
    assert found["customers"] == expected["customers"] > 0
    assert found["mrr_delta"] == 12 * found["customers"]


def test_a_column_that_nobody_reads_is_refused(
    dbt_settings: Callable[..., Settings],
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
    project: Path,
    tmp_path: Path,
) -> None:
    """It would take a condition away without a word."""
    rules = _copy(project, tmp_path) / "cfg_offer_rules.csv"
    rules.write_text(rules.read_text("utf-8").replace(",is_at_risk", ",is_at_rsk", 1), "utf-8")
    settings = Settings(tmp_path, dbt_settings("unread_column").environment)
    done = nexasat(settings, "dbt", "seed", "--select", "cfg_offer_rules")
    assert done.returncode == 1
    assert "cfg_offer_rules.csv has a column that nobody reads: is_at_rsk" in done.stdout
