"""A history of monthly extracts: what it says, and what must never happen to it (D-044)."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from nexasat import warehouse
from nexasat.generate_series import month_dates, series_paths, write_series
from nexasat.settings import Settings

from . import history_by_hand as by_hand

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
DAYS = month_dates(date(2023, 7, 31), 4)
EVERYTHING = """
    select jsonb_agg(to_jsonb(kept) order by extract_date, customer_id) as customers, (
        select jsonb_agg(to_jsonb(tiers) order by extract_date, value_tier)
        from marts.fct_value_tier_history as tiers
    ) as tiers
    from marts.fct_customer_history as kept
"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Four months of 1,500 customers."""
    paths = series_paths(tmp_path_factory.mktemp("months") / "nexa.csv", DAYS)
    write_series(paths, 1_500, 11, lambda _: None)
    return paths


@pytest.fixture(scope="module")
def settings(dbt_settings: Callable[..., Settings]) -> Settings:
    """The database with the history."""
    return dbt_settings("history")


@pytest.fixture(scope="module")
def history(settings: Settings, nexasat: Nexasat, files: list[Path]) -> Callable[..., None]:
    """Builds: `history(month)` a month, `history("--forget", "2023-07-31")` without a file.

    At first the bundled extract and the months 0, 2 and 1 have been built, in this order.
    """

    def build(*words: int | str | Path) -> None:
        arguments: list[str | Path] = []
        for word in words:
            if isinstance(word, int):
                arguments += ["--csv", files[word], "--extract-date", str(DAYS[word])]
            else:
                arguments.append(word)
        done = nexasat(settings, "build", *arguments)
        assert done.returncode == 0, done.stderr

    build()
    for month in (0, 2, 1):
        build(month)
    return build


def ask(settings: Settings, query: str) -> list[warehouse.Row]:
    with warehouse.connect(settings.environment) as connection:
        return warehouse.fetch(connection, query)


def extract_dates(settings: Settings) -> list[date]:
    rows = ask(settings, "select extract_date from marts.rpt_kpi_history order by extract_date")
    return [row["extract_date"] for row in rows]


@pytest.mark.usefixtures("history")
def test_key_figures_are_those_of_the_files(settings: Settings, files: list[Path]) -> None:
    query = """
        select customers, active_customers, mrr, historical_clv
        from marts.rpt_kpi_history order by extract_date
    """
    found = [tuple(row.values()) for row in ask(settings, query)]
    assert found == [by_hand.read(path).figures for path in files[:3]]
    assert extract_dates(settings) == DAYS[:3]  # the bundled extract left with the first file


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("month", [1, 2])
def test_migrations_are_those_of_the_files(
    settings: Settings, files: list[Path], month: int
) -> None:
    query = f"""
        select customer_id, from_value_tier, to_value_tier, migration_reason
        from marts.fct_segment_migrations where extract_date = '{DAYS[month]}'
    """
    found = {row["customer_id"]: tuple(row.values()) for row in ask(settings, query)}
    expected = by_hand.migrations(by_hand.read(files[month - 1]), by_hand.read(files[month]))
    assert found == expected
    assert {"cut_offs", "bill", "usage", "entered", "left"} <= by_hand.reasons(expected).keys()


def test_the_same_extract_again_changes_nothing(
    settings: Settings, history: Callable[..., None]
) -> None:
    before = ask(settings, EVERYTHING)
    history(1)
    assert ask(settings, EVERYTHING) == before


@pytest.mark.usefixtures("history")
def test_of_two_builds_at_once_none_doubles_a_row(settings: Settings, nexasat: Nexasat) -> None:
    before = ask(settings, EVERYTHING)
    releases = "select count(*) as published from ops.release_builds where is_published"
    [then] = ask(settings, releases)
    words = ("dbt", "build", "--exclude-resource-type", "unit_test")
    with ThreadPoolExecutor(2) as pool:
        both = [
            pool.submit(nexasat, settings, *words, DBT_TARGET_PATH=f"{target}-{number}")
            for number, target in enumerate([settings.environment["DBT_TARGET_PATH"]] * 2)
        ]
    codes = [build.result().returncode for build in both]
    [now] = ask(settings, releases)
    assert now["published"] - then["published"] == codes.count(0) <= 1
    assert ask(settings, EVERYTHING) == before


def test_a_corrected_file_takes_the_place_of_its_date_until_one_goes_back(
    settings: Settings,
    nexasat: Nexasat,
    history: Callable[..., None],
    files: list[Path],
    tmp_path: Path,
) -> None:
    before = ask(settings, EVERYTHING)
    header, gone, changed, *rest = files[1].read_text(encoding="utf-8").splitlines()
    fields = changed.split(",")
    fields[9] = "99.99"
    corrected = tmp_path / "corrected.csv"
    corrected.write_text("\n".join([header, ",".join(fields), *rest, ""]), encoding="utf-8")
    others = (
        "select * from marts.fct_customer_history"
        f" where extract_date != '{DAYS[1]}' order by extract_date, customer_id"
    )
    kept = ask(settings, others)
    history("--csv", corrected, "--extract-date", str(DAYS[1]))
    assert ask(settings, others) == kept
    query = f"""
        select customer_id, monthly_bill_amount::text as bill from marts.fct_customer_history
        where extract_date = '{DAYS[1]}'
    """
    found = {row["customer_id"]: row["bill"] for row in ask(settings, query)}
    assert len(found) == len(rest) + 1
    assert found[fields[0]] == "99.99"
    assert gone.partition(",")[0] not in found
    # who is missing in one extract only has left and entered, if active
    absent = ask(
        settings,
        "select migration_reason from marts.fct_segment_migrations where customer_id ="
        f" '{gone.partition(',')[0]}' order by extract_date",
    )
    was_active = gone.endswith(",0")
    assert [row["migration_reason"] for row in absent] == ["left", "entered"] * was_active
    after = ask(settings, EVERYTHING)
    assert after != before
    for expected in (before, after):  # the history goes back with its release, and comes again
        assert nexasat(settings, "rollback").returncode == 0
        assert ask(settings, EVERYTHING) == expected


def test_the_synthetic_extract_stays_out_and_a_date_is_forgotten(
    settings: Settings, nexasat: Nexasat, history: Callable[..., None]
) -> None:
    assert nexasat(settings, "load", "--bundled").returncode == 0
    history("--forget", str(DAYS[2]))
    assert extract_dates(settings) == DAYS[:2]
    [live] = ask(settings, "select load_id from marts.rpt_load_audit")
    assert live["load_id"] == 0
