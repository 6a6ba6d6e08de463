"""Where the synthetic extract goes: files, devices, standard output, and what can go wrong."""

import errno
import io
import os
import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

from nexasat.commands import generate as command
from nexasat.errors import ExitCode, NexasatError
from nexasat.generate import CHUNK, generate_extract, stream_extract, write_extract


class Broken(io.BytesIO):
    """A file that buffers what it is given and fails when the buffer is written out."""

    def __init__(self, error: OSError) -> None:
        """Keeps what `flush` raises."""
        super().__init__()
        self.error = error

    def flush(self) -> None:
        """Fails."""
        raise self.error


def ignore(done: int) -> None:
    """No progress wanted."""
    assert done > 0


def make(customers: int, seed: int) -> bytes:
    return b"".join(generate_extract(customers, seed))


def test_a_file_is_replaced_and_keeps_its_permissions(tmp_path: Path) -> None:
    file = tmp_path / "extract.csv"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    write_extract(file, 3, 1, ignore)
    assert file.read_bytes() == make(3, 1)
    assert file.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [file]


def test_the_file_behind_a_link_is_replaced(tmp_path: Path) -> None:
    file, link = tmp_path / "extract.csv", tmp_path / "link.csv"
    link.symlink_to(file)
    write_extract(link, 3, 1, ignore)
    assert link.is_symlink()
    assert file.read_bytes() == make(3, 1)


def test_ctrl_c_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    def interrupt(done: int) -> None:
        assert done == CHUNK
        assert len(list(tmp_path.iterdir())) == 2
        raise KeyboardInterrupt

    file = tmp_path / "extract.csv"
    file.write_text("old", encoding="utf-8")
    with pytest.raises(KeyboardInterrupt):
        write_extract(file, CHUNK + 1, 1, interrupt)
    assert file.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_pipe_is_written_to_not_replaced(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()), daemon=True)
    reader.start()
    write_extract(pipe, 3, 1, ignore)
    reader.join(timeout=10)
    assert pipe.is_fifo()
    assert got == [make(3, 1)]


def test_progress_counts_customers(tmp_path: Path) -> None:
    seen: list[int] = []
    write_extract(tmp_path / "extract.csv", CHUNK + 5, 1, seen.append)
    assert seen == [CHUNK, CHUNK + 5]


@pytest.mark.parametrize("place", ["missing/extract.csv", "."])
def test_an_unwritable_path_is_told(tmp_path: Path, place: str) -> None:
    with pytest.raises(
        NexasatError, match=r"^cannot write .+: (No such file|Is a directory)"
    ) as told:
        write_extract(tmp_path / place, 3, 1, lambda _: pytest.fail("rows were made in vain"))
    assert told.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told() -> None:
    full = Broken(OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(NexasatError, match="cannot write the output: No space left on device"):
        stream_extract(full, 3, 1, ignore)


def test_a_closed_pipe_is_left_to_the_shell() -> None:
    with pytest.raises(BrokenPipeError):
        stream_extract(Broken(BrokenPipeError()), 3, 1, ignore)


@pytest.mark.parametrize(("customers", "seed"), [(0, 1), (-5, 1), (5, -1)])
def test_wrong_numbers_are_told_before_the_file_is_touched(
    tmp_path: Path, customers: int, seed: int
) -> None:
    with pytest.raises(NexasatError, match="cannot generate") as told:
        write_extract(tmp_path / "extract.csv", customers, seed, ignore)
    assert told.value.exit_code is ExitCode.USAGE
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_a_file_and_says_so(tmp_path: Path) -> None:
    file = tmp_path / "extract.csv"
    words = ["--customers", "3", "--seed", "1", "--output", str(file)]
    result = CliRunner().invoke(command.generate, words)
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == f"{file}: 3 customers, seed 1\n"
    assert file.read_bytes() == make(3, 1)


@pytest.mark.parametrize("words", [[], ["--output", "-"]])
def test_the_command_writes_to_standard_output(words: list[str]) -> None:
    result = CliRunner().invoke(command.generate, ["--customers", "3", *words])
    assert (result.stdout_bytes, result.stderr) == (make(3, 42), "")


@pytest.mark.parametrize(
    "words", [["--customers", "0"], ["--customers", "many"], ["--seed", "-1"], ["--output", "."]]
)
def test_the_command_refuses_wrong_words(words: list[str]) -> None:
    result = CliRunner().invoke(command.generate, words)
    assert result.exit_code == ExitCode.USAGE
    assert f"Invalid value for '{words[0]}'" in result.stderr


def test_the_command_tells_progress_of_long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "QUIET", 0.0)
    result = CliRunner().invoke(command.generate, ["--customers", str(2 * CHUNK)])
    assert result.stderr == f"{CHUNK:,} of {2 * CHUNK:,} customers\n"
    assert result.stdout_bytes == make(2 * CHUNK, 42)
