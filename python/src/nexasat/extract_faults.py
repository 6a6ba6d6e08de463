"""What can be wrong with an extract as a whole, in sentences, each with the way out.

Nothing is loaded from such a file. What is wrong with a single row is for staging to tell.
"""

import codecs
import csv
import gzip
import re
import shlex
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nexasat.errors import ExitCode, NexasatError

OTHER_FORMATS = {  # first bytes -> what such a file is, and the way out
    b"PK\x03\x04": ("an Excel workbook or a zip archive", "save the sheet as CSV UTF-8"),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "save the sheet as CSV UTF-8"),
    b"\x1f\x8b": ("compressed by gzip", "gunzip it first"),
    b"PAR1": ("a Parquet file", "write it as CSV first"),
}
ENCODINGS = {  # first bytes
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
}
DAMAGES = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError)


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


def check_text(place: "Place", text: bytes, is_whole: bool = True) -> None:
    """Refuses what PostgreSQL cannot keep as text.

    Args:
        place: where the text begins.
        text: some lines of the file.
        is_whole: False when the text may end in the middle of a character.

    Raises:
        NexasatError: not UTF-8, or a NUL byte.
    """
    nul = text.find(b"\0")
    if nul >= 0:
        raise bad_file(
            f"{place.of(text, nul)}: a NUL byte ({place.offset_of(nul)}), which no text may have",
            "export the file again; if that line looks right otherwise, take the NUL bytes out: "
            f"tr -d '\\000' < {_quoted(place.path)} > clean.csv",
        )
    if text.isascii():
        return
    try:
        codecs.utf_8_decode(text, "strict", is_whole)
    except UnicodeDecodeError as error:
        raise _not_utf8(
            place.path,
            f"{place.of(text, error.start)}: not UTF-8: byte 0x{text[error.start]:02x} "
            f"({place.offset_of(error.start)})",
            "WINDOWS-1252",
        ) from error


@dataclass(frozen=True)
class Place:
    """Where some text begins, in a file whose header is known as far as it was read."""

    path: Path
    line: int
    offset: int
    unit: str = "file"
    delimiter: str = ","
    columns: Sequence[str] = ()

    def of(self, text: bytes, index: int) -> str:
        """File, line and column of a byte of the text."""
        before = text[:index]
        begin = 1 + max(before.rfind(b"\n"), before.rfind(b"\r"))
        line = self.line + _line_ends(before)
        return f"{self.path}, line {line}, {self._column(before[begin:])}"

    def offset_of(self, index: int) -> str:
        """The byte of the file, in words."""
        return f"byte {self.offset + index} of the {self.unit}"

    def of_quotes(self, text: bytes) -> str:
        """File, line and column of the first field of a record that does not end as it should."""
        mark = re.escape(self.delimiter).encode()
        fields = re.match(rb'(?:(?:"[^"]*(?:""[^"]*)*"|[^"%b]*)%b)*' % (mark, mark), text)
        before = text[: fields.end() if fields else 0]
        return f"{self.path}, line {self.line}, {self._column(before)}"

    def _column(self, before: bytes) -> str:
        fields = csv.reader([before.decode(errors="replace")], delimiter=self.delimiter)
        number = max(len(next(fields, [])), 1)
        name = f" ({self.columns[number - 1]})" if number <= len(self.columns) else ""
        return f"column {number}{name}"


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


def too_long(place: Place, limit: int) -> NexasatError:
    """A record beyond all reason."""
    return bad_file(
        f"{place.path}, line {place.line}: the record that begins here is longer than "
        f"{limit >> 20} MB",
        f"look for a double quote on line {place.line} that is never closed",
    )


def bad_quotes(place: Place, record: bytes, seen: int) -> NexasatError:
    """Where a record ends cannot be told."""
    return bad_file(
        f"{place.of_quotes(record)}: a double quote in the record that begins here is never "
        f"closed, or closed in the middle of a field (seen on line {seen})",
        f'look for a stray " from line {place.line} on; inside a quoted field a quote is '
        'written ""',
    )


def not_utf16(path: Path, line: int, reason: str) -> NexasatError:
    """The byte order mark says UTF-16, the rest does not."""
    return bad_file(
        f"{path}, line {line}: not UTF-16, though it begins with its byte order mark: {reason}",
        "export the file again, as UTF-8 if there is a choice",
    )


def workbook(path: Path) -> NexasatError:
    """Not text but a workbook."""
    return bad_file(f"{path} is an Excel workbook, not CSV text", "save the sheet as CSV UTF-8")


def bad_archive(path: Path, names: Sequence[str], is_locked: bool) -> NexasatError:
    """Which member of the archive is meant cannot be told, or it cannot be read."""
    if is_locked:
        return bad_file(f"{path}: {names[0]} has a password", "unpack it, then load the file")
    found = ", ".join(names[:5]) or "nothing"
    return bad_file(
        f"{path} must have one file in it, and has {len(names)}: {found}",
        "unpack it, then load the file that is meant, or several at once",
    )


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """A failure to read the file, in words."""
    try:
        yield
    except DAMAGES as error:
        raise bad_file(
            f"{path} is packed and damaged: {error}", "deliver the file again, or unpacked"
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error


def same_file(one: Path, other: Path) -> NexasatError:
    """The same rows twice."""
    return bad_file(f"{one} and {other} are the same file", "name each file once")


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


def _line_ends(text: bytes) -> int:
    return len((text + b".").splitlines()) - 1


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))
