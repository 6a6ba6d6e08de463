"""What can be wrong with an extract as a whole, in sentences, each with the way out.

Nothing is loaded from such a file. What is wrong with a single row is for staging to tell.
"""

import codecs
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from nexasat.errors import ExitCode, NexasatError
from nexasat.generate_recipe import COLUMNS

DELIMITERS = {";": "a semicolon", "\t": "a tab", "|": "a vertical bar"}
OTHER_FORMATS = {  # first bytes -> what such a file is, and the way out
    b"PK\x03\x04": ("an Excel workbook or a zip archive", "save the sheet as CSV UTF-8"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save the sheet as CSV UTF-8"),
    b"\x1f\x8b": ("compressed by gzip", "gunzip it first"),
    b"PAR1": ("a Parquet file", "write it as CSV first"),
}
ENCODINGS = {  # first bytes; UTF-32 goes first: its mark begins with that of UTF-16
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
LONGEST_NAME = 40  # characters of a strange column name that are shown
MOST_NAMES = 50  # strange column names that are shown


def bad_file(message: str, hint: str) -> NexasatError:
    """The error for a file of which nothing is loaded."""
    return NexasatError(message, hint=hint, exit_code=ExitCode.BAD_FILE)


def check_format(path: Path, start: bytes) -> None:
    """Refuses what is no text in UTF-8, as far as its first bytes tell.

    Raises:
        NexasatError: another format or encoding.
    """
    for mark, (format_name, way_out) in OTHER_FORMATS.items():
        if start.startswith(mark):
            raise bad_file(f"{path} is {format_name}, not CSV text", way_out)
    for mark, encoding in ENCODINGS.items():
        if start.startswith(mark):
            raise _not_utf8(path, f"{path} is {encoding} (byte order mark at byte 0)", encoding)
    zeros = bytes(byte == 0 for byte in start[:4])
    if zeros in (b"\0\1\1\1", b"\1\1\1\0"):
        encoding = "UTF-32LE" if start[0] else "UTF-32BE"
        raise _not_utf8(path, f"{path} looks like {encoding} (zeros in bytes 0 to 3)", encoding)
    if zeros in (b"\0\1\0\1", b"\1\0\1\0"):
        encoding = "UTF-16LE" if start[0] else "UTF-16BE"
        raise _not_utf8(path, f"{path} looks like {encoding} (zeros in bytes 0 to 3)", encoding)


def check_text(path: Path, line: int, offset: int, text: bytes, is_whole: bool = True) -> None:
    """Refuses what PostgreSQL cannot keep as text.

    Args:
        path: the file.
        line: the line on which the text begins.
        offset: the byte of the file with which it begins.
        text: some lines of the file.
        is_whole: False when the text may end in the middle of a character.

    Raises:
        NexasatError: not UTF-8, or a NUL byte.
    """
    nul = text.find(b"\0")
    if nul >= 0:
        raise bad_file(
            f"{path}, line {line + _line_ends(text[:nul])}: a NUL byte (byte {offset + nul} of the "
            "file), which no text may have",
            "export the file again; if that line looks right otherwise, take the NUL bytes out: "
            f"tr -d '\\000' < {_quoted(path)} > clean.csv",
        )
    if text.isascii():
        return
    try:
        codecs.utf_8_decode(text, "strict", is_whole)
    except UnicodeDecodeError as error:
        where = line + _line_ends(text[: error.start])
        raise _not_utf8(
            path,
            f"{path}, line {where}: not UTF-8: byte 0x{text[error.start]:02x} "
            f"(byte {offset + error.start} of the file)",
            "WINDOWS-1252",
        ) from error


def check_delimiter(path: Path, block: bytes) -> None:
    """Refuses a header whose names stand between other characters than commas.

    Raises:
        NexasatError: another delimiter.
    """
    header = next((line.decode() for line in block.splitlines() if line), "")
    for delimiter, name in DELIMITERS.items():
        names = {_normal(field.strip(' "')) for field in header.split(delimiter)}
        if "," not in header and len(names.intersection(COLUMNS)) > 1:
            raise bad_file(
                f"{path}: the delimiter looks like {delimiter!r} ({name}); only commas are loaded",
                "convert it: python3 -c 'import csv, sys; csv.writer(sys.stdout).writerows("
                f'csv.reader(sys.stdin, delimiter="{delimiter.encode("unicode_escape").decode()}"))'
                f"' < {_quoted(path)} > commas.csv",
            )


def match_header(path: Path, line: int, names: Sequence[str]) -> tuple[str, ...]:
    """The columns in the order of the header.

    Args:
        path: the file.
        line: where the header is.
        names: in any case, with spaces around, and with spaces or dashes for underscores.

    Raises:
        NexasatError: columns are missing, unexpected or named twice.
    """
    found = tuple(map(_normal, names))
    counts = Counter(found)
    strange = {
        repr(name[:LONGEST_NAME]) if name.strip() else f"no name for column {place}": None
        for place, name in enumerate(names, 1)
        if found[place - 1] not in COLUMNS
    }
    faults = {
        "missing": [name for name in COLUMNS if name not in counts],
        "unexpected": list(strange),
        "twice or more": [name for name in COLUMNS if counts[name] > 1],
    }
    if any(faults.values()):
        told = "; ".join(f"{fault}: {_some(which)}" for fault, which in faults.items() if which)
        raise bad_file(
            f"{path}, line {line}: the header does not fit: {told}",
            f"line {line} must name these {len(COLUMNS)} columns once each, in any order: "
            + ",".join(COLUMNS),
        )
    return found


def unreadable(path: Path, error: OSError) -> NexasatError:
    """The file cannot be opened, or reading it breaks off."""
    if isinstance(error, FileNotFoundError):
        return bad_file(f"there is no file {path}", f"check the name; this is {Path.cwd()}")
    if isinstance(error, IsADirectoryError):
        return bad_file(f"{path} is a folder", "name the CSV file in it")
    hint = "check the permissions of the file and of the folders above it, and the disk"
    return bad_file(f"{path} cannot be read: {error.strerror or error}", hint)


def empty(path: Path) -> NexasatError:
    """Nothing in it, or only blank lines."""
    return bad_file(f"{path} is empty: line 1 should be a header", "export the file again")


def no_rows(path: Path) -> NexasatError:
    """A header and nothing else."""
    return bad_file(
        f"{path} has a header but no data rows",
        "export the file again; for the bundled extract: nexasat load --bundled",
    )


def too_long(path: Path, line: int, limit: int) -> NexasatError:
    """A record beyond all reason."""
    return bad_file(
        f"{path}, line {line}: the record that begins here is longer than {limit >> 20} MB",
        f"look for a double quote on line {line} that is never closed",
    )


def bad_quotes(path: Path, begin: int, seen: int) -> NexasatError:
    """Where a record ends cannot be told."""
    return bad_file(
        f"{path}, line {begin}: a double quote in the record that begins here is never closed, or "
        f"closed in the middle of a field (seen on line {seen})",
        f'look for a stray " from line {begin} on; inside a quoted field a quote is written ""',
    )


def changed(path: Path) -> NexasatError:
    """Somebody wrote to the file while it was read."""
    return bad_file(
        f"{path} changed while it was read",
        "run the same command again when whatever writes the file has finished",
    )


def _not_utf8(path: Path, message: str, encoding: str) -> NexasatError:
    guess = f"convert it, if it is {encoding}" if encoding == "WINDOWS-1252" else "convert it"
    command = f"iconv -f {encoding} -t UTF-8 {_quoted(path)} > utf8.csv"
    return bad_file(f"{message}; UTF-8 is needed", f"{guess}: {command}")


def _normal(name: str) -> str:
    return re.sub(r"[\s-]+", "_", name.strip()).lower()


def _line_ends(text: bytes) -> int:
    return len((text + b".").splitlines()) - 1


def _some(names: Iterable[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - MOST_NAMES} more" if len(listed) > MOST_NAMES else ""
    return ", ".join(listed[:MOST_NAMES]) + more


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
