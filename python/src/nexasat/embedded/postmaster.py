"""The process of an embedded server: is it there, does it answer; ending it and what it left.

A number in postmaster.pid proves nothing: after a crash it may belong to another program by now, or
to a dead process that nobody has reaped (usual in containers).
"""

import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nexasat.embedded.home import SOCKET, Home
from nexasat.errors import ExitCode, NexasatError


@dataclass(frozen=True)
class Postmaster:
    """A live server process of a home.

    Attributes:
        pid: its number.
        run: the folder of its socket.
        is_ready: True when it takes connections, not while it starts, recovers or stops.
        lost_its_socket: True when it should take connections, but somebody removed its socket.
    """

    pid: int
    run: Path
    is_ready: bool
    lost_its_socket: bool


def find(home: Home) -> Postmaster | None:
    """The live process that owns the data folder, or None."""
    lines = [*_lines(home.data / "postmaster.pid"), *[""] * 8]
    if not lines[0].isdigit() or not _owns_data(int(lines[0]), home):
        return None
    run = Path(lines[4] or home.run)
    says_ready = lines[7].strip() == "ready"
    return Postmaster(
        int(lines[0]),
        run,
        is_ready=says_ready and _answers(run),
        lost_its_socket=says_ready and not (run / SOCKET).exists(),
    )


def end(home: Home, pid: int, name: str, seconds: float) -> None:
    """Sends the signal (INT: fast, QUIT: at once) and waits until the process is gone."""
    home.account.can(f'kill -{name} "$1"', pid)
    if not wait_for(lambda: not _is_alive(pid), seconds):
        raise NexasatError(
            f"PostgreSQL (process {pid}) did not stop within {seconds:g} seconds",
            hint=f"look at {home.log}, then: kill -QUIT {pid}",
            exit_code=ExitCode.NO_SERVER,
        )


def clear_leftovers(home: Home) -> None:
    """Removes what a dead server left and what would keep a new one from starting.

    Call it only while holding the lock and when `find` says None. A number of a process that is
    gone needs nothing: PostgreSQL itself sees that.
    """
    for pid in _orphans(home):
        end(home, pid, "QUIT", 10)
    for lock in (home.data / "postmaster.pid", home.run / f"{SOCKET}.lock"):
        first = [*_lines(lock), ""][0].lstrip("-")
        if first.isdigit() and _is_there(int(first)):
            lock.unlink(missing_ok=True)


def wait_for(condition: Callable[[], bool], seconds: float) -> bool:
    """True as soon as the condition holds, False when it does not in time."""
    end_at = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end_at:
            return False
        time.sleep(0.05)
    return True


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="surrogateescape").splitlines()
    except FileNotFoundError:
        return []


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _is_alive(pid: int) -> bool:
    """True when the process is there and not dead and unreaped."""
    if not _is_there(pid):
        return False
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(") ")[2][:1] not in ("Z", "X")
    except OSError:
        return _is_there(pid)


def _owns_data(pid: int, home: Home) -> bool:
    """True when the process is a live PostgreSQL that works in the data folder."""
    if not _is_alive(pid):
        return False
    process = Path(f"/proc/{pid}")
    if not process.exists():  # no /proc: macOS
        shown = subprocess.run(
            ["ps", "-ww", "-o", "args=", "-p", str(pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        return f"-D {home.data}" in shown.stdout
    try:
        if (process / "comm").read_text().strip() != "postgres":
            return False
        return (process / "cwd").samefile(home.data)
    except PermissionError:  # root in a container may not look, the account itself may
        return home.account.can('test "$1" -ef "$2"', process / "cwd", home.data)
    except OSError:
        return False


def _orphans(home: Home) -> list[int]:
    """Servers whose data folder was deleted under them.

    Such a one ends within a minute, and then removes the socket of that name: the new server's.
    """
    found = []
    for process in Path("/proc").glob("[0-9]*"):  # macOS has none; there `up` mends it afterwards
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue  # it has just ended
        if words[0].endswith(b"/postgres") and os.fsencode(home.data) in words:
            has_data = home.account.can('test -e "$1"', process / "cwd" / "postmaster.pid")
            if not has_data:
                found.append(int(process.name))
    return found


def _answers(run: Path) -> bool:
    """True when somebody listens at the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        try:
            client.connect(str(run / SOCKET))
        except OSError:
            return False
    return True
