"""Where the embedded PostgreSQL keeps its files and its socket.

No folder that was there before gets another mode or owner. Where the account that runs the server
for root cannot reach the project, the data go to PLACE_OF_ROOT, and `.nexasat/WHERE` says so.
"""

import hashlib
import os
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nexasat.embedded import account as accounts
from nexasat.embedded.account import Account
from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

Report = Callable[[str], None]  # takes one sentence of progress

PLACE_OF_ROOT = Path("/var/lib/nexasat")
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 100  # bytes of a whole path; macOS allows 103, Linux 107


@dataclass(frozen=True)
class Home:
    """The files of one embedded server.

    Attributes:
        state: the project's folder for it (`.nexasat`), with the lock and the log.
        base: the folder of data and socket: `state`, or for root one in PLACE_OF_ROOT.
        account: who runs the server and owns its data.
    """

    state: Path
    base: Path
    account: Account

    @property
    def data(self) -> Path:
        """The data folder of PostgreSQL."""
        return self.base / "data"

    @property
    def log(self) -> Path:
        """What the server and the programs around it said."""
        return self.state / "server.log"

    @property
    def run(self) -> Path:
        """The folder of the socket: beside the data, or a short one where that is too long."""
        near = self.base / "run"
        if _fits(near):
            return near
        name = f"nexasat-{self.account.uid}-{_key(self.data)}"
        short = Path(tempfile.gettempdir()).resolve() / name
        if not _fits(short):
            raise _no_server(
                f"{short} is too long for a unix socket", "set NEXASAT_HOME to a shorter path"
            )
        return short


def locate(settings: Settings) -> Home:
    """The home of this project's server as it is now; makes and changes nothing."""
    state = settings.state.resolve()
    base = state
    if os.geteuid() == 0 and not (state / "data").exists() and (_place(state) / "data").exists():
        base = _place(state)
    return Home(state, base, accounts.choose(settings.environment, base / "data", state))


def make_state(home: Home) -> None:
    """Makes the project's `.nexasat`, closed to all but its user and the server's account."""
    if home.state.exists():
        return
    home.state.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=".nexasat-", dir=home.state.parent))
    if home.account.is_other:
        _let_pass(aside, home.account)
    try:
        aside.rename(home.state)  # at once, so that nobody finds it with another mode
    except OSError:
        aside.rmdir()
        if not home.state.is_dir():  # else another process was quicker
            raise


def prepare(home: Home, report: Report) -> Home:
    """Makes the folders for data and socket; returns the home with the place they are in."""
    if home.base == home.state and not home.account.can('cd -- "$1"', home.state):
        place = _place(home.state)
        if home.data.exists():
            raise _no_server(
                f"the account {home.account.name} cannot reach {home.data}",
                f"as root: mkdir -p {place} && mv {home.data} {place}/",
            )
        home = Home(home.state, place, home.account)
        make_place(place)
        _let_pass(place, home.account)
        where = home.state / "WHERE"
        if not where.exists():
            where.write_text(
                f"Root's PostgreSQL runs as the account {home.account.name}, which cannot reach\n"
                f"this folder, so its data are in {place}.\n"
                "To start from nothing: `nexasat down`, then delete that folder and this one.\n"
            )
            report(f"data are kept in {place}, as {home.account.name} cannot reach {home.state}")
    _make_private(home.run, home.account)
    return home


@contextmanager
def open_private(home: Home, path: Path) -> Iterator[int]:
    """Opens a file of `.nexasat` to add to; a new one belongs to the folder's owner alone."""
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        if os.geteuid() == 0:  # perhaps with sudo, in the folder of somebody
            owner = home.state.stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        yield descriptor
    finally:
        os.close(descriptor)


def make_place(folder: Path) -> None:
    """Makes root's folder for servers, which every account can pass through, and one in it."""
    if not PLACE_OF_ROOT.exists():
        PLACE_OF_ROOT.mkdir(parents=True, exist_ok=True)
        PLACE_OF_ROOT.chmod(0o755)  # whatever the umask says
    folder.mkdir(mode=0o700, exist_ok=True)


def _let_pass(folder: Path, account: Account) -> None:
    """Lets the account through a folder of root's that we made, and nobody else."""
    os.chown(folder, -1, account.gid)
    folder.chmod(0o710)


def _make_private(folder: Path, account: Account) -> None:
    """Makes a folder that only `account` can open, or refuses the one that is there."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    is_closed = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if is_closed and found.st_uid == os.geteuid():
        account.own(folder)
        found = folder.lstat()
    if not is_closed or found.st_uid != account.uid:
        raise _no_server(
            f"{folder}, the folder of the socket, must be one that {account.name} alone can open",
            f"look at it and remove it (rm -r {folder}), or set NEXASAT_HOME to another folder",
        )


def _place(state: Path) -> Path:
    return PLACE_OF_ROOT / _key(state)


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def _fits(folder: Path) -> bool:
    """True when libpq can take the folder for PGHOST, where a comma parts two hosts."""
    return len(os.fsencode(folder / SOCKET)) <= LONGEST_SOCKET and "," not in str(folder)


def _no_server(message: str, hint: str) -> NexasatError:
    return NexasatError(message, hint=hint, exit_code=ExitCode.NO_SERVER)
