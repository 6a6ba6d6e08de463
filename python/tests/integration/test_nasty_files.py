"""The 44 files that break other loaders: refused with the place, or judged row by row."""

import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from nexasat import judging, warehouse
from nexasat.dbt_runner import Dbt, Relation
from nexasat.errors import ExitCode, NexasatError
from nexasat.extract_file import open_extracts
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

HEADER = ",".join(COLUMNS)
FIRST = "N1,Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0"
SECOND = "N2,Male,No,No,0,383,5.35,Prepaid,Basic,80,7,No,No,1"
GOOD = f"{HEADER}\n{FIRST}\n{SECOND}\n"
NUMBER = "is not a number with at most 2 decimals"
SPLIT = "the record does not split into the columns of the header"


def third(**fields: str) -> str:
    """The good file with a third row."""
    values = dict(zip(COLUMNS, FIRST.split(","), strict=True)) | {"customer_id": "N3"} | fields
    return f"{GOOD}{','.join(values.values())}\n"


ACCEPTED: dict[str, tuple[str | bytes, int]] = {  # and how many rows
    "clean": (GOOD, 2),
    "CRLF": (GOOD.replace("\n", "\r\n"), 2),
    "CR alone": (GOOD.replace("\n", "\r"), 2),
    "byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), 2),
    "semicolons": (GOOD.replace(",", ";"), 2),
    "UTF-16": (GOOD.encode("utf-16"), 2),
    "latin-1": (third(customer_id="Né3").encode("latin-1"), 3),
    "reordered": ("\n".join(",".join(line.split(",")[::-1]) for line in GOOD.splitlines()), 2),
    "blank lines": (GOOD.replace("\n", "\n\n"), 2),
    "header in capitals": (GOOD.replace(HEADER, HEADER.upper()), 2),
    "header with spaces": (GOOD.replace(HEADER, HEADER.replace(",", " , ")), 2),
    "field with spaces": (third(gender=" Female ", plan_level="basic "), 3),
    "id with zeros": (third(customer_id="00101"), 3),
    "id with underscore": (third(customer_id="2905_0004"), 3),
    "id like a date": (third(customer_id="2024-01-01"), 3),
}
REJECTED: dict[str, tuple[str, set[str]]] = {  # one row, and all the reasons against it
    "quoted newline": (third(plan_type='"Pre\npaid"'), {"plan is not a plan of cfg_plans"}),
    "row too long": (third(churn="0,surplus"), {SPLIT}),
    "row too short": (GOOD + "N3,Male\n", {SPLIT}),
    "lone end mark": (GOOD + "\\.\n", {SPLIT}),
    "id twice": (third(customer_id="N1"), {"customer_id is delivered again"}),
    "no id": (third(customer_id=""), {"customer_id is missing"}),
    "1 MB in a field": (third(gender="x" * 1_000_000), {"gender is not Female or Male"}),
    "negative bill": (third(monthly_bill_amount="-1"), {"monthly_bill_amount is negative"}),
    "negative tenure": (third(tenure_months="-1"), {"tenure_months is negative"}),
    "NaN": (third(monthly_bill_amount="NaN"), {f"monthly_bill_amount {NUMBER}"}),
    "infinity": (third(data_usage="Infinity"), {f"data_usage {NUMBER}"}),
    "thousands": (third(monthly_bill_amount='"1,234.5"'), {f"monthly_bill_amount {NUMBER}"}),
    "decimal comma": (third(monthly_bill_amount='"126,50"'), {f"monthly_bill_amount {NUMBER}"}),
    "signs": (
        third(monthly_bill_amount="$126", data_usage="50%"),
        {f"monthly_bill_amount {NUMBER}", f"data_usage {NUMBER}"},
    ),
    "formula": (third(plan_type="=cmd|' /C calc'!A0"), {"plan is not a plan of cfg_plans"}),
    "N/A": (
        third(monthly_bill_amount="N/A", tenure_months="NULL"),
        {f"monthly_bill_amount {NUMBER}", "tenure_months is not a whole number"},
    ),
    "overflow": (third(call_duration="3000000000"), {"call_duration is not a whole number"}),
    "half a month": (third(tenure_months="12.5"), {"tenure_months is not a whole number"}),
    "true": (third(churn="true"), {"churn is not 0 or 1"}),
    "exponent": (third(monthly_bill_amount="1e3"), {f"monthly_bill_amount {NUMBER}"}),
    "hexadecimal": (third(call_duration="0x1A"), {"call_duration is not a whole number"}),
    "Arabic digits": (third(call_duration="١٥٦"), {"call_duration is not a whole number"}),
    "no-break space": (third(data_usage="\u00a08.36"), {f"data_usage {NUMBER}"}),
}
REFUSED: dict[str, tuple[str, str]] = {  # nothing is loaded, and why
    "missing column": (GOOD.replace(",churn", ""), "line 1: .* missing: churn"),
    "extra column": (GOOD.replace("churn", "churn,fax"), "line 1: .* unexpected: 'fax'"),
    "column twice": (GOOD.replace("partner", "gender"), "line 1: .* twice or more: gender"),
    "header only": (HEADER + "\n", "has a header but no data rows"),
    "empty": ("", "is empty: line 1 should be a header"),
    "NUL": (
        GOOD.replace("Male", "Ma\0le"),
        rf"line 3, column 2.*: .*byte {GOOD.index('le,No')} of",
    ),
    "quote without end": (third(gender='"Female'), r"line 4, column 2.*: a double quote .* never"),
}


@pytest.fixture(scope="module")
def rules(dbt_settings: Callable[[str], Settings]) -> tuple[dict[str, str], list[Relation]]:
    """The libpq variables of an empty database, and the rules of staging."""
    settings = dbt_settings("nasty")
    with pytest.MonkeyPatch.context() as patch:  # dbt reads them in this process
        for name, value in settings.environment.items():
            patch.setenv(name, value)
        return dict(settings.environment), Dbt(settings, {}).compile(judging.RULES)


Judge = Callable[[str | bytes], judging.Verdict]


@pytest.fixture(scope="module")
def judge(
    rules: tuple[dict[str, str], list[Relation]], tmp_path_factory: pytest.TempPathFactory
) -> Judge:
    """What becomes of a file with this content."""
    path = tmp_path_factory.mktemp("nasty") / "nasty.csv"

    def run(content: str | bytes) -> judging.Verdict:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with open_extracts([path]) as extracts, warehouse.connect(rules[0]) as connection:
            return judging.judge(connection, extracts, rules[1], lambda _: None)

    return run


def test_the_files_are_44_or_more() -> None:
    assert len(ACCEPTED) + len(REJECTED) + len(REFUSED) >= 44


@pytest.mark.parametrize("name", ACCEPTED)
def test_every_row_is_accepted(judge: Judge, name: str) -> None:
    content, rows = ACCEPTED[name]
    found = judge(content)
    assert (found.delivered_rows, found.accepted_rows, found.rejected_rows) == (rows, rows, 0)


@pytest.mark.parametrize("name", REJECTED)
def test_the_one_bad_row_is_rejected_with_all_reasons(judge: Judge, name: str) -> None:
    content, reasons = REJECTED[name]
    found = judge(content)
    assert (found.delivered_rows, found.accepted_rows, found.rejected_rows) == (3, 2, 1)
    assert {each.reason for each in found.reasons} == reasons
    bad = 2 if name == "id twice" else 4
    assert {(each.refused_rows, each.first_line) for each in found.reasons} == {(1, bad)}


@pytest.mark.parametrize("name", REFUSED)
def test_the_file_is_refused_with_the_place(judge: Judge, name: str) -> None:
    content, message = REFUSED[name]
    with pytest.raises(NexasatError) as caught:
        judge(content)
    assert caught.value.exit_code == ExitCode.BAD_FILE
    assert re.search(rf"nasty\.csv.*{message}", str(caught.value))


def judged(judge: Judge, content: bytes) -> judging.Verdict | NexasatError:
    """What becomes of a file, or why it was refused."""
    try:
        return judge(content)
    except NexasatError as error:
        return error


@given(
    st.lists(
        st.tuples(
            st.integers(len(HEADER) + 1, len(GOOD) * 2),
            st.integers(0, 3),
            st.one_of(
                st.sampled_from(["", '"', ",", "\n", "\r", "é", "'", " "]), st.text(max_size=3)
            ),
        ),
        min_size=1,
        max_size=5,
    )
)
@hypothesis_settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_damage_loses_a_row(judge: Judge, damages: list[tuple[int, int, str]]) -> None:
    text = GOOD + FIRST.replace("N1", "N3") + "\n" + SECOND.replace("N2", "N4") + "\n"
    for place, length, instead in damages:
        text = text[:place] + instead + text[place + length :]
    found = judged(judge, text.encode("utf-8", errors="surrogatepass"))
    if isinstance(found, NexasatError):
        assert found.exit_code == ExitCode.BAD_FILE
        assert found.hint
    else:
        assert found.delivered_rows == found.accepted_rows + found.rejected_rows > 0
        assert (found.rejected_rows > 0) == bool(found.reasons)
