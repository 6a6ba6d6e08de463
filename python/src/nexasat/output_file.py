"""Files that a command writes: whole or not at all, and in words when they cannot be."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from nexasat.errors import NexasatError


@contextmanager
def told_in_words(name: str) -> Iterator[None]:
    """A failure to write `name` as a `NexasatError`; a closed pipe is left to the caller."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise NexasatError(
            f"cannot write {name}: {error.strerror or error}",
            hint="name a file in a folder that exists, has room and lets you write",
        ) from error


@contextmanager
def replacing(path: Path, *, is_private: bool = False) -> Iterator[BinaryIO]:
    """A new file beside `path` that takes its place on success.

    It takes over the permissions too, unless it is private: then its owner alone can read it.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        with path.open("wb") as device:
            yield device
        return
    target = path.resolve()  # of a link: the file that it names
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        mode = 0o600 if is_private else 0o666  # less what the umask says
        with open(part, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            yield file
        if target.exists() and not is_private:
            shutil.copymode(target, part)
        part.replace(target)
    except BaseException:  # Ctrl-C too
        part.unlink(missing_ok=True)
        raise
