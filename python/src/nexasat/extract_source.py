"""Opens a delivered file: unpacks it, finds out its encoding, and gives its text as UTF-8."""

import codecs
import gzip
import hashlib
import os
import re
import stat
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol

from nexasat import extract_faults as faults

BLOCK = 1 << 20  # bytes read at a time to find out fingerprint and encoding
# Text with one of these is UTF-8, at most damaged: in Windows-1252 they make no sense.
UTF8_CHARACTER = re.compile(
    rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
)
NOT_WINDOWS_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class _Readable(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Source:
    """The text of a file, from front to back; `open_source` makes it.

    Attributes:
        path: the delivered file.
        description: packing and encoding, in words.
        mark_bytes: the length of the byte order mark, which is not read.
        unit: what an offset into the text is an offset into.
        sha256: fingerprint of the delivered bytes; of a pipe, of those read so far.
        byte_count: the delivered bytes; of a pipe, those read so far.
        is_pipe: True when it can be read only once.
    """

    def __init__(self, path: Path, file: BinaryIO) -> None:
        """Reads the whole file once, but for a pipe.

        Raises:
            NexasatError: the file cannot be read, or is no text.
        """
        self.path = path
        self.mark_bytes = 0
        self.unit = "file"
        self._file = file
        self._state = self._now()
        self.is_pipe = self._state is None
        self._digest = hashlib.sha256()
        self.byte_count = 0
        self._decoder: codecs.IncrementalDecoder | None = None
        self._line = 1
        self._start = b""
        with faults.reading(path):
            if not self.is_pipe:
                for block in iter(lambda: file.read(BLOCK), b""):
                    self._note(block)
            packing = self._open_text()
            is_foreign = not self.is_pipe and self._is_windows_1252()
            if not self.is_pipe:
                self._open_text()
        encoding = self._choose_encoding(is_foreign)
        self.description = ", ".join(filter(None, (packing, encoding)))

    @property
    def sha256(self) -> str:
        """The fingerprint."""
        return self._digest.hexdigest()

    def read(self, size: int) -> bytes:
        """About so many bytes of text in UTF-8; nothing at the end."""
        while True:
            block = self._read_text(size)
            if self._decoder is None:
                return block
            text = self._decode(block)
            if text or not block:
                return text

    def check_unchanged(self) -> None:
        """Refuses a file that was written to since it was opened: it may be half of an extract."""
        if self._now() != self._state:
            raise faults.changed(self.path)

    def _open_text(self) -> str:
        """Goes to the beginning of the unpacked text; returns how it is packed."""
        if not self.is_pipe:
            self._file.seek(0)
        start = self._read_delivered(4)
        packing = ""
        self._text: _Readable = _Continued(start, self._read_delivered)
        if start.startswith(b"\x1f\x8b"):
            packing = "gzip"
            self._text = gzip.GzipFile(fileobj=self._text, mode="rb")  # type: ignore[call-overload]
        elif start.startswith((b"PK\x03\x04", b"PK\x05\x06")) and not self.is_pipe:
            packing = "zip"
            self._text = _only_member(self.path, self._file)
        if packing:
            self.unit = "unpacked file"
        self._start = self._text.read(4)
        faults.check_format(self.path, self._start)
        return packing

    def _choose_encoding(self, is_foreign: bool) -> str:
        if is_foreign:
            self._decoder = codecs.getincrementaldecoder("cp1252")()
        elif self._start.startswith(UTF16_MARKS):
            self._decoder = codecs.getincrementaldecoder("utf-16")()
        elif self._start.startswith(codecs.BOM_UTF8):
            self._start = self._start.removeprefix(codecs.BOM_UTF8)
            self.mark_bytes = len(codecs.BOM_UTF8)
            return "UTF-8 with a byte order mark"
        else:
            return "UTF-8"
        self.unit = "text in UTF-8"
        return "Windows-1252" if is_foreign else "UTF-16"

    def _is_windows_1252(self) -> bool:
        """True for what is no UTF-8 and looks like no damaged UTF-8 either."""
        if self._start.startswith(UTF16_MARKS):
            return False
        has_foreign_bytes = False
        tail = b""  # a character may lie across two blocks
        for block in iter(lambda: self._read_text(BLOCK), b""):
            text = tail + block
            tail = text[-3:]
            if not text.isascii():
                has_foreign_bytes = True
                if UTF8_CHARACTER.search(text) or NOT_WINDOWS_1252.search(text):
                    return False
        return has_foreign_bytes

    def _read_text(self, size: int) -> bytes:
        if self._start:
            block, self._start = self._start, b""
            return block
        with faults.reading(self.path):
            return self._text.read(size)

    def _decode(self, block: bytes) -> bytes:
        assert self._decoder is not None  # noqa: S101  for mypy: `read` has seen to it
        try:
            text = self._decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            before = error.object[: error.start].decode(error.encoding, errors="replace")
            line = self._line + before.count("\n")
            raise faults.not_utf16(self.path, line, error.reason) from error
        self._line += text.count("\n")
        return text.encode("utf-8", errors="strict")

    def _read_delivered(self, size: int) -> bytes:
        block = self._file.read(size)
        if self.is_pipe:
            self._note(block)
        return block

    def _note(self, block: bytes) -> None:
        self._digest.update(block)
        self.byte_count += len(block)

    def _now(self) -> tuple[int, int] | None:
        """Size and time of the last change; None for a pipe, which has neither."""
        found = os.fstat(self._file.fileno())
        return (found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


class _Continued:
    """The first bytes, that were read already, and the rest."""

    def __init__(self, start: bytes, read: "_Read") -> None:
        self._start, self._read = start, read

    def read(self, size: int = -1, /) -> bytes:
        if self._start:
            block, self._start = self._start[:size], self._start[size:]
            return block
        return self._read(size)


class _Read(Protocol):
    def __call__(self, size: int, /) -> bytes: ...


def _only_member(path: Path, file: BinaryIO) -> _Readable:
    """The one file of a zip archive.

    Raises:
        NexasatError: it is a workbook, has none or several, or a password.
    """
    archive = zipfile.ZipFile(file)
    members = [
        member
        for member in archive.infolist()
        if not member.is_dir() and not member.filename.startswith("__MACOSX/")
    ]
    names = [member.filename for member in members]
    if "[Content_Types].xml" in names:
        raise faults.workbook(path)
    if len(members) != 1 or members[0].flag_bits & 1:
        raise faults.bad_archive(path, names, is_locked=len(members) == 1)
    return archive.open(members[0])


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Opens a file.

    Raises:
        NexasatError: it is not there, cannot be read, or is no text.
    """
    with faults.reading(path):
        file = path.open("rb")
    with file:
        yield Source(path, file)
