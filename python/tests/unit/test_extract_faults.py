"""Files of which nothing is loaded: what is said, where it is, and that the way out works."""

import gzip
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat.errors import ExitCode, NexasatError
from nexasat.extract_file import open_extracts
from nexasat.generate_recipe import COLUMNS

Deliver = Callable[[bytes | str], list[tuple[int, str | list[str]]]]

HEADER = ",".join(COLUMNS)
ROW = "NSat1,Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0"
GOOD = f"{HEADER}\n{ROW}\n{ROW}\n"
OPEN = ROW.replace("Prepaid", '"Prepaid') + "\n"  # a quote that is not closed


def zipped(**files: str) -> bytes:
    """A zip archive with these files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


def refusal(deliver: Deliver, content: bytes | str) -> NexasatError:
    """Why an extract with these bytes is not loaded."""
    with pytest.raises(NexasatError) as caught:
        deliver(content)
    assert caught.value.exit_code == ExitCode.BAD_FILE
    assert caught.value.hint
    assert "extract.csv" in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", "is empty: line 1 should be a header", id="empty"),
        pytest.param("\n\r\n\n", "is empty: line 1 should be a header", id="blank lines only"),
        pytest.param(b"\xef\xbb\xbf", "is empty", id="byte order mark only"),
        pytest.param(HEADER, "has a header but no data rows", id="header only"),
        pytest.param(HEADER + "\r\n\r\n\n", "has a header but no data rows", id="no rows"),
        pytest.param(
            GOOD.replace("churn", "") + "\n",
            "line 1: the header does not fit: missing: churn; unexpected: no name for column 14$",
            id="a column without a name",
        ),
        pytest.param(
            "\n" + GOOD.replace("gender,", "").replace("churn", "extra,Other one"),
            "line 2: .*: missing: gender, churn; unexpected: 'extra', 'Other one'$",
            id="missing and unexpected columns",
        ),
        pytest.param(
            GOOD.replace("partner", "Gender"),
            "missing: partner; twice or more: gender$",
            id="twice",
        ),
        pytest.param(f"{ROW}\n{ROW}\n", "missing: customer_id, .*, churn; unexp", id="no header"),
        pytest.param(
            "x" * 5000 + "," * 500,
            f"unexpected: '{'x' * 40}', no name for column 2, .* and 451 more$",
            id="very strange header",
        ),
        pytest.param(
            b'{"a": 1}\n', "missing: customer_id, .*, churn; unexpected: '{\"a\": 1}'", id="JSON"
        ),
        pytest.param(
            GOOD.replace("Female", "Fe\0male", 1).replace("\n", "\r\n") + "no line end",
            rf"line 2, column 2: a NUL byte \(byte {len(HEADER) + 2 + 8} of the file\)",
            id="NUL",
        ),
        pytest.param(
            b"\xef\xbb\xbf"
            + GOOD.encode()
            + b"\n"
            + ROW.replace("Female", "Fémale").encode("latin-1"),
            rf"line 5, column 2.*: not UTF-8: byte 0xe9 \(byte {3 + len(GOOD) + 8} of the file\)",
            id="latin-1",
        ),
        pytest.param(
            GOOD.replace(HEADER, HEADER + ",café").encode("latin-1"),
            "line 1: the header does not fit: unexpected: 'café'$",
            id="latin-1 header",
        ),
        pytest.param(
            GOOD.encode() + b"\xed\xa0\x80\n",
            r"line 4, column 1.*: not UTF-8: byte 0xed",
            id="surrogate",
        ),
        pytest.param("gender;CHURN;else\n", "missing: .*; unexpected: 'else'$", id="semicolons"),
        pytest.param(
            GOOD.encode("utf-16") + b"\x00\xd8\x0a\x00", "line 4: not UTF-16, though", id="UTF-16"
        ),
        pytest.param(
            GOOD.encode("utf-16")[:-1], "line 3: not UTF-16, though", id="half a character"
        ),
        pytest.param(
            f"{GOOD}é\n".encode() + b"\xe9",
            r"line 5, column 1.*: not UTF-8: byte 0xe9",
            id="UTF-8 and Windows-1252",
        ),
        pytest.param(
            GOOD.encode() + b"\x81", r"line 4, column 1 .* not UTF-8: byte 0x81", id="no encoding"
        ),
        pytest.param(GOOD.encode("utf-32"), "is UTF-32 .byte order mark at byte 0", id="UTF-32"),
        pytest.param(GOOD.encode("utf-16-le"), "looks like UTF-16LE", id="UTF-16LE, no mark"),
        pytest.param(GOOD.encode("utf-16-be"), "looks like UTF-16BE", id="UTF-16BE, no mark"),
        pytest.param(GOOD.encode("utf-32-be"), "looks like UTF-32BE", id="UTF-32BE, no mark"),
        pytest.param(zipped(**{"[Content_Types].xml": "x"}), "is an Excel workbook", id="xlsx"),
        pytest.param(zipped(a=GOOD, b=GOOD), "must have one file in it, and has 2: a, b", id="zip"),
        pytest.param(zipped(), "must have one file in it, and has 0: nothing", id="none"),
        pytest.param(zipped(a=GOOD)[:90], "packed and damaged: File is not a zip file", id="cut"),
        pytest.param(
            gzip.compress(GOOD.encode())[:-9], "is packed and damaged: Compr", id="cut gzip"
        ),
        pytest.param(
            gzip.compress(GOOD.encode())[:-5] + b"abcde", "is packed and damaged: ", id="crc"
        ),
        pytest.param(gzip.compress(zipped(a=GOOD)), "Excel workbook or a zip archive", id="twice"),
        pytest.param(
            gzip.compress(GOOD.encode() + b"\0"),
            rf"line 4, column 1.*: a NUL byte \(byte {len(GOOD)} of the unpacked file",
            id="NUL in gzip",
        ),
        pytest.param(
            GOOD + OPEN + GOOD,
            r"line 4, column 8 .*: a double quote .* never closed, .* \(seen on line 7\)",
            id="unterminated quote",
        ),
        pytest.param(
            GOOD + OPEN + ROW + "\n" + ROW.replace("Yes", '"Yes"') + "\n",
            r"line 4, column 8 .* closed in the middle of a field \(seen on line 6\)",
            id="unterminated quote before another one",
        ),
        pytest.param(
            GOOD + "\n" + ROW.replace("Prepaid", '"Pre"paid') + "\n" + ROW,
            r"line 5, column 8 .* closed in the middle of a field \(seen on line 5\)",
            id="text after a quoted field",
        ),
        pytest.param(
            '"' + GOOD, r"line 1, column 1: .* never closed", id="unterminated quote in the header"
        ),
        pytest.param(
            GOOD + '"' + ROW * 300_000,
            "line 4: the record that begins here is longer than 16 MB",
            id="17 MB in a field",
        ),
        pytest.param(
            GOOD + '"' + (ROW + "\n") * 300_000,
            "line 4: the record that begins here is longer than 16 MB",
            id="17 MB of lines in a field",
        ),
        pytest.param(
            GOOD + OPEN + ROW.replace("Yes", '"Yes"') + "\n" + (ROW + "\n") * 300_000,
            r"line 4, column 8: .* closed in the middle of a field \(seen on line 5\)",
            id="17 MB after a stray quote",
        ),
        pytest.param("é" * (9 << 20), "line 1: .* is longer than 16 MB", id="17 MB of é"),
        pytest.param("x" + "é" * (9 << 20), "line 1: .* is longer than 16 MB", id="17 MB of xé"),
        pytest.param(b"\xff" * (17 << 20), "line 1: .* is longer than 16 MB", id="17 MB of ÿ"),
        pytest.param(bytes(range(256)), "line 1, column 1: a NUL byte .byte 0 ", id="binary"),
    ],
)
def test_a_fault_of_the_file_is_told_with_its_place(
    deliver: Deliver, content: bytes | str, message: str
) -> None:
    assert re.search(message, str(refusal(deliver, content)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (GOOD.encode("utf-16-le"), "UTF-16LE"),
        (GOOD.encode("utf-32"), "UTF-32"),
        (GOOD.replace("Female", "Fe\0male").encode(), "NUL"),
    ],
)
def test_the_way_out_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deliver: Deliver, content: bytes, message: str
) -> None:
    folder = tmp_path / "it's a folder"
    folder.mkdir()
    monkeypatch.chdir(folder)
    path = Path("my extract.csv")
    path.write_bytes(content)
    with pytest.raises(NexasatError) as caught, open_extracts([path]) as [extract]:
        list(extract)
    assert message in str(caught.value)
    command = caught.value.hint.partition(": ")[2]
    if command.startswith("iconv") and not shutil.which("iconv"):
        pytest.skip("there is no iconv")
    command = command.replace("python3", sys.executable)
    subprocess.run(command, shell=True, check=True)  # noqa: S602  a user's shell is meant
    made = Path(command.rpartition("> ")[2])
    rows = deliver(made.read_bytes())
    assert [row[0] for _, row in rows] == ["NSat1", "NSat1"]


def test_a_fault_beyond_the_first_block_names_the_column(deliver: Deliver) -> None:
    rows = (ROW + "\n") * 5000
    where = r"line 5002, column 2 \(gender\): a"
    assert re.search(where, str(refusal(deliver, f"{HEADER}\n{rows}NSat2,Fe\0male")))
    assert re.search(where, str(refusal(deliver, f'{HEADER}\n{rows}NSat2,"Fe"male,')))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    cases = {
        tmp_path / "no.csv": "there is no file",
        tmp_path: "is a folder",
        tmp_path / ("x" * 300): "cannot be read: File name too long",
    }
    if os.geteuid() != 0:  # root may read all
        locked = tmp_path / "locked.csv"
        locked.write_text(GOOD)
        locked.chmod(0)
        cases[locked] = "cannot be read: Permission denied"
    if Path("/proc/self/mem").exists():  # opens, but does not read
        cases[Path("/proc/self/mem")] = "cannot be read: Input/output error"
    for path, message in cases.items():
        with pytest.raises(NexasatError, match=message) as caught, open_extracts([path]):
            pass
        assert caught.value.exit_code == ExitCode.BAD_FILE
        assert str(path) in str(caught.value)


def test_a_file_that_is_still_being_written_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    path.write_text(GOOD)
    with open_extracts([path]) as [extract]:
        with path.open("a") as more:
            more.write(ROW)
        with pytest.raises(NexasatError, match="changed while it was read"):
            list(extract)
    with open_extracts([path]) as [extract]:
        list(extract)
    assert extract.delivered_rows == 3
