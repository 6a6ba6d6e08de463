"""The account that runs PostgreSQL, which refuses to run as root.

A user runs it as themselves. Root runs it as an account that is there already: none is made.
"""

import os
import pwd
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nexasat.errors import ExitCode, NexasatError

USUAL = ("postgres", "nobody")  # the first that exists runs the server of root


@dataclass(frozen=True)
class Account:
    """An account of the operating system."""

    name: str
    uid: int
    gid: int

    @property
    def is_other(self) -> bool:
        """True when root runs the server as this account."""
        return self.uid != os.geteuid()

    @property
    def process(self) -> dict[str, Any]:
        """What `subprocess` needs to run a program as this account."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}

    def can(self, script: str, *arguments: object) -> bool:
        """True when this account can do the shell script (its arguments are "$1", "$2", …)."""
        command = ["/bin/sh", "-c", script, "sh", *map(str, arguments)]
        none = subprocess.DEVNULL
        try:
            done = subprocess.run(
                command, cwd="/", stdin=none, stdout=none, stderr=none, check=False, **self.process
            )
        except OSError as error:
            raise NexasatError(
                f"no program can be run as the account {self.name}: {error}",
                hint="name another with NEXASAT_SERVER_USER, or do not work as root",
                exit_code=ExitCode.NO_SERVER,
            ) from error
        return done.returncode == 0

    def own(self, path: Path) -> None:
        """Gives a path that was just made to this account."""
        if self.is_other:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose(environment: Mapping[str, str], data: Path, state: Path) -> Account:
    """The user; for root who owns the files so far, else NEXASAT_SERVER_USER, else a usual one."""
    if os.geteuid() != 0:
        return _by_uid(os.geteuid())
    for path in (data, state):
        if path.exists() and path.stat().st_uid != 0:
            return _by_uid(path.stat().st_uid)
    wanted = environment.get("NEXASAT_SERVER_USER")
    for name in (wanted,) if wanted else USUAL:
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return Account(name, entry.pw_uid, entry.pw_gid)
    names = wanted or " or ".join(USUAL)
    raise NexasatError(
        f"PostgreSQL does not run as root, and there is no other account {names}",
        hint="set NEXASAT_SERVER_USER to an existing account, or do not work as root",
        exit_code=ExitCode.NO_SERVER,
    )


def _by_uid(uid: int) -> Account:
    with suppress(KeyError):
        entry = pwd.getpwuid(uid)
        return Account(entry.pw_name, uid, entry.pw_gid)
    return Account(str(uid), uid, os.getegid())
