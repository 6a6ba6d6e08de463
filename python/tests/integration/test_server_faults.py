"""The embedded server comes back after crashes, and commands do not get in each other's way."""

import os
import shutil
import signal
import subprocess
import sysconfig
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from nexasat import server as servers
from nexasat.embedded import home as homes
from nexasat.embedded import postmaster
from nexasat.embedded.home import Home
from nexasat.settings import Settings

NEXASAT = Path(sysconfig.get_path("scripts")) / "nexasat"


def _connect(
    settings: Settings, database: str = "nexasat"
) -> psycopg.Connection[tuple[object, ...]]:
    found = servers.running(settings)
    assert found
    return psycopg.connect(host=found["PGHOST"], user="postgres", dbname=database)


def _pid(settings: Settings) -> int:
    found = postmaster.find(homes.locate(settings))
    assert found
    return found.pid


def _up(settings: Settings) -> subprocess.Popen[bytes]:
    """`nexasat up` in the background, in a process group of its own."""
    return subprocess.Popen(
        [NEXASAT, "up"],
        cwd=settings.project,
        env=dict(settings.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _write(home: Home, path: Path, text: str) -> None:
    path.write_text(text)
    home.account.own(path)


def test_a_killed_server_recovers_with_all_that_was_committed(own: Settings) -> None:
    servers.start(own, print)
    for round_ in range(3):
        with _connect(own) as connection:
            connection.execute("create table if not exists public.kept (n int)")
            connection.execute("insert into public.kept values (%s)", [round_])
        busy = _connect(own)
        busy.execute("create table public.lost as select n from generate_series(1, 300000) n")
        os.kill(_pid(own), signal.SIGKILL)
        servers.start(own, print)  # at once: orphans of the killed one are still dying
        busy.close()
        with _connect(own) as connection:
            kept = connection.execute("select count(*) from public.kept").fetchone()
            lost = connection.execute("select to_regclass('public.lost')").fetchone()
        assert (kept, lost) == ((round_ + 1,), (None,))


def test_a_start_waits_for_the_last_process_of_a_killed_server(own: Settings) -> None:
    servers.start(own, print)
    session = _connect(own)
    slow = session.info.backend_pid
    os.kill(slow, signal.SIGSTOP)  # it cannot notice that the server is gone
    os.kill(_pid(own), signal.SIGKILL)
    release = threading.Timer(2, os.kill, (slow, signal.SIGKILL))
    release.start()
    began = time.monotonic()
    servers.start(own, print)
    assert time.monotonic() - began > 1, "it started while the old one still held its memory"
    assert "pre-existing shared memory block" in homes.locate(own).log.read_text()
    release.join()
    session.close()


@pytest.mark.parametrize("signal_too", [True, False], ids=["all killed", "initdb goes on"])
def test_a_torn_initdb_is_made_anew(own: Settings, signal_too: bool) -> None:
    command = _up(own)
    home = homes.locate(own)
    deadline = time.monotonic() + 30
    while not list(home.state.glob("data.new-*/PG_VERSION")):
        assert time.monotonic() < deadline, "initdb never began"
        assert command.poll() is None, "up was done before it could be killed"
        time.sleep(0.002)
    command.kill()
    command.wait()
    if signal_too:
        torn = next(home.state.glob("data.new-*"))
        home.account.can('pkill -KILL -f "$1"', torn)
    assert not home.data.exists()
    servers.start(own, print)
    with _connect(own) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    assert not list(home.state.glob("data.new-*"))


def test_a_folder_that_is_no_database_is_set_aside_not_deleted(own: Settings) -> None:
    home = homes.locate(own)
    homes.make_state(home)
    home.data.mkdir()
    (home.data / "precious").write_text("mine")
    told: list[str] = []
    servers.start(own, told.append)
    (aside,) = home.state.glob("data.incomplete-*")
    assert (aside / "precious").read_text() == "mine"
    assert str(aside) in " ".join(told)


def test_two_commands_at_once_start_one_server(own: Settings) -> None:
    commands = [_up(own) for _ in range(4)]
    told = [command.communicate(timeout=60)[1].decode() for command in commands]
    assert [command.returncode for command in commands] == [0, 0, 0, 0]
    assert sum("making the database files" in text for text in told) == 1
    assert homes.locate(own).log.read_text().count("starting PostgreSQL 18") == 1


@pytest.mark.parametrize("kind", ["another program", "dead and unreaped", "nobody"])
def test_a_number_left_in_postmaster_pid_is_no_obstacle(own: Settings, kind: str) -> None:
    servers.start(own, print)
    home = homes.locate(own)
    left = (home.data / "postmaster.pid").read_text().splitlines()
    servers.stop(own)
    sleep = ["/bin/sleep", "60"]
    with subprocess.Popen(sleep, cwd="/", **home.account.process) as other, ExitStack() as stack:
        stack.callback(other.kill)
        if kind != "another program":
            other.kill()
            time.sleep(0.2)
        if kind == "nobody":
            other.wait()
        stale = "\n".join([str(other.pid), *left[1:]]) + "\n"
        _write(home, home.data / "postmaster.pid", stale)
        _write(home, home.run / f"{homes.SOCKET}.lock", stale)
        assert not servers.is_running(own)
        assert not servers.stop(own)
        servers.start(own, print)
        assert _pid(own) != other.pid
        if kind == "another program":
            assert other.poll() is None, "it was killed, though it has nothing to do with us"


def test_a_removed_socket_comes_back(own: Settings) -> None:
    servers.start(own, print)
    shutil.rmtree(homes.locate(own).run)
    assert not servers.is_running(own)
    servers.start(own, print)
    with _connect(own) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.parametrize("part", [".nexasat", ".nexasat/data"])
def test_a_server_whose_files_were_deleted_is_replaced(own: Settings, part: str) -> None:
    servers.start(own, print)
    orphan = _pid(own)
    shutil.rmtree(own.project / part)
    assert not servers.is_running(own)
    servers.start(own, print)
    assert _pid(own) != orphan
    with _connect(own) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    # it would remove the socket of the new one as soon as it notices
    assert not Path(f"/proc/{orphan}/cwd").exists()


def test_ctrl_c_in_a_build_leaves_the_server_alone(own: Settings) -> None:
    script = f'"{NEXASAT}" up && exec "{NEXASAT}" psql -qAtc "select pg_sleep(60)"'
    build = subprocess.Popen(
        ["/bin/sh", "-c", script],
        cwd=own.project,
        env=dict(own.environment),
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    query = "select 1 from pg_stat_activity where query like '%%pg_sleep%%' and pid <> %s"

    def sleeps() -> bool:
        if not servers.is_running(own):
            return False
        with _connect(own, "postgres") as connection:
            me = connection.info.backend_pid
            return connection.execute(query, [me]).fetchone() is not None

    assert postmaster.wait_for(sleeps, 30)
    pid = _pid(own)
    os.killpg(build.pid, signal.SIGINT)
    _, told = build.communicate(timeout=20)
    assert build.returncode != 0
    assert "canceling statement due to user request" in told.decode()
    assert _pid(own) == pid


def test_the_log_does_not_grow_for_ever(own: Settings) -> None:
    servers.start(own, print)
    servers.stop(own)
    log = homes.locate(own).log
    with log.open("ab") as file:
        file.truncate(11_000_000)
    servers.start(own, print)
    assert log.stat().st_size < 10_000
    assert log.with_name("server.log.1").stat().st_size == 11_000_000
