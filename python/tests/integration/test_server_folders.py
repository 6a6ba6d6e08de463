"""The embedded server works in odd folders, and trusts no folder of its socket but a closed one."""

import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat import server as servers
from nexasat import warehouse
from nexasat.embedded import home as homes
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

MakeProject = Callable[..., Settings]


def _answer(parameters: dict[str, str]) -> object:
    with warehouse.connect(parameters) as connection:
        return warehouse.fetch(connection, "select 7 as n")[0]["n"]


@pytest.mark.parametrize(
    "name",
    [
        "with space",
        'it\'s "quoted"',
        "$HOME `id` \\",
        "Ünïcödé-数据",
        "a,b",
        "-c fsync=off",
        "x" * 120,
    ],
    ids=["space", "quotes", "shell", "unicode", "comma", "option", "long"],
)
def test_any_folder_will_do(own: Settings, make_project: MakeProject, name: str) -> None:
    settings = make_project(own.project / name)
    parameters = servers.start(settings, print)
    assert _answer(parameters) == 7
    assert servers.running(settings) == parameters
    assert servers.stop(settings)
    assert servers.running(settings) is None


@pytest.fixture
def far(own: Settings, make_project: MakeProject) -> Settings:
    """A project with a path that is too long for a socket."""
    return make_project(own.project / ("long" * 30))


def test_a_long_path_gets_a_short_folder_that_others_cannot_open(far: Settings) -> None:
    home = homes.locate(far)
    assert home.run.parent == Path(tempfile.gettempdir()).resolve()
    assert home.run == homes.locate(far).run
    parameters = servers.start(far, print)
    found = home.run.lstat()
    assert parameters["PGHOST"] == str(home.run)
    assert stat.S_ISDIR(found.st_mode)
    assert (found.st_mode & 0o777, found.st_uid) == (0o700, home.account.uid)
    assert home.data == far.state / "data"


def test_another_temporary_folder_in_another_shell_does_not_matter(
    far: Settings, monkeypatch: pytest.MonkeyPatch, own: Settings
) -> None:
    parameters = servers.start(far, print)
    monkeypatch.setattr(tempfile, "tempdir", str(own.project))
    assert str(homes.locate(far).run) != parameters["PGHOST"]
    assert servers.running(far) == parameters
    assert servers.start(far, print) == parameters


def _link(run: Path, home: homes.Home, own: Settings) -> None:
    (own.project / "theirs").mkdir(mode=0o700)
    home.account.own(own.project / "theirs")
    run.symlink_to(own.project / "theirs")


def _open(run: Path, home: homes.Home, own: Settings) -> None:
    del own
    run.mkdir()
    run.chmod(0o770)
    home.account.own(run)


def _file(run: Path, home: homes.Home, own: Settings) -> None:
    del own
    run.write_text("not a folder")
    home.account.own(run)


@pytest.mark.parametrize("plant", [_link, _open, _file])
def test_a_planted_socket_folder_is_refused(
    far: Settings, own: Settings, plant: Callable[[Path, homes.Home, Settings], None]
) -> None:
    home = homes.locate(far)
    plant(home.run, home, own)
    try:
        with pytest.raises(NexasatError, match="alone can open") as raised:
            servers.start(far, print)
        assert raised.value.exit_code == ExitCode.NO_SERVER
        assert not home.data.exists()
    finally:
        shutil.rmtree(home.run) if home.run.is_dir() and not home.run.is_symlink() else (
            home.run.unlink()
        )


def test_a_folder_that_cannot_be_made_is_a_sentence(own: Settings) -> None:
    file = own.project / "file"
    file.write_text("")
    settings = Settings(own.project, {**own.environment, "NEXASAT_HOME": str(file / "below")})
    with pytest.raises(NexasatError, match="cannot use") as raised:
        servers.start(settings, print)
    assert "NEXASAT_HOME" in raised.value.hint
    assert raised.value.exit_code == ExitCode.NO_SERVER


def test_a_project_that_moves_takes_its_running_server_along(
    own: Settings, make_project: MakeProject
) -> None:
    before = make_project(own.project / "before")
    servers.start(before, print)
    before.project.rename(own.project / "after")
    after = make_project(own.project / "after")
    assert _answer(servers.start(after, print)) == 7
    assert servers.stop(after)
    assert _answer(servers.start(after, print)) == 7
