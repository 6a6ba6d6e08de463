"""The page that a build ends with."""

from nexasat import warehouse
from nexasat.building import Build
from nexasat.summary import summarise


def test_the_summary_holds_the_published_figures(real_warehouse: dict[str, str]) -> None:
    build = Build(
        parameters=real_warehouse,
        seconds={"server": 0.25, "build": 2.0},
        models=54,
        tests=10,
        warnings=["the sky is falling"],
    )
    with warehouse.connect(real_warehouse) as connection:
        text = summarise(connection, build)
        clusters = warehouse.fetch(connection, "select * from marts.rpt_cluster_profiles")
    assert max(map(len, text.splitlines())) <= 100
    told = [" ".join(line.split()) for line in text.splitlines()]
    for line in [
        "extract NexaSatData.csv, 2023-07-31",
        "rows 7,043 in, 7,043 accepted, 0 rejected",
        "customers 7,043: 4,272 active, 2,771 churned (39.3 %)",
        "revenue 672,974.15 a month from active customers, 157.53 each",
        "value 19,486,089.35 historical CLV of active customers",
        "to come 12,723,429.03 residual CLV in 24 months, 25.9 % of it beyond what was observed",
        "warning the sky is falling",
        "High Value 641 199,873.70 32.64 6,449,883.15 3,937,894.69 9.6 %",
        "Moderate Value 1,495 238,243.95 33.63 7,715,584.50 4,758,057.15 8.3 %",
        "Low Value 1,068 129,157.50 27.91 3,688,361.10 2,422,689.24 17.7 %",
        "Churn Risk 1,068 105,699.00 14.97 1,632,260.60 1,604,787.97 36.5 %",
        "tech_support_seniors 115 10,603.00 11,523.00 0",
        "multiple_lines_families 376 51,249.00 55,761.00 129",
        "premium_discount_churn_risk 753 68,674.00 94,878.00 519",
        "premium_upgrade_high_spend 185 49,692.00 41,107.90 0",
        "multiple_lines_new_families 273 35,468.00 38,744.00 0",
        "time 2.2 s (server 0.2, build 2.0): 54 tables and views, 10 tests passed",
    ]:
        assert line in told
    for row in clusters:
        start = f"{row['cluster_id']} {row['cluster_name']} {row['customers']:,} "
        assert any(line.startswith(start) for line in told)
