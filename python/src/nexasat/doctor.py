"""What a working project needs, checked one by one; nothing is started or changed."""

import importlib.metadata
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nexasat import server, warehouse
from nexasat.embedded import home as homes
from nexasat.embedded import programs
from nexasat.errors import NexasatError
from nexasat.settings import Settings, find_settings

MINIMUM_PYTHON = (3, 10)
MINIMUM_FREE = 2_000_000_000  # bytes: the bundled extract needs 0.2 GB, a million customers 1.5 GB


@dataclass(frozen=True)
class Finding:
    """One line of the report.

    Attributes:
        name: what was looked at.
        detail: what was found.
        hint: the way out; empty when nothing is missing.
        is_missing: False for what is well, and for what is information only.
    """

    name: str
    detail: str
    hint: str = ""
    is_missing: bool = False


def examine(find: Callable[[], Settings] = find_settings) -> Iterator[Finding]:
    """Looks at everything, in the order of a first day; whatever is broken is a finding.

    Args:
        find: gives the settings of the project.
    """
    yield from _guarded("python", _python)
    try:
        settings = find()
    except NexasatError as error:
        yield Finding("project", str(error), error.hint, is_missing=True)
        return
    yield Finding("project", str(settings.project))
    yield from _guarded("packages", lambda: _packages(settings))
    yield from _guarded("embedded server", _embedded)
    yield from _guarded(".nexasat", lambda: _state(settings))
    yield from _guarded("disk", lambda: _disk(settings))
    yield from _guarded("docker", _docker)
    yield from _guarded("server", lambda: _server(settings))


def _guarded(name: str, look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """The findings of one look; an error of any kind is one of them."""
    try:
        yield from look()
    except NexasatError as error:
        yield Finding(name, str(error), error.hint, is_missing=True)
    except Exception as error:  # the doctor never dies of what the patient has
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        yield Finding(name, reason, "this should not happen: please report it", is_missing=True)


def _python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < MINIMUM_PYTHON:
        wanted = ".".join(map(str, MINIMUM_PYTHON))
        yield Finding("python", version, f"install Python {wanted} or later", is_missing=True)
    else:
        yield Finding("python", f"{version} in {sys.prefix}")


def _packages(settings: Settings) -> Iterator[Finding]:
    """Compares the installed packages with the locked ones."""
    lock = settings.project / "requirements" / "runtime.lock"
    if not lock.is_file():
        raise NexasatError(f"there is no {lock}", hint="restore it: git checkout requirements")
    locked: dict[str, set[str]] = {}
    optional = set()  # locked for some platforms or versions of Python only
    for name, version, marker in re.findall(
        r"^([\w.-]+)==([^\s;\\]+)([^\S\n]*;)?", lock.read_text(encoding="utf-8"), re.MULTILINE
    ):
        locked.setdefault(name, set()).add(version)
        if marker:
            optional.add(name)
    differing = []
    for name, versions in sorted(locked.items()):
        try:
            installed = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            if name not in optional:
                differing.append(f"{name} is not installed")
            continue
        if installed not in versions:
            differing.append(f"{name} is {installed}, not {' or '.join(sorted(versions))}")
    if differing:
        detail = "; ".join(differing[:3]) + (f"; {len(differing) - 3} more" * (len(differing) > 3))
        yield Finding("packages", detail, "install the locked ones: make setup", is_missing=True)
    else:
        yield Finding("packages", f"{len(locked)} as in {lock.name}")


def _embedded() -> Iterator[Finding]:
    told = subprocess.run(
        [programs.bundled() / "postgres", "--version"], capture_output=True, text=True, check=False
    )
    if told.returncode != 0:
        raise NexasatError(
            f"it does not run on this machine: {told.stderr.strip()}",
            hint="set PGHOST, PGPORT, PGUSER and PGDATABASE to use another PostgreSQL",
        )
    yield Finding("embedded server", f"{told.stdout.strip()}, package {programs.version()}")


def _state(settings: Settings) -> Iterator[Finding]:
    """Looks whether others can get at the data of the embedded server."""
    state = settings.state
    if not state.exists():
        yield Finding(".nexasat", "not made yet (by the first `nexasat up`)")
        return
    mode = stat.S_IMODE(state.stat().st_mode)
    if mode & 0o007:
        hint = f"chmod o= {state}"
        yield Finding(".nexasat", f"{state} is open to everybody", hint, is_missing=True)
    else:
        yield Finding(".nexasat", f"{state}, mode {mode:04o}")


def _disk(settings: Settings) -> Iterator[Finding]:
    folder = homes.locate(settings).base
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    detail = f"{free / 1e9:.1f} GB free in {folder}"
    if free < MINIMUM_FREE:
        hint = "make room, or set NEXASAT_HOME to a folder on another disk"
        yield Finding("disk", detail, hint, is_missing=True)
    else:
        yield Finding("disk", detail)


def _docker() -> Iterator[Finding]:
    """Information only: the embedded server needs no containers."""
    program = shutil.which("docker")
    if program is None:
        yield Finding("docker", "not installed (not needed)")
        return
    try:
        told = subprocess.run(
            [program, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=10,
        )
    except subprocess.TimeoutExpired:
        yield Finding("docker", "the engine does not answer (not needed)")
        return
    answers = told.returncode == 0
    detail = f"engine {told.stdout.strip()}" if answers else "no engine runs (not needed)"
    yield Finding("docker", detail)


def _server(settings: Settings) -> Iterator[Finding]:
    """Looks at the server, its database, the rights in it and the marts."""
    parameters = server.server_parameters(settings, lambda _: None, start=False)
    with warehouse.connect(parameters) as connection:
        version = connection.info.server_version
        kind = "embedded" if server.uses_embedded(settings) else "your own"
        number = f"{version // 10000}.{version % 10000}"
        yield Finding("server", f"{kind}, PostgreSQL {number} at {parameters['PGHOST']}")
        yield Finding("database", parameters["PGDATABASE"])
        yield from _rights(connection, parameters)
        yield from _marts(connection)


def _rights(connection: warehouse.Connection, parameters: dict[str, str]) -> Iterator[Finding]:
    found = warehouse.fetch(
        connection,
        "select has_database_privilege(current_database(), 'create') as make_schemas, "
        "has_database_privilege(current_database(), 'temporary') as make_temporary_tables",
    )[0]
    lacking = [name.replace("_", " ") for name, has in found.items() if not has]
    user, database = parameters["PGUSER"], parameters["PGDATABASE"]
    if lacking:
        hint = f"as its owner: grant create, temporary on database {database} to {user}"
        yield Finding("rights", f"{user} may not {' or '.join(lacking)}", hint, is_missing=True)
    else:
        yield Finding("rights", f"{user} may make schemas and temporary tables")


def _marts(connection: warehouse.Connection) -> Iterator[Finding]:
    if not warehouse.relation_exists(connection, "marts", "dim_customers"):
        yield Finding("marts", "not built yet", "nexasat build", is_missing=True)
        return
    query = "select count(*) as customers from marts.dim_customers"
    customers = warehouse.fetch(connection, query)[0]["customers"]
    yield Finding("marts", f"built, {customers:,} customers")
