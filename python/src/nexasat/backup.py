"""Backup and restore of the whole database, by pg_dump and pg_restore (D-052)."""

import os
import re
import stat
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from nexasat import roles, warehouse
from nexasat.copying import QUIET, Report
from nexasat.embedded import programs
from nexasat.errors import ExitCode, NexasatError
from nexasat.loading import keep_others_out
from nexasat.output_file import replacing, told_in_words

BLOCK = 1 << 20
LONGEST_WAIT = "30s"  # for tables that others use
OURS = "TABLE raw extract_loads "  # in the list of every backup of a warehouse
# where the SQL of a backup names roles, which are the server's and not in it
NAMES_A_ROLE = re.compile(
    rb'^(?:ALTER [^;]* OWNER TO|GRANT [^;]* TO|ALTER DEFAULT PRIVILEGES FOR ROLE) ("[^"]+"|\w+)',
    re.MULTILINE,
)
TOO_NEW = b"SET transaction_timeout = 0;\n"  # which servers before 17 do not know
IS_USED = """
    select exists (
        select from pg_class
        inner join pg_namespace on pg_class.relnamespace = pg_namespace.oid
        where nspname !~ '^pg_' and nspname <> 'information_schema'
    ) as is_used
"""


def back_up(
    connection: warehouse.Connection, environment: Mapping[str, str], path: Path, report: Report
) -> int:
    """Writes the database to a file, as it is at one moment; no load or build runs meanwhile.

    Args:
        connection: to the database.
        environment: with the libpq variables of the same database.
        path: a new file, or one that is replaced when the backup is whole.
        report: takes one sentence of progress at a time.

    Returns:
        The bytes of the file.
    """
    folder = programs.at_least(("pg_dump",), connection.info.server_version // 10000)
    command = [str(folder / "pg_dump"), "--format=custom", "--no-password"]
    command += [f"--lock-wait-timeout={LONGEST_WAIT}"]
    with (
        keep_others_out(connection, report),
        told_in_words(str(path)),
        replacing(path, is_private=True) as file,
        tempfile.TemporaryFile() as told,
    ):
        command.append(f"--file={file.name}")  # to its output it would write the contents twice
        with subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stderr=told, env=dict(environment)
        ) as dump:
            while not _has_ended(dump):
                report(f"{path.name}: {os.fstat(file.fileno()).st_size / 1e6:,.1f} MB written")
        if dump.returncode != 0:
            raise _failed(f"{path} was not written", told, "mend that, or name another file")
        if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            os.fsync(file.fileno())
        return os.fstat(file.fileno()).st_size


def restore(
    connection: warehouse.Connection,
    environment: Mapping[str, str],
    path: Path,
    report: Report,
    *,
    replaces: bool = False,
) -> None:
    """Puts a backup into the database, in one transaction: all of it or nothing.

    Args:
        connection: to the database.
        environment: with the libpq variables of the same database.
        path: what `back_up` wrote.
        report: takes one sentence of progress at a time.
        replaces: whether what is in the database may be given up for it.
    """
    folder = programs.at_least(("pg_restore", "psql"), connection.info.server_version // 10000)
    named = _read(folder / "pg_restore", path)
    with keep_others_out(connection, report):
        if warehouse.fetch(connection, IS_USED)[0]["is_used"] and not replaces:
            raise NexasatError(
                f"the database {connection.info.dbname} is not empty; nothing was changed",
                hint="name an empty one with PGDATABASE, or give all that is in this one up for "
                "the backup with --force",
            )
        before = [f"begin; set local lock_timeout = '{LONGEST_WAIT}';", roles.statements("emptied")]
        after = ["analyze; commit;"]
        if roles.NAMES & named:
            before.append(roles.statements("roles_made"))
            after.insert(0, roles.statements("roles_granted"))
        known = "select rolname from pg_roles"
        missing = (
            named - roles.NAMES - {row["rolname"] for row in warehouse.fetch(connection, known)}
        )
        if missing:
            raise NexasatError(
                f"the backup names roles that are not here: {', '.join(sorted(missing))}",
                hint=f"make them first: nexasat psql -c 'create role \"{min(missing)}\"'",
            )
        with tempfile.TemporaryFile() as told, tempfile.TemporaryFile() as doubts:
            source = [str(folder / "pg_restore"), "--file=-", str(path)]
            target = [str(folder / "psql"), "-XqwvON_ERROR_STOP=1"]
            with (
                subprocess.Popen(source, stdout=subprocess.PIPE, stderr=doubts) as reader,
                subprocess.Popen(
                    target,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=told,
                    env=dict(environment),
                ) as writer,
            ):
                _pass_on(reader, writer, "\n".join(before), "\n".join(after), report)
            # what pg_restore finds wrong comes first: psql may have tripped over half a row of it
            if reader.returncode > 0 or (reader.returncode != 0 and writer.returncode == 0):
                raise _failed(f"{path} is damaged", doubts, "nothing was changed; take another")
            if writer.returncode != 0:
                raise _failed("nothing was restored", told, "mend that, then restore again")


def _has_ended(process: "subprocess.Popen[bytes]") -> bool:
    """False when it still runs after a while."""
    try:
        process.wait(QUIET)
    except subprocess.TimeoutExpired:
        return False
    except BaseException:  # Ctrl-C
        process.kill()
        raise
    return True


def _read(program: Path, path: Path) -> set[str]:
    """Looks whether the file is a backup of a warehouse; returns the roles that it names."""

    def tell(*options: str) -> bytes:
        with tempfile.TemporaryFile() as told:
            done = subprocess.run(
                [program, *options, path], stdout=subprocess.PIPE, stderr=told, check=False
            )
            if done.returncode != 0:
                raise _failed(
                    f"{path} cannot be restored",
                    told,
                    "name a file that nexasat backup wrote",
                    ExitCode.BAD_FILE,
                )
        return done.stdout

    if OURS.encode() not in tell("--list"):
        raise NexasatError(
            f"{path} is a backup of another database: it has no table raw.extract_loads",
            hint="name a file that nexasat backup wrote",
            exit_code=ExitCode.BAD_FILE,
        )
    found = NAMES_A_ROLE.findall(tell("--schema-only", "--file=-"))
    return {name.decode().strip('"') for name in found} - {"PUBLIC"}


def _pass_on(
    reader: "subprocess.Popen[bytes]",
    writer: "subprocess.Popen[bytes]",
    before: str,
    after: str,
    report: Report,
) -> None:
    """Passes the SQL of a backup on to psql, which commits only when all of it has come."""
    source, target = reader.stdout, writer.stdin
    if source is None or target is None:
        raise ValueError("both must have pipes")
    size, next_word = 0, time.monotonic() + QUIET
    try:
        target.write(before.encode())
        head = source.read(BLOCK).replace(TOO_NEW, b"", 1)
        while head:
            target.write(head)
            size += len(head)
            if time.monotonic() >= next_word:
                report(f"{size / 1e6:,.1f} MB restored")
                next_word = time.monotonic() + QUIET
            head = source.read(BLOCK)
        if reader.wait() == 0:
            target.write(after.encode())
        target.close()
        writer.wait()
    except BrokenPipeError:  # psql stopped at an error
        reader.kill()
        with suppress(BrokenPipeError):
            target.close()
    except BaseException:  # Ctrl-C
        reader.kill()
        writer.kill()
        with suppress(BrokenPipeError):  # which would hide it
            target.close()
        raise


def _failed(
    what: str, told: BinaryIO, hint: str, exit_code: ExitCode = ExitCode.FAILED
) -> NexasatError:
    """The error with the first reason that a program gave."""
    told.seek(0)
    lines = told.read().decode(errors="replace").splitlines()
    reasons = [
        found[1] for line in lines if (found := re.search(r"(?i)\b(?:error|fatal): +(.*)", line))
    ]
    reason = (reasons or lines or ["no reason given"])[0]
    return NexasatError(f"{what}: {reason}", hint=hint, exit_code=exit_code)
