"""The log of releases, which dbt keeps: what is live, what is kept, and what was not published."""

from collections.abc import Mapping

from nexasat import warehouse
from nexasat.dbt_runner import Dbt
from nexasat.errors import NexasatError
from nexasat.settings import Settings
from nexasat.warehouse import Query

RELEASES: Query = """
    select
        release_number, published_at, live_since, based_on,
        case
            when is_live then 'live' when dropped_at is null then 'kept' else 'dropped'
        end as state
    from ops.releases order by release_number desc
"""
REFUSED: Query = """
    select started_at, coalesce(reason, 'broke off, or is running') as reason
    from ops.release_builds
    where
        is_published is not true
        and started_at > coalesce((select max(published_at) from ops.releases), '-infinity')
    order by started_at desc
"""


def listed(connection: warehouse.Connection) -> list[warehouse.Row]:
    """All releases, the newest first: number, times, what they were based on, state.

    Raises:
        NexasatError: nothing was published yet.
    """
    found = (
        warehouse.fetch(connection, RELEASES)
        if warehouse.relation_exists(connection, "ops", "releases")
        else []
    )
    if not found:
        raise NexasatError("nothing was published yet", hint="build it first: nexasat build")
    return found


def refused(connection: warehouse.Connection) -> list[warehouse.Row]:
    """The builds since the last release that were not published, the newest first, and why."""
    return warehouse.fetch(connection, REFUSED)


def roll_back(
    settings: Settings,
    parameters: Mapping[str, str],
    release_number: int | None,
    *,
    allow_breaking: bool,
) -> None:
    """Shows an older release that is kept; None for the one that was live before.

    Raises:
        NexasatError: it is not kept, or readers would miss a column and may not.
    """
    arguments = "{}" if release_number is None else f"{{release_number: {release_number:d}}}"
    variables = f"{{allow_breaking: {str(allow_breaking).lower()}}}"
    command = ("run-operation", "rollback_release", "--args", arguments, "--vars", variables)
    Dbt(settings, parameters).run(*command)
