"""Whole campaigns, from the draw to the verdict: a planted effect is found, none is not."""

import csv
import io
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat import warehouse
from nexasat.campaign_draw import DRAW, FIND_CANDIDATES, MAKE_CANDIDATES, STORE
from nexasat.errors import ExitCode
from nexasat.settings import Settings

OFFER = "premium_discount_churn_risk"
RUNS = 500
WITHOUT = 0.10
# A customer converts when the hash of run and id is below a rate, and pays half a bill then.
OUTCOMES = """
    create temporary table campaign_customers as
    select
        campaign_name, customer_id, arm, monthly_bill_amount, true as has_outcome, is_converted,
        cast(case when is_converted then monthly_bill_amount / 2 else 0 end as numeric(14, 2))
        as revenue
    from (
        select *, %s + case when arm = 'treatment' then %s else 0 end > cast(cast(
            'x' || substr(md5('seed|' || campaign_name || '|' || customer_id), 1, 6) as bit(24)
        ) as integer) / 16777216.0 as is_converted
        from ops.campaign_assignments
    ) as decided
"""


@pytest.fixture(scope="module")
def simulated(
    fresh_database: Callable[..., dict[str, str]], synthetic_template: str
) -> dict[str, str]:
    """A warehouse with 500 campaigns of the same customers, each drawn with a salt of its own."""
    parameters = fresh_database("campaign_simulation", synthetic_template)
    with warehouse.connect(parameters) as connection, connection.transaction():
        [offer] = warehouse.fetch(
            connection,
            "select extract_date, 0.25 as holdout_share, null as contacts, null as capacity,"
            " null as budget, 'text' as offer_text, offer_key from marts.rpt_load_audit"
            " cross join marts.dim_offers where offer_key = %s",
            [OFFER],
        )
        warehouse.execute(connection, MAKE_CANDIDATES)
        warehouse.execute(connection, FIND_CANDIDATES, offer)
        for run in range(RUNS):
            named = offer | {"name": f"run{run}", "salt": f"salt {run}"}
            warehouse.execute(connection, DRAW, named)
            warehouse.execute(connection, STORE, named)
    return parameters


def verdicts(
    parameters: dict[str, str], queries: dict[str, str], effect: float
) -> list[warehouse.Row]:
    """The rows of rpt_campaign_lift over all runs."""
    with warehouse.connect(parameters) as connection:
        warehouse.execute(connection, OUTCOMES, [WITHOUT, effect])
        for table, relation in (
            ("campaigns", "staging.stg_ops__campaigns"),
            ("levels_in_force", "intermediate.int_campaign_levels"),
        ):
            warehouse.execute(connection, f"create temporary table {table} as table {relation}")
        warehouse.execute(connection, "analyze campaign_customers")
        return warehouse.fetch(connection, queries["lift"])


def test_no_effect_is_found_as_seldom_as_promised(
    simulated: dict[str, str], campaign_queries: dict[str, str]
) -> None:
    rows = verdicts(simulated, campaign_queries, 0)
    assert len(rows) == RUNS
    assert all(row["is_intact"] for row in rows)
    assert {row["control_customers"] for row in rows} == {rows[0]["control_customers"]}
    found = [row for row in rows if not row["verdict"].startswith("no effect found")]
    assert {row["verdict"].partition(":")[0] for row in found} <= {"it works", "it harms"}
    # 5 % of 500 is 25; four standard errors on either side
    assert 5 <= len(found) <= 45
    money = [row for row in rows if not row["revenue_lift_lower"] <= 0 <= row["revenue_lift_upper"]]
    assert 5 <= len(money) <= 45


def test_a_detectable_effect_is_found_as_often_as_promised(
    simulated: dict[str, str], campaign_queries: dict[str, str]
) -> None:
    effect = 0.10
    rows = verdicts(simulated, campaign_queries, effect)
    worked = sum(row["verdict"].startswith("it works") for row in rows)
    harmed = sum(row["verdict"].startswith("it harms") for row in rows)
    assert harmed == 0
    mean = sum(row["lift"] for row in rows) / RUNS
    assert mean == pytest.approx(effect, abs=0.01)
    covered = sum(row["lift_lower"] <= effect <= row["lift_upper"] for row in rows)
    assert covered >= 0.92 * RUNS
    assert worked > 0.75 * RUNS


@pytest.fixture
def own_settings(
    fresh_database: Callable[..., dict[str, str]],
    synthetic_template: str,
    server: Settings,
    project: Path,
    tmp_path: Path,
) -> Settings:
    """This project on a warehouse of the test's own."""
    folders = {"DBT_TARGET_PATH": str(tmp_path / "target"), "DBT_LOG_PATH": str(tmp_path)}
    parameters = fresh_database("campaign_cli", synthetic_template)
    return Settings(project, {**server.environment, **folders, **parameters})


def test_a_campaign_from_draw_to_verdict(
    own_settings: Settings,
    nexasat: Callable[..., subprocess.CompletedProcess[str]],
    build_part: Callable[..., None],
    tmp_path: Path,
) -> None:
    def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = nexasat(own_settings, *arguments)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    made = run("campaign", "create", "may", "--offer", OFFER, "--holdout", "0.3", "--salt", "abc")
    assert "to contact" in made.stderr
    assert run("campaign", "list").stdout.split()[-6:-3] == ["may", OFFER, "2023-07-31"]
    listed = run("campaign", "export", "may").stdout
    treated = {row["customer_id"] for row in csv.DictReader(io.StringIO(listed))}
    with warehouse.connect(own_settings.environment) as connection:
        drawn = warehouse.fetch(
            connection, "select customer_id, arm from ops.campaign_assignments order by 1"
        )
    assert treated == {row["customer_id"] for row in drawn if row["arm"] == "treatment"}
    file = tmp_path / "outcomes.csv"
    one_in = {"treatment": 4, "control": 10}
    lines = [
        f"{row['customer_id']},{'no' if place % one_in[row['arm']] else 'yes'}"
        for place, row in enumerate(drawn)
    ]
    file.write_text("\n".join(["customer_id,converted", *lines]))
    loaded = run("campaign", "load-outcomes", "may", str(file))
    assert f"{len(drawn):,} outcomes" in loaded.stderr
    again = run("campaign", "load-outcomes", "may", str(file), code=ExitCode.BAD_FILE)
    assert "was loaded already" in again.stderr
    build_part(own_settings, "build", "--quiet", "--select", "path:models/marts/campaigns")
    with warehouse.connect(own_settings.environment) as connection:
        [row] = warehouse.fetch(connection, "select * from marts.rpt_campaign_lift")
        assert row["verdict"].startswith("it works: ")
        assert row["treatment_outcomes"] == row["treatment_customers"] == len(treated)
        assert row["lift_lower"] < row["lift"] < row["lift_upper"]
        warehouse.execute(
            connection, "alter table ops.campaign_assignments disable trigger only_added_to"
        )
        warehouse.execute(connection, "update ops.campaign_assignments set arm = 'treatment'")
    changed = run("dbt", "test", "--select", "stg_ops__campaigns,test_type:data", code=1)
    assert "assignments_are_intact" in changed.stdout
