"""What an extract delivers: every record, in order, with its line and its text."""

import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat import extract_lines
from nexasat.extract_file import open_extracts
from nexasat.generate import write_extract
from nexasat.generate_recipe import COLUMNS

PROJECT = Path(__file__).resolve().parents[3]
HEADER = (
    "Customer_ID,Gender,Partner,Dependents,Senior_Citizen,Call_Duration,Data_Usage,Plan_Type,"
    "Plan_Level,Monthly_Bill_Amount,Tenure_Months,Multiple_Lines,Tech_Support,Churn"
)
FIRST = "NSat1,Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0"
SECOND = "NSat2,Male,No,No,0,383,5.35,Prepaid,Basic,80,7,No,No,1"
GOOD = f"{HEADER}\n{FIRST}\n{SECOND}\n"

Delivered = list[tuple[int, str | list[str]]]  # line, and the fields or the raw record
Deliver = Callable[[bytes | str], Delivered]


def changed(row: str, **fields: str) -> str:
    """A row with other fields, by the names of the header."""
    values = dict(zip(HEADER.split(","), row.split(","), strict=True)) | fields
    return ",".join(values.values())


GOOD_ROWS: Delivered = [(2, FIRST.split(",")), (3, SECOND.split(","))]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(GOOD, id="as it should be"),
        pytest.param(b"\xef\xbb\xbf" + GOOD.encode(), id="byte order mark"),
        pytest.param(GOOD.replace("\n", "\r\n"), id="CRLF"),
        pytest.param(GOOD.replace("\n", "\r"), id="CR alone"),
        pytest.param(GOOD.rstrip("\n"), id="no line end at the end"),
        pytest.param(GOOD + "\n\r\n\n", id="blank lines at the end"),
        pytest.param(GOOD.replace(HEADER, HEADER.swapcase()), id="header in another case"),
        pytest.param(
            GOOD.replace(HEADER, HEADER.replace("_", " ").replace(",", " , ")),
            id="header with spaces",
        ),
        pytest.param(GOOD.replace(HEADER, HEADER.replace("_", "-")), id="header with dashes"),
        pytest.param('"' + re.sub(r"(?<=.)([,\n])(?=.)", r'"\1"', GOOD)[:-1] + '"\n', id="quoted"),
        pytest.param(GOOD.replace("Female", '"Female"').replace("Male,", '"Male",'), id="partly"),
    ],
)
def test_the_same_rows_in_many_dresses(deliver: Deliver, content: bytes | str) -> None:
    assert [row for _, row in deliver(content)] == [row for _, row in GOOD_ROWS]
    assert [line for line, _ in deliver(content)] == [2, 3]


def test_blank_lines_are_no_rows_but_count_as_lines(deliver: Deliver) -> None:
    text = f"\n\r\n{HEADER}\n\n{FIRST}\r\n\r\n\r\n{SECOND}\n"
    assert deliver(text) == [(5, FIRST.split(",")), (8, SECOND.split(","))]
    assert deliver(text.replace("Female", '"Fe""male"'))[1] == (8, SECOND.split(","))


def test_fields_keep_the_order_of_the_header(tmp_path: Path, deliver: Deliver) -> None:
    path = tmp_path / "extract.csv"
    path.write_text("".join(",".join(line.split(",")[::-1]) + "\n" for line in GOOD.splitlines()))
    with open_extracts([path]) as [extract]:
        assert extract.columns == COLUMNS[::-1]
    assert deliver(path.read_bytes())[0] == (2, FIRST.split(",")[::-1])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ('"Pre\npaid"', "Pre\npaid"),
        ('"Pre\r\npaid"', "Pre\r\npaid"),
        ('"Pre""paid"', 'Pre"paid'),
        ('"1,234.5"', "1,234.5"),
        ('Pre"paid', 'Pre"paid'),
        ("\\N", "\\N"),
        ("C:\\.", "C:\\."),
        ('"\n\\.\n"', "\n\\.\n"),
        ("", ""),
        ('""', ""),
        (" NULL ", " NULL "),
        ("=cmd|' /C calc'!A0", "=cmd|' /C calc'!A0"),
        ("Fémale ١٥٦ \u2028\x0b\x1c\x85", "Fémale ١٥٦ \u2028\x0b\x1c\x85"),
        pytest.param("x" * 1_000_000, "x" * 1_000_000, id="1 MB"),
        pytest.param(f'"{"x" * 1_000_000}\n"', "x" * 1_000_000 + "\n", id="1 MB, quoted"),
        pytest.param("x" * (15 << 20), "x" * (15 << 20), id="15 MB"),
    ],
)
def test_a_field_is_delivered_as_it_is(deliver: Deliver, field: str, value: str) -> None:
    lines = len(field.splitlines()) if field.count("\n") else 1
    rows = deliver(GOOD + changed(FIRST, Plan_Type=field) + "\n" + SECOND + "\n")
    line, row = rows[2]
    assert line == 4
    assert row[7] == value
    assert row[6] == "8.36"
    assert rows[3] == (4 + lines, SECOND.split(","))


@pytest.mark.parametrize(
    "record",
    [
        "NSat3,Male,No",
        SECOND + ",oops",
        SECOND + ",",
        "\\.",
        "   ",
        ",",
        '""',
        '"a ""quoted"" word",2',
        '"two\nlines",2',
        '"spaces at the end", b ',
        '"two\r\nlines\r\n",' + SECOND,
        "a\u2028b\x0b",
        HEADER + "," + HEADER,
    ],
)
def test_a_record_that_does_not_split_is_delivered_as_text(deliver: Deliver, record: str) -> None:
    lines = 1 + record.count("\n")
    assert deliver(GOOD + record + "\r\n" + SECOND) == [
        *GOOD_ROWS,
        (4, record),
        (4 + lines, SECOND.split(",")),
    ]


@pytest.fixture(params=[16, 50, 1000])
def small_blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read a few bytes at a time."""
    monkeypatch.setattr(extract_lines, "BLOCK", request.param)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_it_does_not_matter_where_a_block_ends(
    deliver: Deliver, read_plainly: Callable[[str], Delivered], line_end: str
) -> None:
    rows = [FIRST, SECOND, "short", changed(FIRST, Gender='"a""\n,b"'), SECOND * 9, "", FIRST] * 9
    text = line_end.join(["", HEADER, *rows])
    assert deliver(text) == read_plainly(text)
    assert len(deliver(text)) == 9 * 6


def test_a_large_extract_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    write_extract(path, 300_000, 1, lambda _: None)
    tracemalloc.start()
    with open_extracts([path]) as [extract]:
        assert sum(map(len, extract)) > path.stat().st_size > 19_000_000
    assert tracemalloc.get_traced_memory()[1] < 8_000_000
    tracemalloc.stop()


def test_the_columns_are_those_of_the_warehouse() -> None:
    macro = (PROJECT / "macros" / "extract_columns.sql").read_text()
    assert re.findall(r"'(\w+)'", macro) == list(COLUMNS)
