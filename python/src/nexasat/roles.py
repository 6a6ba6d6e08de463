"""The roles of the warehouse: made, mended and checked by the SQL beside this module (D-050)."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from nexasat import warehouse
from nexasat.copying import Report
from nexasat.errors import NexasatError
from nexasat.loading import keep_others_out
from nexasat.output_file import replacing, told_in_words

LOGINS = ("nexasat_loader", "nexasat_transformer", "bi_reader", "analyst")
NAMES = {"nexasat_owner", "nexasat_reader", *LOGINS}
NO_PASSWORD = "none"  # noqa: S105  a word of roles_checked.sql
LONGEST_WAIT = "30s"  # for tables that get another owner while somebody reads them


@dataclass(frozen=True)
class Role:
    """A role as it was found.

    Attributes:
        role_name: of the server; `everybody else` for what PUBLIC has.
        may: what it is for, in words.
        is_well: that it may do that, and nothing more.
        password: `SCRAM`, `not SCRAM`, `none`, or empty for what cannot log in.
        state: `ok`, `made` or `mended` by this run, `wrong` or `missing`.
    """

    role_name: str
    may: str
    is_well: bool
    password: str
    state: str = "ok"


def statements(name: str) -> str:
    """The SQL of `roles_made`, `roles_granted` or `roles_checked`."""
    return resources.files("nexasat").joinpath(f"sql/{name}.sql").read_text(encoding="utf-8")


def check(connection: warehouse.Connection) -> list[Role]:
    """Looks at all roles; changes nothing.

    Raises:
        NexasatError: the user may not see what the roles have.
    """
    user = warehouse.fetch(
        connection, "select rolname, rolsuper from pg_roles where rolname = current_user"
    )[0]
    if not user["rolsuper"]:
        raise NexasatError(
            f"roles are looked at and made by a superuser, and {user['rolname']} is none",
            hint="PGUSER=postgres nexasat roles, or the name that your server has for it",
        )
    rows = warehouse.fetch(connection, statements("roles_checked"))
    found = [Role(**row, state="ok" if row["is_well"] else "wrong") for row in rows]
    names = {role.role_name for role in found}
    return found + [
        Role(name, "", is_well=False, password="", state="missing")
        for name in sorted(NAMES - names)
    ]


def establish(
    connection: warehouse.Connection, report: Report, passwords: Path | None = None
) -> list[Role]:
    """Makes or mends all roles and what they may do, in one transaction; again changes nothing.

    Args:
        connection: of a superuser, to the database of the warehouse.
        report: takes one sentence of progress at a time.
        passwords: a file for new passwords of the logins that have none; None gives none.
    """
    before = {role.role_name: role for role in check(connection)}
    with keep_others_out(connection, report), connection.transaction():
        warehouse.execute(connection, f"set local lock_timeout = '{LONGEST_WAIT}'")
        warehouse.execute(connection, statements("roles_made"))
        warehouse.execute(connection, statements("roles_granted"))
        after = check(connection)
        if passwords:
            new = {
                role.role_name: secrets.token_urlsafe(24)
                for role in after
                if role.password == NO_PASSWORD
            }
            for name, password in new.items():
                warehouse.set_password(connection, name, password)
            if new:  # before they are in force: a password that nobody knows helps nobody
                _write(passwords, connection.info.dbname, new)
            after = check(connection)
    return [
        Role(role.role_name, role.may, role.is_well, role.password, _state(before, role))
        for role in after
    ]


def _state(before: Mapping[str, Role], role: Role) -> str:
    """What this run did to a role."""
    old = before.get(role.role_name)
    if not role.is_well:
        return role.state
    if old is None or old.state == "missing":
        return "made"
    return "ok" if old.is_well else "mended"


def _write(path: Path, database: str, passwords: Mapping[str, str]) -> None:
    """Adds passwords to a file for PGPASSFILE, which its owner alone can read."""
    place = database.replace("\\", "\\\\").replace(":", "\\:")
    starts = {f"*:*:{place}:{name}:": password for name, password in passwords.items()}
    with told_in_words(str(path)):
        old = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        lines = [line for line in old if not line.startswith(tuple(starts))]
        lines += [start + password for start, password in starts.items()]
        with replacing(path, is_private=True) as file:
            file.write("".join(f"{line}\n" for line in lines).encode())
