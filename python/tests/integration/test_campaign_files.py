"""Exports that spreadsheets show as they are, and files that are taken whole or not at all."""

import csv
import io
import shutil
import subprocess
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from nexasat import campaign_export, campaign_outcomes, campaigns, warehouse
from nexasat.campaigns import Plan
from nexasat.errors import ExitCode, NexasatError

OFFER = "tech_support_seniors"
STRANGE = ["=cmd()", "+1", "-2", "@sum", "'=x", "plain", "a=b", 'ünï, "code"']
STRANGE_ROW = (
    "insert into ops.campaign_assignments values"
    " ('strange', %s, 'basic_prepaid', 'treatment', 80.25, '2023-07-31')"
)
STRANGE_CAMPAIGN = """
    insert into ops.campaigns values (
        'strange', 'offer', '=1+1', 0.5, 'salt', null, null, '2023-07-31', default,
        ops.assignments_fingerprint('strange')
    )
"""


@pytest.fixture
def database(
    fresh_database: Callable[..., dict[str, str]], synthetic_template: str
) -> Iterator[warehouse.Connection]:
    """A warehouse of the bundled extract with campaigns `may` and, of strange ids, `strange`."""
    with warehouse.connect(fresh_database("campaign_files", synthetic_template)) as connection:
        campaigns.create(connection, Plan("may", OFFER, salt="abc"), lambda _: None)
        with connection.transaction():
            for name in STRANGE:
                warehouse.execute(connection, STRANGE_ROW, [name])
            warehouse.execute(connection, STRANGE_CAMPAIGN)
        yield connection


def exported(connection: warehouse.Connection, name: str) -> list[dict[str, str]]:
    text = b"".join(campaign_export.export(connection, name)).decode()
    return list(csv.DictReader(io.StringIO(text)))


def outcomes(connection: warehouse.Connection) -> list[warehouse.Row]:
    return warehouse.fetch(connection, "select * from ops.campaign_outcomes order by 1, 2")


def ids(connection: warehouse.Connection, name: str) -> list[str]:
    query = "select customer_id from ops.campaign_assignments where campaign_name = %s order by 1"
    return [row["customer_id"] for row in warehouse.fetch(connection, query, [name])]


def test_the_export_is_the_treatment_alone(database: warehouse.Connection) -> None:
    rows = exported(database, "may")
    drawn = warehouse.fetch(
        database,
        "select customer_id, monthly_bill_amount::text as bill from ops.campaign_assignments"
        " where campaign_name = 'may' and arm = 'treatment' order by customer_id collate \"C\"",
    )
    assert [(row["customer_id"], row["monthly_bill"]) for row in rows] == [
        (row["customer_id"], row["bill"]) for row in drawn
    ]
    assert list(rows[0]) == list(campaign_export.EXPORTED)
    assert {row["offer_text"][:18] for row in rows} == {"Offer tech support"}
    assert exported(database, "may") == rows
    unwanted = rows[3]["customer_id"]
    warehouse.execute(database, "insert into ops.do_not_contact values (%s)", [unwanted])
    assert exported(database, "may") == rows[:3] + rows[4:]


def test_formulas_stay_text_and_come_back(database: warehouse.Connection, tmp_path: Path) -> None:
    rows = exported(database, "strange")
    shown = {"=cmd()": "'=cmd()", "+1": "'+1", "-2": "'-2", "@sum": "'@sum", "'=x": "''=x"}
    assert {row["customer_id"] for row in rows} == {shown.get(name, name) for name in STRANGE}
    assert {row["offer_text"] for row in rows} == {"'=1+1"}
    assert {row["monthly_bill"] for row in rows} == {"80.25"}
    file = tmp_path / "outcomes.csv"
    with file.open("w", newline="", encoding="utf-8") as text:
        csv.writer(text).writerows(
            [("customer_id", "converted"), *((row["customer_id"], "yes") for row in rows)]
        )
    assert campaign_outcomes.load_outcomes(database, "strange", file) == len(STRANGE)
    assert {row["customer_id"] for row in outcomes(database)} == set(STRANGE)


def test_a_spreadsheet_program_shows_the_same(
    database: warehouse.Connection, tmp_path: Path
) -> None:
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if not office:
        pytest.skip("LibreOffice is not installed")
    rows = exported(database, "strange")
    file = tmp_path / "strange.csv"
    file.write_bytes(b"".join(campaign_export.export(database, "strange")))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    for target, source in (("ods", file), ("csv:Text - txt - csv (StarCalc):44,34,76", None)):
        made = source or tmp_path / "out" / "strange.ods"
        subprocess.run(
            [
                office,
                profile,
                "--headless",
                # what its import dialog asks a person: commas, quotes, UTF-8
                *(["--infilter=CSV:44,34,76"] if source else []),
                "--convert-to",
                target,
                "--outdir",
                tmp_path / "out",
                made,
            ],
            check=True,
            capture_output=True,
            timeout=300,
        )
    with (tmp_path / "out" / "strange.csv").open(newline="", encoding="utf-8") as text:
        assert list(csv.DictReader(text)) == rows


def test_outcomes_are_stored_as_they_are(database: warehouse.Connection, tmp_path: Path) -> None:
    a, b, c, d, *rest = ids(database, "may")
    file = tmp_path / "first.csv"
    lines = ["Revenue,customer_id , CONVERTED,churned", f"12.5,{a},YES,no", "", f",{b},0,"]
    file.write_text("\r\n".join([*lines, f'-3,"{c}",True,1', ""]))
    assert campaign_outcomes.load_outcomes(database, "may", file) == 3
    found = [tuple(row.values())[1:5] for row in outcomes(database)]
    assert found == [
        (a, True, False, Decimal("12.50")),
        (b, False, None, Decimal("0.00")),
        (c, True, True, Decimal("-3.00")),
    ]
    later = tmp_path / "later.csv"
    later.write_text(f"customer_id,converted\n{d},no\n")
    assert campaign_outcomes.load_outcomes(database, "may", later) == 1
    before = outcomes(database)
    again = {file: "was loaded already, on .* for campaign may", later: "was loaded already"}
    changed = tmp_path / "changed.csv"
    changed.write_text(f"customer_id,converted\n{rest[0]},yes\n{d},yes\n")
    again[changed] = f"line 3, column customer_id: '{d}' has an outcome already"
    for path, message in again.items():
        with pytest.raises(NexasatError, match=message) as told:
            campaign_outcomes.load_outcomes(database, "may", path)
        assert told.value.exit_code == ExitCode.BAD_FILE
    assert outcomes(database) == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: the header does not fit: missing: customer_id, converted"),
        ("customer_id,converted\n", "has no data rows"),
        ("customer_id\n{a}\n", "missing: converted"),
        ("customer_id,converted,bonus\n{a},yes,1\n", "unexpected or twice: 'bonus'"),
        ("customer_id,converted,converted\n{a},yes,no\n", "unexpected or twice: 'converted'"),
        ("customer_id;converted\n{a};yes\n", "the header does not fit"),
        ("customer_id,converted\n{a},yes\n{b}\n", "line 3: 1 fields, but the header has 2"),
        ("customer_id,converted\n,yes\n", "line 2, column customer_id: is empty"),
        (
            "customer_id,converted\n{a},yes\nNobody,yes\n",
            "line 3, column customer_id: 'Nobody' is no customer",
        ),
        ("customer_id,converted\n{other},yes\n", "is a customer but not in the campaign"),
        (
            "customer_id,converted\n{a},yes\n{b},no\n{a},no\n",
            "line 4, column customer_id: '{a}' stands in the file twice",
        ),
        (
            "customer_id,converted\n{a},maybe\n{b},\n",
            "line 2, column converted: 'maybe' is neither yes nor no .and 1 more lines.",
        ),
        ("customer_id,converted\n{a},\n", "line 2, column converted: is neither yes nor no"),
        (
            "customer_id,converted,churned\n{a},no,perhaps\n",
            "line 2, column churned: 'perhaps' is neither",
        ),
        *(
            (
                f"customer_id,converted,revenue\n{{a}},no,{amount}\n",
                "line 2, column revenue: .* is no amount",
            )
            for amount in ("1e3", "NaN", '"1,000"', "1.234", "12345678901", "--1", ".5")
        ),
        (
            'customer_id,converted\n"{a},yes\n',
            "a double quote in the record that begins here is never closed",
        ),
    ],
)
def test_a_faulty_file_changes_nothing(
    database: warehouse.Connection, tmp_path: Path, text: str, message: str
) -> None:
    a, b, *_ = ids(database, "may")
    [other] = warehouse.fetch(
        database,
        "select min(customer_id) as id from marts.dim_customers where customer_id not in"
        " (select customer_id from ops.campaign_assignments)",
    )
    names = {"a": a, "b": b, "other": other["id"]}
    file = tmp_path / "outcomes.csv"
    file.write_text(text.format(**names))
    with pytest.raises(NexasatError, match=message.format(**names)) as told:
        campaign_outcomes.load_outcomes(database, "may", file)
    assert str(file) in str(told.value)
    assert told.value.hint
    assert told.value.exit_code == ExitCode.BAD_FILE
    assert outcomes(database) == []


def test_changed_assignments_take_no_outcomes(
    database: warehouse.Connection, tmp_path: Path
) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(f"customer_id,converted\n{ids(database, 'may')[0]},yes\n")
    warehouse.execute(
        database, "alter table ops.campaign_assignments disable trigger only_added_to"
    )
    warehouse.execute(
        database, "update ops.campaign_assignments set arm = 'control' where campaign_name = 'may'"
    )
    with pytest.raises(NexasatError, match="are not those that were drawn"):
        campaign_outcomes.load_outcomes(database, "may", file)
    assert outcomes(database) == []


def test_the_do_not_contact_list_grows(database: warehouse.Connection, tmp_path: Path) -> None:
    a, b, *_ = ids(database, "may")
    file = tmp_path / "list.csv"
    file.write_text(f"customer_id,reason\n{a},asked us\nStranger,\n{a},again\n")
    assert campaign_outcomes.add_no_contact(database, file) == (2, 1)
    file.write_text(f"customer_id\n{a}\n{b}\n")
    assert campaign_outcomes.add_no_contact(database, file) == (1, 0)
    query = "select customer_id, stated_reason from ops.do_not_contact order by 1"
    listed = [tuple(row.values()) for row in warehouse.fetch(database, query)]
    assert listed == sorted([(a, "again"), (b, None), ("Stranger", None)])
    file.write_text(f"customer_id,reason\n{ids(database, 'may')[2]},x\n,y\n")
    with pytest.raises(NexasatError, match="line 3, column customer_id: is empty"):
        campaign_outcomes.add_no_contact(database, file)
    assert [tuple(row.values()) for row in warehouse.fetch(database, query)] == listed
