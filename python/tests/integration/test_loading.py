"""Loading an extract: what arrives, what it replaces, and what the command says."""

import hashlib
import os
import re
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from nexasat import copying, loading, warehouse
from nexasat import server as servers
from nexasat.errors import ExitCode, NexasatError
from nexasat.extract_file import open_extracts
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

HEADER = ",".join(COLUMNS)
EMPTY_RAW = [  # the relations of schema raw before the first load
    "extract_files",
    "extract_files_pkey",
    "extract_loads",
    "extract_loads_load_id_seq",
    "extract_loads_pkey",
    "extract_rows",
]
ROW = "NSat{},Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0\n"

Raw = dict[str, str]
Load = Callable[..., loading.Load]
Ask = Callable[[str], list[tuple[Any, ...]]]
State = Callable[[], list[tuple[Any, ...]]]
Nexasat = Callable[..., subprocess.CompletedProcess[str]]


def test_an_extract_arrives_as_it_was_delivered(load: Load, ask: Ask, tmp_path: Path) -> None:
    odd = "é \u2028 ١٥٦ \\N =1+1|' \x1a\t\x7f"
    strange = ["0", "", " ", "N/A", "-1", "NaN", "1,234.5", 'say "hi"', "two\nlines", "\r", "a\r\n"]
    strange += ["x" * 1_000_000, "\n\\.\n", odd]
    quoted = ",".join('"' + field.replace('"', '""') + '"' for field in strange)
    plain = [odd, "", " b ", *"cdefghijklm"]
    records = [quoted, ",".join(plain), "", "\\.", '"a\n""b"",c"', "  ", quoted + ",x", quoted[:6]]
    path = tmp_path / "strange.csv"
    path.write_bytes("\r\n".join(["\ufeff" + HEADER.upper(), *records]).encode())

    wanted = []
    line = 2
    for record in records:
        fields = {quoted: strange, ",".join(plain): plain}.get(record)
        if fields:
            wanted.append((line, None, *(field or None for field in fields)))
        elif record:
            wanted.append((line, record, *[None] * len(COLUMNS)))
        line += 1 + len(re.findall(r"\r\n|\r|\n", record))
    done = load(path)
    columns = ", ".join(("line_number", "raw_record", *COLUMNS))
    assert ask(f"select {columns} from raw.extract_rows order by line_number") == wanted
    assert done.delivered_rows == len(wanted) == 7


def test_fields_go_to_the_columns_that_the_header_names(
    load: Load, ask: Ask, tmp_path: Path
) -> None:
    path = tmp_path / "reversed.csv"
    lines = f"{HEADER}\n{ROW}".splitlines()
    path.write_text("\n".join(",".join(line.split(",")[::-1]) for line in lines))
    load(path)
    query = f"select {', '.join(COLUMNS)} from raw.extract_rows"
    assert ask(query) == [tuple(lines[1].split(","))]


def test_a_load_replaces_the_one_before(load: Load, ask: Ask, state: State, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9\xff.csv")  # no UTF-8 in the name
    content = (HEADER + "\n" + "".join(map(ROW.format, range(5000)))).encode()
    path.write_bytes(content)
    first = load(path)
    path.write_bytes(content := content + b"\n")
    second = load(path)
    fingerprint = hashlib.sha256(content).hexdigest()
    day = date(2023, 7, 31)
    load_id = second.load_id
    assert second == loading.Load(
        load_id, "caf\ufffd\ufffd.csv", fingerprint, len(content), 5000, day
    )
    assert first.load_id < load_id
    assert ask("select load_id, delivered_rows, extract_date from raw.extract_loads") == [
        (load_id, 5000, day)
    ]
    assert ask("select load_id, min(line_number), count(*) from raw.extract_rows group by 1") == [
        (load_id, 2, 5000)
    ]
    tables = {name for (*_, name) in state()[-7:]}
    assert tables == {*EMPTY_RAW, f"extract_rows_{load_id}"}
    partition = f"'raw.extract_rows_{load_id}'::regclass"
    for left_over in (
        f"select conname from pg_constraint where conrelid = {partition} and contype = 'c'",
        f"select adnum from pg_attrdef where adrelid = {partition}",
    ):
        assert ask(left_over) == []
    query = f"select reltuples, relallvisible > 0 from pg_class where oid = {partition}"
    assert ask(query) == [(5000, True)]  # analyzed, and frozen by COPY
    assert ask("select reltuples from pg_class where oid = 'raw.extract_rows'::regclass") == [
        (5000,)
    ]


@pytest.mark.parametrize("content", ["", HEADER, HEADER + "\n" + ROW * 9000 + '"', "no header"])
def test_a_file_that_is_refused_changes_nothing(
    load: Load, state: State, tmp_path: Path, content: str
) -> None:
    before = state()
    path = tmp_path / "bad.csv"
    path.write_text(content)
    with pytest.raises(NexasatError) as caught:
        load(path)
    assert caught.value.exit_code == ExitCode.BAD_FILE
    assert state() == before
    path.write_text(HEADER + "\n" + ROW)
    assert load(path).delivered_rows == 1


def test_progress_is_told_now_and_then(
    load: Load, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "extract.csv"
    path.write_text(HEADER + "\n" + ROW * 9000)
    told: list[str] = []
    load(path, report=told.append)
    assert told == []
    path.write_text(HEADER + "\n" + ROW * 9001)
    monkeypatch.setattr(copying, "QUIET", 0)
    load(path, report=told.append)
    assert re.fullmatch(r"[\d,]+ rows, [\d,]+ rows/s", told[0])
    assert told[-1].startswith("9,001 rows, ")


def test_rights_that_are_missing_are_told(raw: Raw, state: State, tmp_path: Path) -> None:
    before = state()
    path = tmp_path / "extract.csv"
    path.write_text(HEADER + "\n" + ROW)
    with warehouse.connect(raw) as connection:
        warehouse.execute(connection, "drop role if exists reader")
        warehouse.execute(connection, "create role reader login")
    refused = pytest.raises(NexasatError, match="permission denied for schema raw")
    reader = raw | {"PGUSER": "reader"}
    with refused, open_extracts([path]) as extracts, warehouse.connect(reader) as connection:
        loading.load_extracts(connection, extracts, None, lambda _: None, lambda: None)
    assert state() == before


def test_names_of_another_client_encoding_arrive(
    load: Load, ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")
    path = tmp_path / "extract.csv"
    path.write_text(HEADER + "\n" + ROW.format("é€"), encoding="utf-8")
    load(path)
    assert ask("select customer_id from raw.extract_rows") == [("NSaté€",)]


def test_the_bundled_extract_comes_back(raw: Raw, state: State) -> None:
    with warehouse.connect(raw) as connection:
        assert loading.unload(connection, lambda _: None)
        assert [name for (name,) in state()] == EMPTY_RAW
        assert not loading.unload(connection, lambda _: None)


def test_the_command_says_what_it_did(
    loading_settings: Settings, nexasat: Nexasat, ask: Ask, tmp_path: Path
) -> None:
    path = tmp_path / "extract.csv"
    path.write_text(HEADER + "\n" + ROW * 1234)
    done = nexasat(loading_settings, "load", path, "--extract-date", "2023-07-31")
    assert done.returncode == 0, done.stderr
    said = r"extract.csv: 1,234 rows delivered in [\d.]+ s \([\d,]+ rows/s\), extract of 2023"
    assert done.stderr.startswith(f"{path}: UTF-8, comma between fields, header on line 1\n")
    assert re.search(said, done.stderr)
    assert "extract of 2023-07-31\nnext: nexasat build" in done.stderr
    assert "marts.fct_rejected_rows" in done.stderr
    assert ask("select extract_date from raw.extract_loads") == [(date(2023, 7, 31),)]
    loads = "select load_id, extract_date from raw.extract_loads"
    before = ask(loads)
    done = nexasat(loading_settings, "load", path)
    assert done.returncode == 0, done.stderr
    assert done.stderr.endswith("extract.csv: in force already, nothing was changed\n")
    assert ask(loads) == before
    assert nexasat(loading_settings, "load", path, "--extract-date", "2023-08-31").returncode == 0
    assert ask(loads) == [(before[0][0] + 1, date(2023, 8, 31))]
    path.write_text(HEADER + "\n" + ROW)
    assert nexasat(loading_settings, "load", path).returncode == 0
    assert ask("select extract_date from raw.extract_loads") == [(date.today(),)]
    done = nexasat(loading_settings, "load", "--bundled")
    assert (done.returncode, done.stdout) == (0, "")
    assert "bundled extract is in force again" in done.stderr
    assert "no file was loaded" in nexasat(loading_settings, "load", "--bundled").stderr


def test_the_command_refuses_before_it_starts_a_server(own: Settings, nexasat: Nexasat) -> None:
    done = nexasat(own, "load", "nowhere.csv")
    assert done.returncode == ExitCode.BAD_FILE
    assert done.stderr.startswith("error: there is no file nowhere.csv\nhint: ")
    assert nexasat(own, "load", "x" * 300).returncode == ExitCode.BAD_FILE
    for words in ([], ["a.csv", "--bundled"], ["--bundled", "--extract-date", "2023-07-31"]):
        assert nexasat(own, "load", *words).returncode == ExitCode.USAGE
    assert nexasat(own, "load", "a.csv", "--extract-date", "31.7.2023").returncode == 2
    assert not servers.is_running(own)
