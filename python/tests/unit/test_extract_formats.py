"""Files in many dresses: encoding, delimiter and packing are found out and told."""

import csv
import gzip
import hashlib
import io
import os
import threading
import zipfile
from pathlib import Path

import pytest

from nexasat import extract_lines
from nexasat.errors import NexasatError
from nexasat.extract_file import Extract, open_extracts
from nexasat.generate_recipe import COLUMNS

HEADER = ",".join(COLUMNS)
ROW = "NSat1,Féma\u0160le €,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0"
QUOTED = ROW.replace("Yes", '"Yes, or\nno"').replace("Prepaid", '"Pre""paid"')
TEXT = f"{HEADER}\n{ROW}\n{ROW},surplus\n{QUOTED}\nshort\n"
PLAIN = TEXT.replace('"', "'")


def read(path: Path) -> tuple[Extract, str]:
    """All that an extract delivers, with a comma between fields."""
    with open_extracts([path]) as [extract]:
        text = b"".join(extract).decode()
    return extract, text


def zipped(**files: str | bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.fixture(params=[16, 1000, 1 << 18])
def blocks(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read so many bytes at a time."""
    monkeypatch.setattr(extract_lines, "BLOCK", request.param)


@pytest.mark.usefixtures("blocks")
@pytest.mark.parametrize("text", [TEXT, PLAIN])
@pytest.mark.parametrize(
    ("encoding", "packing", "description"),
    [
        ("utf-8", "", "UTF-8"),
        ("utf-8-sig", "", "UTF-8 with a byte order mark"),
        ("windows-1252", "", "Windows-1252"),
        ("utf-16", "", "UTF-16"),
        ("utf-8", "gz", "gzip, UTF-8"),
        ("windows-1252", "gz", "gzip, Windows-1252"),
        ("utf-16", "gz", "gzip, UTF-16"),
        ("utf-8-sig", "zip", "zip, UTF-8 with a byte order mark"),
        ("windows-1252", "zip", "zip, Windows-1252"),
    ],
)
def test_the_same_rows_in_any_encoding_and_packing(
    tmp_path: Path, text: str, encoding: str, packing: str, description: str
) -> None:
    plain, packed = tmp_path / "plain.csv", tmp_path / "any"
    plain.write_text(text, encoding="utf-8")
    content = text.encode(encoding)
    wrap = {
        "": lambda: content,
        "gz": lambda: gzip.compress(content),
        "zip": lambda: zipped(**{"july.csv": content, "__MACOSX/july.csv": b"x"}),
    }
    packed.write_bytes(wrap[packing]())
    extract, found = read(packed)
    assert found == read(plain)[1]
    assert extract.delivered_rows == (4 if text == TEXT else 7)
    assert extract.description == f"{description}, comma between fields, header on line 1"
    assert extract.byte_count == packed.stat().st_size
    assert extract.sha256 == hashlib.sha256(packed.read_bytes()).hexdigest()


def test_utf_16_with_the_high_byte_first(tmp_path: Path) -> None:
    plain, path = tmp_path / "plain.csv", tmp_path / "any"
    plain.write_text(TEXT, encoding="utf-8")
    path.write_bytes(b"\xfe\xff" + TEXT.encode("utf-16-be"))
    assert read(path)[1] == read(plain)[1]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
@pytest.mark.parametrize("quotes", [False, True])
def test_the_same_rows_with_any_delimiter(tmp_path: Path, delimiter: str, quotes: bool) -> None:
    text = TEXT if quotes else PLAIN
    path = tmp_path / "extract.csv"
    rows = [line.replace(",", delimiter) for line in text.split("\n")]
    path.write_text("\n".join(rows).replace(f"{delimiter} or", ", or"), encoding="utf-8")
    extract, found = read(path)
    assert extract.delimiter == delimiter
    plain = tmp_path / "plain.csv"
    plain.write_text(text, encoding="utf-8")

    def fields(rows: str, mark: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(rows, newline=""), delimiter=mark, strict=True))

    wanted = fields(read(plain)[1], ",")
    for row in wanted:
        row[1] = row[1].replace(",", delimiter)
    if quotes:
        assert fields(found, delimiter) == wanted
        assert '", or' not in found
    assert extract.delivered_rows == len(wanted)


def test_a_character_across_two_blocks_is_utf_8(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "extract.csv"
    path.write_text(f"{HEADER}\n{ROW}\n".replace("\u0160", "").replace("€", ""), encoding="utf-8")
    for block in range(1, 8):
        monkeypatch.setattr("nexasat.extract_source.BLOCK", block)
        assert read(path)[0].description.startswith("UTF-8,")


def test_where_the_header_is_and_its_order_are_told(tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    lines = [HEADER, "," * 13]
    path.write_text("\n\n" + "\n".join(",".join(line.split(",")[::-1]) for line in lines))
    extract, _ = read(path)
    assert extract.description == (
        "UTF-8, comma between fields, header on line 3, columns reordered"
    )


def test_a_packed_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    content = gzip.compress(TEXT.encode())
    writing = threading.Thread(target=path.write_bytes, args=[content])
    writing.start()
    extract, _ = read(path)
    writing.join()
    assert extract.is_pipe
    assert extract.delivered_rows == 4
    assert extract.sha256 == hashlib.sha256(content).hexdigest()


def test_several_files_count_their_lines_on(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(TEXT, encoding="utf-8")
    two.write_text(TEXT.replace("NSat1", "NSat2"), encoding="windows-1252")
    with open_extracts([one, two]) as [first, second]:
        assert b"".join(first).startswith(b"2,")
        assert first.last_line == TEXT.count("\n")
        second.lines_before = first.last_line
        rows = b"".join(second).split(b"\r\n")
        assert rows[0].startswith(b"%d,,NSat2" % (first.last_line + 2))
        assert second.last_line == 2 * first.last_line


def test_the_same_file_twice_in_one_load_is_refused(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text(TEXT)
    two.write_text(TEXT)
    with pytest.raises(NexasatError, match="are the same file"), open_extracts([one, two]):
        pass
