"""`nexasat mf`: every metric is what SQL on the marts says, for a reader with no other right."""

import csv
import importlib.util
import json
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat import metrics, warehouse
from nexasat.errors import NexasatError
from nexasat.settings import Settings

Mf = Callable[..., list[dict[str, str]]]
Nexasat = Callable[..., subprocess.CompletedProcess[str]]
OF_ALL = "from marts.dim_customers inner join marts.fct_customer_value as v using (customer_id)"
ACTIVE = f"{OF_ALL} where not v.is_churned"
MEDIAN = "percentile_cont(0.5) within group (order by {})"
METRICS = {  # each from the mart where its column comes from
    "customers": "select count(*) from marts.dim_customers",
    "active_customers": "select count(*) from marts.fct_customer_segments",
    "churned_customers": "select count(*) from marts.dim_customers where is_churned",
    "churn_rate": "select avg(is_churned::integer) from marts.dim_customers",
    "at_risk_customers": "select count(*) from marts.fct_customer_segments where is_at_risk",
    "billed_amount_all": "select sum(monthly_bill_amount) from marts.dim_customers",
    "mrr": "select sum(monthly_bill_amount) from marts.dim_customers where not is_churned",
    "arpu_all": "select avg(monthly_bill_amount) from marts.dim_customers",
    "arpu_active": "select avg(monthly_bill_amount) from marts.dim_customers where not is_churned",
    "historical_clv_all": f"select sum(historical_clv) {OF_ALL}",
    "historical_clv_active": f"select sum(historical_clv) {ACTIVE}",
    "median_historical_clv_all": f"select {MEDIAN.format('historical_clv')} {OF_ALL}",
    "median_historical_clv_active": f"select {MEDIAN.format('historical_clv')} {ACTIVE}",
    "residual_clv_12m": f"select sum(residual_clv_12m) {OF_ALL}",
    "residual_clv_24m": f"select sum(residual_clv_24m) {OF_ALL}",
    "residual_clv_36m": f"select sum(residual_clv_36m) {OF_ALL}",
    "median_residual_clv_24m": f"select {MEDIAN.format('residual_clv_24m')} {ACTIVE}",
    "value_at_risk": f"select sum(expected_loss_12m) {OF_ALL}",
    "next_best_offers": "select count(contact_rank) from marts.fct_next_best_offers",
    "next_best_offer_value": "select sum(expected_value) from marts.fct_next_best_offers",
    "offers": "select count(*) from marts.fct_offer_candidates",
    "customers_on_lists": "select count(*) from marts.fct_next_best_offers where"
    " offers_considered > 0",
    "offer_value_if_accepted": "select sum(value_if_accepted) from marts.fct_offer_candidates",
    "offer_expected_value": "select sum(expected_value) from marts.fct_offer_candidates",
    "treatment_customers": "select null",
    "treatment_conversions": "select null",
    "treatment_conversion_rate": "select null",
    "control_customers": "select null",
    "control_conversions": "select null",
    "control_conversion_rate": "select null",
}
BY_PLAN_AND_TIER = """
    with listed as (
        select customer_id, count(*) as offers, sum(expected_value) as worth
        from marts.fct_offer_candidates group by 1
    )
    select
        plan_level || ' ' || plan_type as plan, coalesce(value_tier, '') as tier,
        count(*) as customers, avg(is_churned::integer) as churn_rate,
        avg(monthly_bill_amount) filter (where not is_churned) as arpu_active,
        percentile_cont(0.5) within group (order by residual_clv_24m)
        filter (where not is_churned) as median_residual_clv_24m,
        sum(expected_loss_12m) filter (where not is_churned) as value_at_risk,
        sum(listed.offers) as offers, sum(listed.worth) as offer_expected_value
    from marts.fct_customer_value
    inner join marts.dim_customers using (customer_id, is_churned, monthly_bill_amount)
    left join (select customer_id, value_tier from marts.fct_customer_segments) as tiers
        using (customer_id)
    left join listed using (customer_id)
    group by 1, 2
"""
CAMPAIGN = """
    insert into marts__g1.fct_campaign_customers
    select 'may', customer_id, offer_key, plan_key,
        case when contact_rank % 4 = 0 then 'control' else 'treatment' end,
        date '2023-08-31', 1, true, contact_rank % 3 = 0, false, 1
    from marts.fct_next_best_offers where contact_rank <= 400
"""
CONVERSION = """
    select
        offer_name as offer, plan_level as level,
        avg(is_converted::integer) filter (where arm = 'treatment') as treatment_conversion_rate,
        avg(is_converted::integer) filter (where arm = 'control') as control_conversion_rate
    from marts.fct_campaign_customers
    inner join marts.dim_offers using (offer_key)
    inner join marts.dim_plans using (plan_key)
    group by 1, 2
"""


@pytest.fixture(scope="module")
def settings(
    dbt_settings: Callable[..., Settings], synthetic_template: str, nexasat: Nexasat
) -> Settings:
    """A warehouse of the bundled extract, without a campaign, as `bi_reader` sees it."""
    made = dbt_settings("metrics", synthetic_template)
    done = nexasat(made, "roles")
    assert done.returncode == 0, done.stdout + done.stderr
    return Settings(made.project, {**made.environment, "PGUSER": "bi_reader"})


@pytest.fixture(scope="module")
def query(
    settings: Settings, nexasat: Nexasat, tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., list[dict[str, str]]]:
    """The rows of `nexasat mf query --metrics … --group-by …`."""

    def run(names: list[str], *groups: str, **more: str) -> list[dict[str, str]]:
        file = tmp_path_factory.mktemp("mf") / "rows.csv"
        words = ["--quiet", "--csv", file, "--metrics", ",".join(names)]
        done = nexasat(settings, "mf", "query", *words, "--group-by", ",".join(groups), **more)
        assert done.returncode == 0, done.stdout + done.stderr
        with file.open(newline="") as rows:
            return list(csv.DictReader(rows))

    return run


def _told(settings: Settings, statement: str) -> list[warehouse.Row]:
    with warehouse.connect(settings.environment) as connection:
        return warehouse.fetch(connection, statement)


def _as_number(value: object) -> float | None:
    return None if value in (None, "") else float(str(value))


def _assert_same(
    found: list[dict[str, str]], wanted: list[warehouse.Row], keys: dict[str, str]
) -> None:
    """Rows are the same by their keys; figures to a part in a thousand million."""
    by_key = {tuple(row[key] for key in keys.values()): row for row in wanted}
    assert {tuple(row[key] for key in keys) for row in found} == set(by_key)
    assert len(found) == len(by_key)
    for row in found:
        told = by_key[tuple(row[key] for key in keys)]
        for name in row.keys() - keys.keys():
            figure = _as_number(told[name])
            expected = figure if figure is None else pytest.approx(figure, rel=1e-9, abs=1e-9)
            assert _as_number(row[name]) == expected, (name, row, told)


@pytest.fixture(scope="module")
def totals(query: Mf, tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    """All metrics without a grouping; whoever asks the network for something is noticed."""
    with socket.create_server(("127.0.0.1", 0)) as network:
        network.setblocking(False)
        proxy = f"http://127.0.0.1:{network.getsockname()[1]}"
        folder = str(tmp_path_factory.mktemp("tmp"))  # without answers that were kept
        found = query(list(METRICS), https_proxy=proxy, http_proxy=proxy, TMPDIR=folder)
        with pytest.raises(BlockingIOError):
            network.accept()
    return found


@pytest.fixture(scope="module")
def defined(settings: Settings, totals: list[dict[str, str]]) -> list[dict[str, str]]:
    """The metrics of the manifest that `mf` has read."""
    assert totals
    folder = Path(settings.environment["DBT_TARGET_PATH"]) / "bi"
    manifest = json.loads((folder / "semantic_manifest.json").read_text())
    found: list[dict[str, str]] = manifest["metrics"]
    return found


def test_every_metric_is_sql_on_its_mart(
    settings: Settings, totals: list[dict[str, str]], defined: list[dict[str, str]]
) -> None:
    """Without a campaign there is no conversion to speak of: it is unknown, not 0."""
    assert {metric["name"] for metric in defined} == set(METRICS)
    columns = ", ".join(f"({query}) as {name}" for name, query in METRICS.items())
    _assert_same(totals, _told(settings, f"select {columns}"), {})


def test_metrics_of_several_marts_by_plan_and_tier(settings: Settings, query: Mf) -> None:
    wanted = _told(settings, BY_PLAN_AND_TIER)
    names = [name for name in wanted[0] if name not in ("plan", "tier")]
    found = query(names, "customer__plan_name", "customer__value_tier")
    keys = {"customer__plan_name": "plan", "customer__value_tier": "tier"}
    assert {row["customer__value_tier"] for row in found} > {"", "Churn Risk"}, "churned: none"
    _assert_same(found, wanted, keys)


def test_conversion_of_a_campaign_by_offer_and_by_plan_of_the_customer(
    settings: Settings, query: Mf
) -> None:
    with warehouse.connect({**settings.environment, "PGUSER": "postgres"}) as connection:
        assert warehouse.execute(connection, CAMPAIGN) == 400
    wanted = _told(settings, CONVERSION)
    names = ["treatment_conversion_rate", "control_conversion_rate"]
    found = query(names, "offer__offer_name", "customer__plan_level")
    keys = {"offer__offer_name": "offer", "customer__plan_level": "level"}
    assert any(row["control_conversion_rate"] for row in found)
    _assert_same(found, wanted, keys)


def test_the_definitions_hold_in_the_warehouse(settings: Settings, nexasat: Nexasat) -> None:
    done = nexasat(settings, "mf", "validate-configs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Successfully validated metrics against data warehouse" in done.stdout
    assert "ERRORS: 0" in done.stdout


def test_every_metric_begins_with_its_population(defined: list[dict[str, str]]) -> None:
    people = ("All customers", "Active customers", "Churned customers", "Contacted customers")
    others = ("Customers kept out", "Places on the lists, of")
    for metric in defined:
        assert metric["description"].startswith(people + others), metric["name"]
        assert metric["label"] != metric["name"]


def test_without_the_extra_there_is_a_way_to_get_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(NexasatError, match="MetricFlow is not installed") as told:
        metrics.run(settings, {}, ["list", "metrics"])
    assert told.value.hint == "install it: .ci/setup.sh report"
