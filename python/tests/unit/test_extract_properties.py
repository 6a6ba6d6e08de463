"""What holds for any extract: records of any text, and good files with any damage."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nexasat import extract_lines
from nexasat.errors import ExitCode, NexasatError
from nexasat.extract_source import UTF8_CHARACTER
from nexasat.generate_recipe import COLUMNS

Delivered = list[tuple[int, str | list[str]]]  # line, and the fields or the raw record
Deliver = Callable[[bytes | str], Delivered]

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
SPICE = st.sampled_from(["", '"', '""', ",", "\n", "\r", "\r\n", "\\.", " ", '"\n', "é", "\ufeff"])
FIELDS = st.one_of(TEXT, SPICE)
RECORDS = st.lists(
    st.one_of(st.lists(FIELDS, min_size=14, max_size=14), st.lists(FIELDS, max_size=16)),
    max_size=20,
)
BLOCKS = st.sampled_from([16, 100, 1 << 18])  # bytes read at a time

HEADER = ",".join(COLUMNS)
ROW = "NSat1,Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0"
QUOTED = ROW.replace("Female", '"Fe\nmale"')
BASE = f'{HEADER}\n{ROW}\n{ROW}\n{QUOTED}\n"short"\n{ROW}\n'.encode()
PLACES = st.integers(0, len(BASE))
ODD = st.sampled_from([b'"', b'""', b",", b"\n", b"\r", b"\0", b"\xff", b"\xe9", b"\\.", b""])
DAMAGES = st.lists(
    st.tuples(PLACES, st.integers(0, 3), st.one_of(ODD, st.binary(max_size=3))),
    min_size=1,
    max_size=4,
)


def in_blocks(deliver: Deliver, content: bytes | str, block: int) -> Delivered | NexasatError:
    """What is delivered when so many bytes are read at a time, or why the file was refused."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extract_lines, "BLOCK", block)
        try:
            return deliver(content)
        except NexasatError as error:
            return error


@given(RECORDS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), BLOCKS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nothing_that_csv_writes_is_lost(
    deliver: Deliver, records: list[list[str]], quoting: int, block: int
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(COLUMNS)
    wanted: Delivered = []
    for record in records:
        before = text.getvalue()
        writer.writerow(record)
        raw = text.getvalue()[len(before) : -2]
        line = 1 + len(re.findall(r"\r\n|\r|\n", before))
        if record:
            wanted.append((line, record if len(record) == len(COLUMNS) else raw))
    found = in_blocks(deliver, text.getvalue(), block)
    if wanted:
        assert found == wanted
    else:
        assert str(found).endswith("has a header but no data rows")


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


@given(DAMAGES, BLOCKS)
@example([(len(HEADER) + 5, 0, b'"')], 1 << 18)
@example([(len(BASE) - 4, 0, b'"')], 16)
@settings(
    max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_a_damaged_file_is_refused_or_delivered_whole(
    deliver: Deliver,
    read_plainly: Callable[[str], Delivered],
    damages: list[tuple[int, int, bytes]],
    block: int,
) -> None:
    content = BASE
    for place, length, instead in damages:
        content = content[:place] + instead + content[place + length :]
    found = in_blocks(deliver, content, block)
    try:
        wanted = read_plainly(content.decode("utf-8" if is_utf8(content) else "cp1252"))
    except (UnicodeDecodeError, csv.Error):
        wanted = []
    if isinstance(found, NexasatError):
        assert found.exit_code == ExitCode.BAD_FILE
        assert found.hint
        header_is_whole = content.startswith(f"{HEADER}\n".encode())
        is_mixed = not is_utf8(content) and UTF8_CHARACTER.search(content)
        assert not wanted or b"\0" in content or not header_is_whole or is_mixed
    else:
        assert found == wanted
