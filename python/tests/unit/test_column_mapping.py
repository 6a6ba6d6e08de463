"""`--mapping`: what it does to a file, and what is said of a mapping that makes no sense."""

import csv
import io
import re
from pathlib import Path

import pytest

from nexasat.column_mapping import ColumnMapping, read_mapping
from nexasat.errors import ExitCode, NexasatError
from nexasat.extract_file import open_extracts
from nexasat.generate_recipe import COLUMNS

MAPPING = """
columns:
  customer_id: customerID
  tenure_months: tenure
  plan_level: Contract
  plan_type: Contract
values:
  churn: {Yes: 1, No: 0, "": "?"}
  plan_level: {Month-to-month: Basic}
constants:
  call_duration: 0
  data_usage: 0
ignore: [Fax, "no such column"]
"""
HEADER = (
    "Fax;customerID;gender;partner;dependents;senior_citizen;tenure;Contract;"
    "monthly-bill-amount;multiple_lines;tech_support;CHURN"
)
ROW = "1;A1;Male;Yes;No;0;12; Month-to-month ;19.9;No;No;{}"


def mapped(tmp_path: Path, text: str, mapping: str) -> list[dict[str, str]]:
    path, rules = tmp_path / "extract.csv", tmp_path / "rules.yml"
    path.write_text(text, encoding="utf-8")
    rules.write_text(mapping, encoding="utf-8")
    with open_extracts([path], read_mapping(rules)) as [extract]:
        rows = io.StringIO(b"".join(extract).decode(), newline="")
        names = ("line", "raw", *extract.columns)
        assert sorted(extract.columns) == sorted(COLUMNS)
        assert extract.mapping_sha256
        found = csv.reader(rows, delimiter=extract.delimiter)
        return [dict(zip(names, row, strict=True)) for row in found]


def refusal(tmp_path: Path, text: str, mapping: str) -> NexasatError:
    with pytest.raises(NexasatError) as caught:
        mapped(tmp_path, text, mapping)
    assert caught.value.exit_code == ExitCode.BAD_FILE
    assert caught.value.hint
    return caught.value


def test_columns_are_renamed_values_mapped_and_constants_filled_in(tmp_path: Path) -> None:
    text = "\n".join([HEADER, ROW.format("Yes"), "short", ROW.format(" "), ROW.format("yes")])
    first, short, empty, strange = mapped(tmp_path, text, MAPPING)
    assert first == {
        **{"line": "2", "raw": "", "customer_id": "A1", "gender": "Male", "partner": "Yes"},
        **{"dependents": "No", "senior_citizen": "0", "call_duration": "0", "data_usage": "0"},
        **{"plan_type": " Month-to-month ", "plan_level": "Basic", "tenure_months": "12"},
        **{"monthly_bill_amount": "19.9", "multiple_lines": "No", "tech_support": "No"},
        "churn": "1",
    }
    assert (short["line"], short["raw"]) == ("3", "short")
    assert {text for name, text in short.items() if name in COLUMNS} == {""}
    assert (empty["churn"], strange["churn"]) == ("?", "yes")


def test_renaming_alone_leaves_the_records_as_they_are(tmp_path: Path) -> None:
    header = ",".join(COLUMNS).replace("churn", "Left us")
    row = ",".join("abcdefghijklmn")
    [found] = mapped(tmp_path, f"{header}\n{row}\n", "columns: {churn: left us}")
    assert [found[name] for name in COLUMNS] == row.split(",")


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("colums: {}", r"rules.yml: unknown key 'colums'$"),
        ("- columns", r"rules.yml: a mapping of the keys columns, values, constants, ignore is"),
        ("columns: [churn]", r"rules.yml: columns must be column here: column of the file$"),
        ("columns: {left: churn}", r"columns.left: there is no column left here$"),
        ("columns: {churn: [a]}", r"columns.churn must be column here: column of the file$"),
        ("columns: {churn: Left}", r"rules.yml: columns.churn: .*extract.csv has no column 'Left'"),
        ("values: {left: {}}", r"values.left: there is no column left here$"),
        ("values: {churn: Yes}", r"values.churn must be column here: {value of the file: value h"),
        ("values: {churn: {a: [b]}}", r"values.churn must be"),
        ("constants: {churn: {}}", r"constants.churn must be column here: one value"),
        ("ignore: Fax", r"ignore must be a list of columns of the file$"),
        ("columns: {churn: a}\nconstants: {churn: 1}", r"churn is in columns and in constants$"),
        ("values: {churn: {}}\nconstants: {churn: 1}", r"values.churn: churn is a constant$"),
        ("columns: {churn: a, churn: b}", r"rules.yml, line 1, column 21: the key 'churn' comes"),
        ("columns: {", r"rules.yml, line 1, column 11: "),
        ("columns: \x01", r"rules.yml.*: "),
        ("columns: {customer_id: customerID}", r"missing: call_duration, .*; unexpected: 'Fax', "),
    ],
)
def test_what_makes_no_sense_is_told_by_its_key(tmp_path: Path, mapping: str, message: str) -> None:
    assert re.search(message, str(refusal(tmp_path, HEADER + "\n", mapping)))


def test_the_hint_names_the_keys_to_add(tmp_path: Path) -> None:
    hint = refusal(tmp_path, HEADER + "\n", MAPPING.replace("  data_usage: 0\n", "")).hint
    assert hint.endswith("rules.yml: columns.data_usage or constants.data_usage")
    hint = refusal(tmp_path, HEADER + ";Extra\n", MAPPING).hint
    assert hint.endswith("rules.yml: ignore, for columns that are not needed")
    hint = refusal(tmp_path, HEADER + ";gender\n", MAPPING).hint
    assert hint == "name each column once"


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(NexasatError, match="there is no file") as caught:
        read_mapping(tmp_path / "no.yml")
    assert caught.value.exit_code == ExitCode.BAD_FILE


def test_an_empty_mapping_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "empty.yml"
    path.write_text("# nothing yet\n")
    found = read_mapping(path)
    assert found == ColumnMapping(path, sha256=found.sha256)
