"""The page that a person reads after a build: every figure comes from the marts."""

from decimal import Decimal

from nexasat import warehouse
from nexasat.building import Build
from nexasat.text_table import text_table

NOTHING = "-"


def summarise(connection: warehouse.Connection, build: Build) -> str:
    """The summary of a finished build as text of at most 100 columns."""
    parts = [
        _extract(connection, build),
        _tiers(connection),
        _lists(connection),
        _clusters(connection),
        _times(build),
        _next_steps(build),
    ]
    return "\n\n".join(part for part in parts if part)


def _extract(connection: warehouse.Connection, build: Build) -> str:
    load = warehouse.fetch(connection, "select * from marts.rpt_load_audit")[0]
    total = warehouse.fetch(
        connection,
        "select plans.*, value.* from marts.rpt_plan_summary as plans, (select sum(historical_clv)"
        " as clv, sum(residual_clv_24m) as to_come, sum(extrapolated_share * residual_clv_24m)"
        " / nullif(sum(residual_clv_24m), 0) as extrapolated from marts.fct_customer_value"
        " where not is_churned) as value where plan_level = 'All' and plan_type = 'All'",
    )
    lines = [
        f"extract     {load['file_name']}, {load['extract_date']}",
        f"rows        {load['delivered_rows']:,} in, {load['accepted_rows']:,} accepted, "
        f"{load['rejected_rows']:,} rejected",
    ]
    if load["rejected_rows"]:
        lines[-1] += "  (why: nexasat rejects)"
    for row in total:
        lines += [
            f"customers   {row['customers']:,}: {row['active_customers']:,} active, "
            f"{row['churned_customers']:,} churned ({_percent(row['churn_rate'])})",
            f"revenue     {_money(row['mrr'])} a month from active customers, "
            f"{_money(row['mean_bill_active'])} each",
            f"value       {_money(row['clv'])} historical CLV of active customers",
            f"to come     {_money(row['to_come'])} residual CLV in 24 months, "
            f"{_percent(row['extrapolated'])} of it beyond what was observed",
        ]
    lines += [f"warning     {warning}" for warning in build.warnings]
    return "\n".join(lines)


def _tiers(connection: warehouse.Connection) -> str:
    rows = warehouse.fetch(
        connection, "select * from marts.rpt_segment_profiles order by value_tier_rank"
    )
    return text_table(
        ["tier", "customers", "a month", "months", "historical CLV", "24 months", "churn in 12"],
        [
            [
                row["value_tier"],
                f"{row['customers']:,}",
                _money(row["mrr"]),
                _money(row["mean_tenure_months"]),
                _money(row["historical_clv"]),
                _money(row["residual_clv_24m"]),
                _percent(row["mean_churn_probability_12m"]),
            ]
            for row in rows
        ],
    )


def _lists(connection: warehouse.Connection) -> str:
    rows = warehouse.fetch(connection, "select * from marts.rpt_offer_summary order by offer_rank")
    return text_table(
        ["list", "customers", "a month", "if all accept", "next best for"],
        [
            [
                row["offer_key"],
                f"{row['customers']:,}",
                _money(row["mrr_now"]),
                _money(row["mrr_after"]),
                f"{row['next_best_customers']:,}",
            ]
            for row in rows
        ],
    )


def _clusters(connection: warehouse.Connection) -> str:
    rows = warehouse.fetch(
        connection, "select * from marts.rpt_cluster_profiles order by cluster_id"
    )
    return text_table(
        ["cluster", "customers", "mean bill", "months", "GB", "minutes"],
        [
            [
                f"{row['cluster_id']} {row['cluster_name']}",
                f"{row['customers']:,}",
                _money(row["mean_monthly_bill_amount"]),
                _money(row["mean_tenure_months"]),
                _money(row["mean_data_usage"]),
                _money(row["mean_call_duration"]),
            ]
            for row in rows
        ],
    )


def _times(build: Build) -> str:
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in build.seconds.items())
    return (
        f"time        {sum(build.seconds.values()):.1f} s ({stages}): "
        f"{build.models} tables and views, {build.tests} tests passed"
    )


def _next_steps(build: Build) -> str:
    host = build.parameters.get("PGHOST", "")
    where = "embedded PostgreSQL" if host.startswith("/") else f"PostgreSQL at {host}"
    return "\n".join(
        [
            f"It is in schema marts of database {build.parameters['PGDATABASE']}, {where}. Next:",
            "  nexasat psql -c 'select * from marts.rpt_segment_profiles'   ask",
            '  eval "$(nexasat status)"                                     for psql, dbt and BI',
            "  nexasat build --csv my_extract.csv                           your own customers",
            _pictures(build),
        ]
    )


def _pictures(build: Build) -> str:
    if build.report is None:
        how, what = ".ci/setup.sh report && nexasat report", "pictures of it, in site/"
    else:
        how, what = f"open {build.report.parent.name}/{build.report.name}", "pictures of it"
    return f"  {how:61}{what}"


def _money(value: Decimal | None) -> str:
    return NOTHING if value is None else f"{value:,.2f}"


def _percent(value: Decimal | None) -> str:
    return NOTHING if value is None else f"{100 * value:.1f} %"
