"""Campaigns: drawn once by SQL and never changed (D-030)."""

import re
import secrets
from dataclasses import dataclass
from decimal import Decimal

from nexasat import warehouse
from nexasat.campaign_draw import DRAW, FIND_CANDIDATES, MAKE_CANDIDATES, STORE
from nexasat.copying import Report
from nexasat.errors import ExitCode, NexasatError
from nexasat.loading import keep_others_out

NAME = "[a-z0-9][a-z0-9_-]{0,49}"


@dataclass(frozen=True)
class Plan:
    """What a campaign is asked to be.

    Attributes:
        name: lower-case letters, digits, dashes and underscores, at most 50.
        offer_key: an offer of the catalogue.
        holdout_share: of the customers that are control; None for `campaign_holdout_share`.
        capacity: most customers to contact; None for no limit.
        budget: most money that contacts may cost; None for no limit.
        salt: makes the draw repeatable; None for a random one.
    """

    name: str
    offer_key: str
    holdout_share: Decimal | None = None
    capacity: int | None = None
    budget: Decimal | None = None
    salt: str | None = None


@dataclass(frozen=True)
class Campaign:
    """A campaign as it was drawn.

    Attributes:
        name: of the campaign.
        treatment: customers to contact.
        control: customers who are left alone.
        withheld: candidates who were left out, by reason; empty for a campaign that was there.
        is_new: False when the same campaign was there already.
    """

    name: str
    treatment: int
    control: int
    withheld: dict[str, int]
    is_new: bool


def create(connection: warehouse.Connection, plan: Plan, report: Report) -> Campaign:
    """Draws a campaign and stores it, in one transaction; the same one again changes nothing.

    Raises:
        NexasatError: there is no such offer, nobody to contact or to compare with, or another
            campaign of that name.
    """
    if not re.fullmatch(NAME, plan.name):
        raise NexasatError(
            f"{plan.name!r} cannot be the name of a campaign",
            hint="up to 50 lower-case letters, digits, dashes and underscores, for example "
            "may_upgrade",
            exit_code=ExitCode.USAGE,
        )
    _check_tables(connection)
    with keep_others_out(connection, report), connection.transaction():
        warehouse.execute(connection, "lock table ops.campaigns in share row exclusive mode")
        existing = warehouse.fetch(
            connection, "select * from ops.campaigns where campaign_name = %s", [plan.name]
        )
        if existing:
            _check_same(plan, existing[0])
            verify(connection, plan.name)
            return Campaign(plan.name, *_arms(connection, plan.name), {}, is_new=False)
        values = _values(connection, plan)
        warehouse.execute(connection, MAKE_CANDIDATES)
        warehouse.execute(connection, FIND_CANDIDATES, values)
        withheld = warehouse.fetch(
            connection,
            "select withheld_reason, count(*) as customers from candidates"
            " where withheld_reason is not null group by 1 order by 1",
        )
        warehouse.execute(connection, DRAW, values)
        treatment, control = _arms(connection, plan.name)
        if not treatment or not control:
            raise NexasatError(
                f"nothing was drawn: {treatment} customers to contact, {control} to compare with",
                hint="take a larger list, a larger --holdout or --capacity, or wait until the "
                "customers of the last campaigns are free again; sizes: nexasat psql -c 'select * "
                "from marts.rpt_campaign_power'",
            )
        warehouse.execute(connection, STORE, values)
    counts = {row["withheld_reason"]: row["customers"] for row in withheld}
    return Campaign(plan.name, treatment, control, counts, is_new=True)


def verify(connection: warehouse.Connection, name: str) -> None:
    """Refuses a campaign that is not there, or whose assignments are not those that were drawn.

    Raises:
        NexasatError: one of the two.
    """
    _check_tables(connection)
    found = warehouse.fetch(
        connection,
        "select created_at::date as day,"
        " assignment_fingerprint = ops.assignments_fingerprint(campaign_name) as is_intact"
        " from ops.campaigns where campaign_name = %s",
        [name],
    )
    if not found:
        known = ", ".join(row["campaign_name"] for row in overview(connection))
        raise NexasatError(
            f"there is no campaign {name!r}",
            hint=f"campaigns: {known}" if known else "create one first: nexasat campaign create",
            exit_code=ExitCode.USAGE,
        )
    if not found[0]["is_intact"]:
        raise NexasatError(
            f"the assignments of campaign {name} are not those that were drawn on "
            f"{found[0]['day']}; nothing was done",
            hint="restore the rows of ops.campaign_assignments from a backup, or go on with a new "
            "campaign; only who owns the tables can have changed them",
        )


def overview(connection: warehouse.Connection) -> list[warehouse.Row]:
    """All campaigns, the latest first, with the sizes of their arms and how many outcomes came."""
    _check_tables(connection)
    return warehouse.fetch(
        connection,
        """
        select
            campaigns.campaign_name, campaigns.offer_key, campaigns.extract_date,
            count(*) filter (where arm = 'treatment') as treatment,
            count(*) filter (where arm = 'control') as control,
            count(outcomes.customer_id) as outcomes
        from ops.campaigns
        inner join ops.campaign_assignments using (campaign_name)
        left join ops.campaign_outcomes as outcomes using (campaign_name, customer_id)
        group by campaigns.campaign_name
        order by campaigns.created_at desc, campaigns.campaign_name
        """,
    )


def _check_tables(connection: warehouse.Connection) -> None:
    for schema, relation in (("ops", "campaigns"), ("marts", "rpt_campaign_power")):
        if not warehouse.relation_exists(connection, schema, relation):
            raise NexasatError(f"there is no {schema}.{relation}", hint="build: nexasat build")


def _check_same(plan: Plan, row: warehouse.Row) -> None:
    """Refuses a campaign that is there under other settings."""
    asked = {
        "offer": (plan.offer_key, row["offer_key"]),
        "holdout": (plan.holdout_share or row["holdout_share"], row["holdout_share"]),
        "capacity": (plan.capacity, row["capacity"]),
        "budget": (plan.budget, row["budget"]),
        "salt": (plan.salt or row["salt"], row["salt"]),
    }
    other = [f"{name} {was}, not {is_}" for name, (is_, was) in asked.items() if is_ != was]
    if other:
        raise NexasatError(
            f"there is a campaign {plan.name} already, with {'; '.join(other)}",
            hint="campaigns never change: choose another name",
            exit_code=ExitCode.USAGE,
        )


def _values(connection: warehouse.Connection, plan: Plan) -> dict[str, object]:
    """What the draw needs to know, from the marts."""
    offers = warehouse.fetch(
        connection,
        "select offer_key, offer_text, holdout_share, dim_offers.contact_cost, extract_date"
        " from marts.dim_offers inner join marts.rpt_campaign_power using (offer_key)"
        " cross join marts.rpt_load_audit order by offer_key",
    )
    chosen = [row for row in offers if row["offer_key"] == plan.offer_key]
    if not chosen:
        raise NexasatError(
            f"there is no offer {plan.offer_key!r}",
            hint="offers: " + ", ".join(row["offer_key"] for row in offers),
            exit_code=ExitCode.USAGE,
        )
    cost = chosen[0].pop("contact_cost")
    limits = [plan.capacity] if plan.capacity is not None else []
    if plan.budget is not None and cost:
        limits.append(int(plan.budget // cost))
    return chosen[0] | {
        "name": plan.name,
        "holdout_share": plan.holdout_share or chosen[0]["holdout_share"],
        "salt": plan.salt or secrets.token_hex(16),
        "capacity": plan.capacity,
        "budget": plan.budget,
        "contacts": min(limits, default=None),
    }


def _arms(connection: warehouse.Connection, name: str) -> tuple[int, int]:
    found = warehouse.fetch(
        connection,
        "select count(*) filter (where arm = 'treatment') as treatment,"
        " count(*) filter (where arm = 'control') as control"
        " from ops.campaign_assignments where campaign_name = %s",
        [name],
    )[0]
    return found["treatment"], found["control"]
