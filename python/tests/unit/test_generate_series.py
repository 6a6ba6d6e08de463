"""A monthly series: the customers of the first extract grow older, leave, join and change."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from nexasat.commands import generate as command
from nexasat.errors import ExitCode, NexasatError
from nexasat.generate import CHUNK, generate_extract
from nexasat.generate_series import month_dates, series_paths, write_series

BOUND = {("Postpaid", "Premium"): 12, ("Prepaid", "Premium"): 24}  # months of the lock-in
Months = list[pd.DataFrame]


def ignore(done: int) -> None:
    """No progress wanted."""
    assert done > 0


def write(folder: Path, customers: int, months: int, seed: int = 42) -> list[Path]:
    paths = series_paths(folder / "base.csv", month_dates(date(2023, 7, 31), months))
    write_series(paths, customers, seed, ignore)
    return paths


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Months:
    """Four months of 70,430 customers, more than are held in memory at a time, by id."""
    paths = write(tmp_path_factory.mktemp("series"), 70_430, 4)
    assert CHUNK < 70_430
    return [pd.read_csv(path, dtype=str).set_index("customer_id") for path in paths]


def both(months: Months, later: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Who is in a month and in the one before, on the same lines."""
    ids = months[later].index.intersection(months[later - 1].index)
    return months[later - 1].loc[ids], months[later].loc[ids]


def test_the_first_month_is_the_extract_itself(tmp_path: Path) -> None:
    [first, *_] = write(tmp_path, 500, 3)
    assert first.read_bytes() == b"".join(generate_extract(500, 42))


def test_the_same_seed_gives_the_same_months(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    made = []
    for folder, seed in zip(folders, (7, 7, 8), strict=True):
        folder.mkdir()
        made.append([path.read_bytes() for path in write(folder, 300, 3, seed)])
    assert made[0] == made[1]
    assert all(a != b for a, b in zip(made[0], made[2], strict=True))


def test_a_smaller_series_is_the_head_of_a_larger_one(tmp_path: Path) -> None:
    heads = []
    for customers in (100, 400):
        folder = tmp_path / str(customers)
        folder.mkdir()
        last = pd.read_csv(write(folder, customers, 4)[-1], dtype=str).set_index("customer_id")
        number = last.index.str.removeprefix("NSat").astype(int)
        heads.append(last[number < 2001 + 100])
    pd.testing.assert_frame_equal(*heads)


@pytest.mark.parametrize("later", [1, 2, 3])
def test_who_stays_is_a_month_older_and_who_has_left_is_not(months: Months, later: int) -> None:
    before, after = both(months, later)
    aged = after.tenure_months.astype(int) - before.tenure_months.astype(int)
    assert (aged == (after.churn == "0").astype(int)).all()
    assert (before.churn <= after.churn).all()  # nobody comes back
    same = ["gender", "partner", "dependents", "senior_citizen", "plan_type"]
    assert (before[same] == after[same]).all(axis=None)


@pytest.mark.parametrize("later", [1, 2, 3])
def test_customers_leave_by_plan_and_not_inside_the_lock_in(months: Months, later: int) -> None:
    before, after = both(months, later)
    active = before.churn == "0"
    lock_in = [BOUND.get(pair, 0) for pair in zip(before.plan_type, before.plan_level, strict=True)]
    bound = before.tenure_months.astype(int) < pd.Series(lock_in, before.index)
    left = active & (after.churn == "1")
    assert not (left & bound).any()
    assert not (bound & active & (before.plan_level != after.plan_level)).any()
    shares = left[active & ~bound].groupby([before.plan_type, before.plan_level]).mean()
    expected = {"Basic": {"Postpaid": 0.0324, "Prepaid": 0.0731}, "Premium": {}}
    for (kind, level), share in shares.items():
        # three standard errors of the smallest plan, 4,850 customers of Basic Prepaid
        assert share == pytest.approx(expected[level].get(kind, 0.0095), abs=0.011)


@pytest.mark.parametrize("later", [1, 2, 3])
def test_customers_join_are_erased_and_change(months: Months, later: int) -> None:
    before, after = both(months, later)
    new = months[later].drop(before.index)
    assert len(new) == 880  # 1.25 % of 70,430
    assert (new.tenure_months == "1").all()
    assert (new.churn == "0").all()
    gone = months[later - 1].drop(after.index)
    assert (gone.churn == "1").all()
    assert len(gone) / (months[later - 1].churn == "1").sum() == pytest.approx(0.02, abs=0.004)
    active = after.churn == "0"
    changed_plan = before.plan_level != after.plan_level
    assert not changed_plan[~active].any()
    assert changed_plan[active].mean() == pytest.approx(0.005, abs=0.002)
    used = ["call_duration", "data_usage"]
    changed_use = (before[used] != after[used]).any(axis=1)
    assert not changed_use[~active].any()
    assert changed_use[active].mean() == pytest.approx(0.065, abs=0.006)
    premium = after.plan_level == "Premium"
    add_ons = after[["multiple_lines", "tech_support"]]
    assert (add_ons[premium & changed_plan] == "Yes").all(axis=None)
    assert (add_ons[~premium & changed_plan] == "No").all(axis=None)


def test_ids_are_never_given_twice(months: Months) -> None:
    for month in months:
        assert month.index.is_unique
    joined = [set(months[later].index) - set(months[later - 1].index) for later in (1, 2, 3)]
    assert set(months[0].index).isdisjoint(set.union(*joined))
    assert len(set.union(*joined)) == sum(map(len, joined))


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (date(2023, 7, 31), ["2023-07-31", "2023-08-31", "2023-09-30"]),
        (date(2023, 12, 30), ["2023-12-30", "2024-01-30", "2024-02-29"]),
        (date(2024, 11, 1), ["2024-11-01", "2024-12-01", "2025-01-01"]),
    ],
)
def test_dates_are_months_apart(first: date, expected: list[str]) -> None:
    assert [str(day) for day in month_dates(first, 3)] == expected


def test_the_command_names_its_files(tmp_path: Path) -> None:
    words = ["--customers", "50", "--months", "2", "--output", str(tmp_path / "nexa.csv")]
    result = CliRunner().invoke(command.generate, [*words, "--first-date", "2024-01-31"])
    assert (result.exit_code, result.stdout) == (0, "")
    names = ["nexa-2024-01-31.csv", "nexa-2024-02-29.csv"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert all(name in result.stderr for name in names)


def test_months_need_a_file(tmp_path: Path) -> None:
    result = CliRunner().invoke(command.generate, ["--months", "2"])
    assert result.exit_code == ExitCode.USAGE
    assert "--months needs --output FILE" in result.stderr
    with pytest.raises(NexasatError, match="cannot write"):
        write(tmp_path / "missing", 10, 2)


@pytest.mark.parametrize(
    ("customers", "months", "seed"), [(0, 2, 1), (5, 0, 1), (5, 121, 1), (5, 2, -1)]
)
def test_wrong_numbers_are_told_before_a_file_is_touched(
    tmp_path: Path, customers: int, months: int, seed: int
) -> None:
    paths = [tmp_path / f"{number}.csv" for number in range(months)]
    with pytest.raises(NexasatError, match="cannot generate") as told:
        write_series(paths, customers, seed, ignore)
    assert told.value.exit_code is ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []
