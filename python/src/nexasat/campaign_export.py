"""Campaigns for a CRM: the treatment arm alone, in CSV that no spreadsheet program runs."""

from collections.abc import Iterator

from nexasat import warehouse
from nexasat.campaigns import verify
from nexasat.csv_text import csv_rows

ROWS_PER_BLOCK = 10_000
EXPORTED = (
    "customer_id",
    "campaign",
    "offer_key",
    "offer_text",
    "plan",
    "monthly_bill",
    "assigned_date",
)
EXPORT = """
    select
        assignments.customer_id, campaigns.campaign_name, campaigns.offer_key, campaigns.offer_text,
        assignments.plan_key, assignments.monthly_bill_amount, assignments.assigned_date
    from ops.campaign_assignments as assignments
    inner join ops.campaigns using (campaign_name)
    where
        assignments.campaign_name = %s and assignments.arm = 'treatment'
        and not exists (
            select from ops.do_not_contact as listed
            where listed.customer_id = assignments.customer_id
        )
    order by assignments.customer_id collate "C"
"""


def export(connection: warehouse.Connection, name: str) -> Iterator[bytes]:
    """The treatment arm as blocks of CSV in UTF-8, the header first, in the order of the ids.

    Who has come on the do-not-contact list since the draw is left out. Text that a spreadsheet
    program would take for a formula gets an apostrophe in front; `load_outcomes` takes it off.

    Raises:
        NexasatError: see `verify`.
    """
    with connection.transaction():
        verify(connection, name)
        yield csv_rows([EXPORTED])
        for rows in warehouse.stream(connection, EXPORT, ROWS_PER_BLOCK, [name]):
            yield csv_rows(rows)
