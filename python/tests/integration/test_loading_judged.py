"""From a bad file to the marts: each row is accepted, or rejected with every reason against it."""

import csv
import io
import re
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from nexasat import judging, warehouse
from nexasat.errors import ExitCode
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

ROW = "-,Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0"
GOOD = dict(zip(COLUMNS, ROW.split(","), strict=True))
Nexasat = Callable[..., subprocess.CompletedProcess[str]]
Ask = Callable[[str], list[tuple[Any, ...]]]
NOT_14 = ["the record does not split into the columns of the header"]


def row(customer_id: str, **fields: str) -> str:
    """A record, quoted where it must be."""
    text = io.StringIO()
    csv.writer(text).writerow((GOOD | {"customer_id": customer_id} | fields).values())
    return text.getvalue().removesuffix("\r\n")


RECORDS: list[tuple[str, list[str]]] = [  # and the reasons against each
    (row("as it should be"), []),
    (row(" spaces ", gender=" female ", plan_level="BASIC ", partner="1"), []),
    (row("00123"), []),
    (row("2024-01-01"), []),
    (row("ünïcode ٣"), []),
    (row("twice", churn="1"), ["customer_id is delivered again on line {twice_last}"]),
    (row("later invalid", churn="1"), []),
    ("", []),
    (row("later invalid", churn="2"), ["churn '2' is not 0 or 1"]),
    (row("NaN", monthly_bill_amount="NaN"), ["monthly_bill_amount 'NaN' is not a number"]),
    (row("inf", data_usage="Infinity"), ["data_usage 'Infinity' is not a number"]),
    (row("thousands", monthly_bill_amount="1,234.5"), ["monthly_bill_amount '1,234.5' is not"]),
    (row("comma", monthly_bill_amount="126,50"), ["monthly_bill_amount '126,50' is not a number"]),
    (row("$", monthly_bill_amount="$126", data_usage="50%"), ["data_usage '50%' is", "'$126' is"]),
    (
        row("minus", monthly_bill_amount="-1", tenure_months="-5"),
        ["amount is neg", "months is neg"],
    ),
    (row("1200", tenure_months="1201"), ["tenure_months is over 1200"]),
    (row("hex", call_duration="0x1A", data_usage="1e3"), ["'0x1A' is not a whole", "'1e3' is not"]),
    (row("digits", call_duration="١٥٦"), ["call_duration '١٥٦' is not a whole number"]),
    (row("space", data_usage="\u00a08.36"), ["data_usage '\u00a08.36' is not a number"]),
    (row("big", call_duration="3000000000"), ["call_duration '3000000000' is not a whole number"]),
    (row("half", tenure_months="12.5"), ["tenure_months '12.5' is not a whole number"]),
    (row("plan", plan_level="Gold"), ["plan 'Gold Prepaid' is not a plan of cfg_plans"]),
    (row("formula", plan_type="=cmd|' /C calc'!A0"), ["plan 'Premium =cmd|' /C calc'!A0' is not"]),
    (row("words", gender="NULL", churn="true"), ["gender 'NULL' is not", "churn 'true' is not"]),
    (row("lines", plan_type="Pre\npaid"), ["plan 'Premium Pre\npaid' is not a plan"]),
    (row("quotes", gender='"F"'), ["gender '\"F\"' is not Female or Male"]),
    (row("1 MB", gender="x" * 1_000_000), [f"gender '{'x' * 40}' is not Female or Male"]),
    (row("x" * 65), ["customer_id is longer than 64 characters"]),
    (row(""), ["customer_id is missing"]),
    (
        "," * 13,
        [f"{name} is missing" for name in COLUMNS if not name.startswith("plan_")] + ["plan is"],
    ),
    (row("too long") + ",oops", NOT_14),
    ("NSat,Male,No", NOT_14),
    ("\\.", NOT_14),
    ('"two\nlines",1', NOT_14),
    (row("twice"), []),
    (row("last"), []),
]


@pytest.fixture(scope="module")
def lines() -> list[int]:
    """The line on which each record begins."""
    found = [2]
    for record, _ in RECORDS:
        found.append(found[-1] + 1 + record.count("\n"))
    return found[:-1]


@pytest.fixture(scope="module")
def july(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the records."""
    path = tmp_path_factory.mktemp("judged") / "july.csv"
    text = "\n".join([",".join(COLUMNS).upper(), *(record for record, _ in RECORDS)])
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    return path


@pytest.fixture(scope="module")
def empty(dbt_settings: Callable[[str], Settings]) -> Settings:
    """This project on a database without anything."""
    return dbt_settings("judged")


@pytest.fixture(scope="module")
def checked(empty: Settings, nexasat: Nexasat, july: Path) -> str:
    """What `nexasat check` says of the file, which left the database as it was."""
    done = nexasat(empty, "check", july)
    assert (done.returncode, done.stderr) == (0, "")
    query = "select count(*) as relations from pg_class where relnamespace >= 16384"
    with warehouse.connect(empty.environment) as connection:
        assert warehouse.fetch(connection, query) == [{"relations": 0}]
    return done.stdout


@pytest.fixture(scope="module")
def settings(
    empty: Settings,
    nexasat: Nexasat,
    build_part: Callable[..., None],
    july: Path,
    checked: str,
) -> Settings:
    """The database in which the records were loaded and judged; `load` made its tables."""
    assert checked
    found = empty
    done = nexasat(found, "load", july, "--extract-date", "2023-07-31")
    assert done.returncode == 0, done.stderr
    assert "making the tables of schema raw" in done.stderr
    selected = ("+dim_customers", "+rpt_load_audit", "+fct_rejected_rows")
    only = ("--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
    build_part(found, "build", *only, "--select", *selected)
    return found


@pytest.fixture
def ask(settings: Settings) -> Ask:
    """The rows of a query."""

    def run(query: str) -> list[tuple[Any, ...]]:
        with warehouse.connect(settings.environment) as connection:
            return [tuple(found.values()) for found in warehouse.fetch(connection, query)]

    return run


def test_no_row_is_lost(ask: Ask) -> None:
    delivered = sum(bool(record) for record, _ in RECORDS)
    rejected = sum(bool(reasons) for _, reasons in RECORDS)
    query = (
        "select file_name, delivered_rows, accepted_rows, rejected_rows from marts.rpt_load_audit"
    )
    assert ask(query) == [("july.csv", delivered, delivered - rejected, rejected)]
    assert ask("select count(*) from marts.fct_rejected_rows") == [(rejected,)]
    query = "select customer_id from staging.stg_nexasat__customers order by 1"
    good = [record.split(",")[0].strip() for record, reasons in RECORDS if record and not reasons]
    assert [name for (name,) in ask(query)] == sorted(good)


def test_every_reason_is_kept_with_the_record(ask: Ask, lines: list[int]) -> None:
    query = "select line_number, reasons, raw_record from marts.fct_rejected_rows"
    found = {line: (reasons, record) for line, reasons, record in ask(query)}
    twice = [line for line, (record, _) in zip(lines, RECORDS, strict=True) if "twice" in record]
    wanted = {
        line: (record, reasons)
        for line, (record, reasons) in zip(lines, RECORDS, strict=True)
        if reasons
    }
    assert found.keys() == wanted.keys()
    for line, (record, reasons) in wanted.items():
        told, kept = found[line]
        assert len(re.findall("; ", told)) == len(reasons) - 1, told
        for reason in reasons:
            assert reason.format(twice_last=twice[-1]) in told
        assert kept.replace('"', "") == record.replace('"', "")
        if reasons == NOT_14:
            assert kept == record


def test_the_last_valid_one_of_a_customer_is_kept(ask: Ask) -> None:
    query = "select customer_id, is_churned from staging.stg_nexasat__customers"
    churned: dict[str, bool] = dict(ask(query))
    assert churned["twice"] is False
    assert churned["later invalid"] is True


def test_check_says_what_the_build_does(settings: Settings, july: Path, checked: str) -> None:
    delivered = sum(bool(record) for record, _ in RECORDS)
    rejected = sum(bool(reasons) for _, reasons in RECORDS)
    told, _, table = checked.partition("\n\n")
    assert told == (
        f"{july}: UTF-8 with a byte order mark, comma between fields, header on line 1\n"
        f"{delivered} rows, {delivered - rejected} would be accepted, "
        f"{rejected} rejected; nothing was changed"
    )
    with warehouse.connect(settings.environment) as connection:
        found = judging.reasons_of(connection, "marts.fct_rejected_rows")
    rows = [re.split(r" {2,}", line) for line in table.splitlines()[2:]]
    assert rows == [[each.reason, str(each.refused_rows), str(each.first_line)] for each in found]
    counts = {each.reason: each.refused_rows for each in found}
    assert counts["gender is not Female or Male"] == 3
    assert counts["customer_id is delivered again"] == 1
    assert counts["the record does not split into the columns of the header"] == 4
    assert counts["monthly_bill_amount is not a number with at most 2 decimals"] == 4
    assert sum(counts.values()) == sum(len(reasons) for _, reasons in RECORDS)


def test_the_example_maps_another_telecom(
    dbt_settings: Callable[[str], Settings], nexasat: Nexasat, shared: Path
) -> None:
    telco = shared / "data" / "telco_customer_churn.csv"
    if not telco.is_file():
        pytest.skip("the file of the other telecom is not in shared/data beside the project")
    settings = dbt_settings("telco")
    mapping = ("--mapping", "examples/telco_mapping.yml")
    done = nexasat(settings, "check", telco, *mapping)
    assert "\n7,043 rows, 7,043 would be accepted, 0 rejected" in done.stdout, done.stderr
    done = nexasat(settings, "check", telco)
    assert (done.returncode, done.stdout) == (ExitCode.BAD_FILE, "")
    assert "missing: customer_id" in done.stderr
    assert "--mapping FILE" in done.stderr
    assert nexasat(settings, "load", telco, *mapping).returncode == 0
    query = """
        select plan_level, plan_type, count(*) as customers, sum(churn::integer) as churned,
            sum(monthly_bill_amount::numeric) as bills
        from raw.extract_rows group by 1, 2 order by 1, 2
    """
    with warehouse.connect(settings.environment) as connection:
        found = [tuple(row.values()) for row in warehouse.fetch(connection, query)]
    with telco.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    wanted = []
    for level in ("Basic", "Premium"):
        for kind in ("Postpaid", "Prepaid"):
            group = [
                row
                for row in rows
                if (row["InternetService"] == "Fiber optic") == (level == "Premium")
                and (row["Contract"] == "Month-to-month") == (kind == "Prepaid")
            ]
            churned = sum(row["Churn"] == "Yes" for row in group)
            bills = sum(Decimal(row["MonthlyCharges"]) for row in group)
            wanted.append((level, kind, len(group), churned, bills))
    assert found == wanted


def test_check_refuses_what_load_refuses(empty: Settings, nexasat: Nexasat, tmp_path: Path) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(",".join(COLUMNS) + '\n"' + ROW)
    done = nexasat(empty, "check", path)
    assert done.returncode == ExitCode.BAD_FILE
    assert done.stderr.startswith(f"error: {path}, line 2, column 1 (customer_id): a double quote")
