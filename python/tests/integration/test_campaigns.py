"""Campaigns are drawn as they should be, once, and nothing that was stored can change unseen."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal

import psycopg
import pytest

from nexasat import campaign_export, campaigns, warehouse
from nexasat.campaigns import Plan
from nexasat.errors import ExitCode, NexasatError

OFFER = "premium_discount_churn_risk"
TABLES = ("campaigns", "campaign_assignments", "campaign_outcomes")


def ignore(sentence: str) -> None:
    del sentence


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def assigned(connection: warehouse.Connection, name: str) -> list[warehouse.Row]:
    return warehouse.fetch(
        connection,
        "select * from ops.campaign_assignments where campaign_name = %s order by customer_id",
        [name],
    )


def everything(connection: warehouse.Connection) -> list[list[warehouse.Row]]:
    query = "select * from ops.{} order by 1, 2"
    return [warehouse.fetch(connection, query.format(name)) for name in (*TABLES, "do_not_contact")]


@pytest.fixture
def database(
    fresh_database: Callable[..., dict[str, str]], synthetic_template: str
) -> Iterator[warehouse.Connection]:
    """A warehouse of the bundled extract without campaigns."""
    with warehouse.connect(fresh_database("campaigns", synthetic_template)) as connection:
        yield connection


def test_arms_are_drawn_by_hash_within_each_plan(database: warehouse.Connection) -> None:
    done = campaigns.create(database, Plan("may", OFFER, Decimal("0.15"), salt="abc"), ignore)
    drawn = assigned(database, "may")
    candidates = warehouse.fetch(
        database,
        "select customer_id, plan_key, monthly_bill_amount from marts.fct_offer_candidates"
        " where offer_key = %s",
        [OFFER],
    )
    withheld = {
        row["customer_id"]
        for row in candidates
        if int(_md5(f"universal_holdout|{row['customer_id']}")[:6], 16) < 0.05 * 16**6
    }
    assert done.withheld == {"universal_holdout": len(withheld)}
    assert 0 < len(withheld) < 0.1 * len(candidates)
    free = [row for row in candidates if row["customer_id"] not in withheld]
    plans = Counter(row["plan_key"] for row in free)
    assert len(plans) == 2
    expected: dict[str, str] = {}
    for plan, size in plans.items():
        ids = [row["customer_id"] for row in free if row["plan_key"] == plan]
        ids.sort(key=lambda name: _md5(f"abc|may|{name}"))
        controls = int(0.15 * size + 0.5)
        expected |= dict.fromkeys(ids[:controls], "control")
        expected |= dict.fromkeys(ids[controls:], "treatment")
    assert {row["customer_id"]: row["arm"] for row in drawn} == expected
    bills = {row["customer_id"]: row["monthly_bill_amount"] for row in free}
    assert {row["customer_id"]: row["monthly_bill_amount"] for row in drawn} == bills
    assert {row["assigned_date"].isoformat() for row in drawn} == {"2023-07-31"}
    arms = Counter(expected.values())
    assert (done.treatment, done.control) == (arms["treatment"], arms["control"])


def test_the_same_campaign_again_changes_nothing(database: warehouse.Connection) -> None:
    first = campaigns.create(database, Plan("may", OFFER), ignore)
    before = everything(database)
    again = campaigns.create(database, Plan("may", OFFER, Decimal("0.1")), ignore)
    assert (first.is_new, again.is_new) == (True, False)
    assert (first.treatment, first.control) == (again.treatment, again.control)
    others = [
        Plan("may", "tech_support_seniors"),
        Plan("may", OFFER, Decimal("0.2")),
        Plan("may", OFFER, capacity=5),
        Plan("may", OFFER, budget=Decimal(50)),
        Plan("may", OFFER, salt="other"),
    ]
    for other in others:
        with pytest.raises(NexasatError, match="there is a campaign may already, with") as told:
            campaigns.create(database, other, ignore)
        assert "another name" in told.value.hint
    assert everything(database) == before


def test_a_salt_repeats_a_draw_and_makes_it_its_own(
    fresh_database: Callable[..., dict[str, str]], synthetic_template: str
) -> None:
    prints = []
    for salt in ("abc", "abc", "abd", None, None):
        with warehouse.connect(fresh_database("campaigns", synthetic_template)) as connection:
            campaigns.create(connection, Plan("may", OFFER, salt=salt), ignore)
            query = "select assignment_fingerprint, salt from ops.campaigns"
            prints.append(tuple(warehouse.fetch(connection, query)[0].values()))
    assert prints[0] == prints[1]
    assert len(set(prints)) == 4
    assert len({print_ for print_, _ in prints}) == 4


@pytest.mark.parametrize(
    ("limits", "contacts"),
    [
        ({"capacity": 37}, 37),
        ({"budget": Decimal("41.99")}, 20),  # at 2.00 a contact
        ({"capacity": 10, "budget": Decimal(1000)}, 10),
        ({"capacity": 10**6}, None),
    ],
)
def test_limits_take_the_best_candidates(
    database: warehouse.Connection, limits: dict[str, int], contacts: int | None
) -> None:
    plan = Plan("may", OFFER, Decimal("0.25"), **limits)  # type: ignore[arg-type]
    done = campaigns.create(database, plan, ignore)
    drawn = {row["customer_id"] for row in assigned(database, "may")}
    free = warehouse.fetch(
        database,
        "select customer_id from marts.fct_offer_candidates left join"
        " intermediate.int_customers_withheld as withheld using (customer_id)"
        " where offer_key = %s and (withheld_reason is null or withheld_reason = 'recent_campaign')"
        ' order by expected_value desc, customer_id collate "C"',
        [OFFER],
    )
    ranked = [row["customer_id"] for row in free]
    assert drawn == set(ranked[: len(drawn)])
    if contacts is None:
        assert len(drawn) == len(ranked)
    else:
        assert done.treatment == contacts
        assert done.control == pytest.approx(contacts / 3, abs=1)


def test_a_customer_is_in_one_campaign_at_a_time(database: warehouse.Connection) -> None:
    overlapping = (OFFER, "multiple_lines_families")
    first, second = (
        warehouse.fetch(
            database,
            "select customer_id from marts.fct_offer_candidates where offer_key = %s",
            [offer],
        )
        for offer in overlapping
    )
    shared = {row["customer_id"] for row in first} & {row["customer_id"] for row in second}
    unwanted = sorted({row["customer_id"] for row in second} - shared)[:3]
    for customer in unwanted:
        warehouse.execute(database, "insert into ops.do_not_contact values (%s, 'no')", [customer])
    campaigns.create(database, Plan("may", overlapping[0]), ignore)
    done = campaigns.create(database, Plan("june", overlapping[1]), ignore)
    may = {row["customer_id"] for row in assigned(database, "may")}
    june = {row["customer_id"] for row in assigned(database, "june")}
    assert june
    assert not may & june
    assert not june & set(unwanted)
    assert done.withheld["recent_campaign"] == len(shared & may) > 0
    assert done.withheld["do_not_contact"] == 3
    before = everything(database)
    with pytest.raises(NexasatError, match="nothing was drawn: 0 customers"):
        campaigns.create(database, Plan("july", overlapping[0]), ignore)
    assert everything(database) == before


@pytest.mark.parametrize(
    ("plan", "message", "hint"),
    [
        (Plan("May", OFFER), "cannot be the name", "lower-case"),
        (Plan("x; drop table ops.campaigns", OFFER), "cannot be the name", "lower-case"),
        (Plan("a" * 51, OFFER), "cannot be the name", "50"),
        (Plan("may", "nothing"), "there is no offer 'nothing'", OFFER),
        (Plan("may", OFFER, budget=Decimal("1.99")), "nothing was drawn", "--capacity"),
        (Plan("may", OFFER, capacity=1), "nothing was drawn", "--capacity"),
    ],
)
def test_a_campaign_that_cannot_be(
    database: warehouse.Connection, plan: Plan, message: str, hint: str
) -> None:
    with pytest.raises(NexasatError, match=message) as told:
        campaigns.create(database, plan, ignore)
    assert hint in told.value.hint
    assert everything(database) == [[], [], [], []]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "statement",
    ["update ops.{} set campaign_name = 'x'", "delete from ops.{}", "truncate ops.{} cascade"],
)
def test_the_tables_are_only_added_to(
    database: warehouse.Connection, table: str, statement: str
) -> None:
    with pytest.raises(psycopg.errors.RaiseException, match="is only added to"):
        database.execute(statement.format(table))


@pytest.mark.parametrize(
    "change",
    [
        "update ops.campaign_assignments set arm = 'treatment' where arm = 'control'",
        "update ops.campaign_assignments set monthly_bill_amount = monthly_bill_amount + 0.01",
        "delete from ops.campaign_assignments where customer_id ="
        " (select min(customer_id) from ops.campaign_assignments)",
        "insert into ops.campaign_assignments values"
        " ('may', 'friend', 'basic_prepaid', 'treatment', 80, '2023-07-31')",
    ],
)
def test_changed_assignments_are_refused(database: warehouse.Connection, change: str) -> None:
    campaigns.create(database, Plan("may", OFFER), ignore)
    campaigns.verify(database, "may")
    warehouse.execute(
        database, "alter table ops.campaign_assignments disable trigger only_added_to"
    )
    warehouse.execute(database, change)
    before = everything(database)
    for attempt in (
        lambda: b"".join(campaign_export.export(database, "may")),
        lambda: campaigns.create(database, Plan("may", OFFER), ignore),
    ):
        with pytest.raises(NexasatError, match="are not those that were drawn on") as told:
            attempt()
        assert "backup" in told.value.hint
    assert everything(database) == before
    [row] = warehouse.fetch(database, "select is_intact from staging.stg_ops__campaigns")
    assert row["is_intact"] is False


def test_unknown_campaigns_are_told_apart(database: warehouse.Connection) -> None:
    with pytest.raises(NexasatError, match="there is no campaign 'june'") as told:
        campaigns.verify(database, "june")
    assert "create" in told.value.hint
    campaigns.create(database, Plan("may", OFFER), ignore)
    with pytest.raises(NexasatError) as told:
        campaigns.verify(database, "june")
    assert told.value.hint == "campaigns: may"
    assert told.value.exit_code == ExitCode.USAGE
