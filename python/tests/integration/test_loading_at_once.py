"""Loads beside readers, beside other loads, and loads that are killed half-way.

The extract comes through a pipe, so that a load is in the middle for as long as a test likes.
"""

import os
import signal
import subprocess
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from nexasat import loading, warehouse
from nexasat.errors import ExitCode, NexasatError
from nexasat.generate_recipe import COLUMNS
from nexasat.settings import Settings

HEADER = (",".join(COLUMNS) + "\n").encode()
ROW = b"NSat1,Female,Yes,No,0,156,8.36,Prepaid,Premium,126,44,Yes,Yes,0\n"
ROWS = 20_000  # 1.3 MB: more than all buffers on the way

Raw = dict[str, str]
Load = Callable[..., loading.Load]
Ask = Callable[[str], list[tuple[Any, ...]]]
State = Callable[[], list[tuple[Any, ...]]]


def wait_until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class Background(threading.Thread):
    """A load beside the test: what it told, and how it ended."""

    def __init__(self, load: Load, path: Path) -> None:
        """Starts it."""
        super().__init__(daemon=True)
        self.told: list[str] = []
        self.outcome: loading.Load | NexasatError | None = None
        self._load, self._path = load, path
        self.start()

    def run(self) -> None:
        """What the thread does."""
        try:
            self.outcome = self._load(self._path, report=self.told.append)
        except NexasatError as error:
            self.outcome = error

    def result(self) -> loading.Load | NexasatError | None:
        """How it ended; None when it did not."""
        self.join(30)
        return self.outcome


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe.csv"
    os.mkfifo(path)
    return path


@pytest.fixture
def half(pipe: Path, ask: Ask) -> Callable[[], Any]:
    """A block in which the load that reads the pipe is in the middle of its COPY."""

    @contextmanager
    def hold() -> Iterator[None]:
        query = "select 1 from pg_stat_progress_copy where tuples_processed > 1000"
        with pipe.open("wb") as writing:
            writing.write(HEADER + ROW * ROWS)
            wait_until(lambda: ask(query))
            yield

    return hold


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.csv"
    path.write_bytes(HEADER + ROW * 5)
    return path


def test_the_old_extract_is_read_until_the_end(
    load: Load, pipe: Path, half: Callable[[], Any], state: State, ask: Ask
) -> None:
    before = state()
    background = Background(load, pipe)
    with half():
        assert state() == before
    done = background.result()
    assert isinstance(done, loading.Load)
    assert done.delivered_rows == ROWS
    assert ask("select count(*), min(load_id) from raw.extract_rows") == [(ROWS, done.load_id)]


@pytest.fixture
def command(loading_settings: Settings, pipe: Path) -> subprocess.Popen[str]:
    """The command, which reads the pipe."""
    return subprocess.Popen(
        [f"{sysconfig.get_path('scripts')}/nexasat", "load", str(pipe)],
        cwd=loading_settings.project,
        env=dict(loading_settings.environment),
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_load_that_is_killed_leaves_the_old_extract(
    command: subprocess.Popen[str],
    half: Callable[[], Any],
    state: State,
    ask: Ask,
    kind: signal.Signals,
) -> None:
    before = state()
    with half():
        command.send_signal(kind)
        told = command.communicate(timeout=20)[1]
    assert command.returncode == (ExitCode.INTERRUPTED if kind == signal.SIGINT else -kind)
    assert "Traceback" not in told
    wait_until(lambda: not ask("select 1 from pg_locks where locktype = 'advisory'"))
    assert state() == before


def test_a_pipe_that_breaks_off_in_a_record_is_refused(
    load: Load, pipe: Path, state: State
) -> None:
    before = state()
    background = Background(load, pipe)
    with pipe.open("wb") as writing:
        writing.write(HEADER + ROW * ROWS + b'"half')
    assert isinstance(background.result(), NexasatError)
    assert state() == before


def test_a_second_load_waits_for_the_first(
    load: Load, pipe: Path, half: Callable[[], Any], small: Path, ask: Ask
) -> None:
    first = Background(load, pipe)
    with half():
        second = Background(load, small)
        wait_until(lambda: second.told)
        assert second.told == ["another load or build is running: waiting until that ends"]
        # who waits holds nothing that others would have to wait for
        assert ask("select 1 from pg_stat_activity where wait_event_type = 'Lock'") == []
    one, two = first.result(), second.result()
    assert isinstance(one, loading.Load)
    assert isinstance(two, loading.Load)
    assert (one.delivered_rows, two.delivered_rows) == (ROWS, 5)
    assert ask("select load_id, delivered_rows from raw.extract_loads") == [(two.load_id, 5)]
    assert ask("select load_id, count(*) from raw.extract_rows group by 1") == [(two.load_id, 5)]


def test_loads_at_once_all_end_well(load: Load, small: Path, ask: Ask) -> None:
    loads = [Background(load, small) for _ in range(8)]
    done = [each.result() for each in loads]
    last = max(each.load_id for each in done if isinstance(each, loading.Load))
    assert all(isinstance(each, loading.Load) for each in done)
    assert ask("select load_id from raw.extract_loads") == [(last,)]
    assert ask("select load_id, count(*) from raw.extract_rows group by 1") == [(last, 5)]


def test_a_long_reader_holds_up_the_load_but_no_other_reader(
    raw: Raw, load: Load, small: Path, ask: Ask
) -> None:
    count = "select count(*) from raw.extract_rows"
    with warehouse.connect(raw) as reader:
        with reader.transaction():
            warehouse.fetch(reader, count)
            background = Background(load, small)
            wait_until(lambda: background.told)
            assert "sessions are reading raw.extract_rows: waiting" in background.told[0]
            slowest = 0.0
            for _ in range(100):
                start = time.monotonic()
                assert ask(count) == [(3,)]
                slowest = max(slowest, time.monotonic() - start)
            assert slowest < 2.5  # the longest time that a load stands in the way
            assert warehouse.fetch(reader, count) == [{"count": 3}]
        assert isinstance(background.result(), loading.Load)
        assert warehouse.fetch(reader, count) == [{"count": 5}]


def test_patience_ends(
    raw: Raw, load: Load, small: Path, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state()
    monkeypatch.setattr(loading, "PATIENCE", 0.2)
    with warehouse.connect(raw) as reader, reader.transaction():
        warehouse.fetch(reader, "select from raw.extract_rows")
        with pytest.raises(NexasatError, match=r"reading raw.extract_rows, .* nothing was changed"):
            load(small)
    assert state() == before
    with warehouse.connect(raw) as other:
        warehouse.fetch(other, "select pg_advisory_lock(%s)", [loading.LOCK])
        with pytest.raises(
            NexasatError, match=r"another load or build is running, .* nothing was changed"
        ):
            load(small)
    assert state() == before
    assert load(small).delivered_rows == 5


def test_readers_see_one_extract_or_another(raw: Raw, load: Load, small: Path, ask: Ask) -> None:
    """Rows whose load is not noted, or the other way round, were never there."""
    query = """
        select
            (select count(*) from raw.extract_rows),
            (select coalesce(sum(delivered_rows), 0)::bigint from raw.extract_loads)
    """
    seen: list[tuple[Any, ...]] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.extend(ask(query))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    wait_until(lambda: (3, 3) in seen)
    for _ in range(5):
        load(small)
        with warehouse.connect(raw) as connection:
            loading.unload(connection, lambda _: None)
    load(small)
    wait_until(lambda: seen[-1] == (5, 5))
    stop.set()
    for reader in readers:
        reader.join()
    assert set(seen) <= {(3, 3), (5, 5), (0, 0)}
