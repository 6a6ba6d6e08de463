"""What a person who opens `nexasat psql` reads first."""

from nexasat import warehouse

NOT_BUILT = "NexaSat customer value, database {database}: nothing is built yet (nexasat build)"
BUILT = """\
NexaSat customer value, database {database}. Data as of {extract_date}, from {file_name}: \
{customers:,} customers{warning}
  \\dv+ marts.*                    the marts, and what a row of each is
  \\d+ marts.dim_customers         the columns of one, and what they mean
  select value_tier, customers, mrr, churn_rate from marts.rpt_segment_profiles;
  select plan_level, plan_type, churn_rate, mrr from marts.rpt_plan_summary;
  select * from marts.offer_list('tech_support_seniors') limit 10;
  \\q leaves; docs/queries.md has twenty questions more"""


def banner(connection: warehouse.Connection) -> str:
    """What the warehouse is, how old its data are, and what to ask first."""
    database = connection.info.dbname
    if not warehouse.relation_exists(connection, warehouse.MARTS, "rpt_freshness"):
        return NOT_BUILT.format(database=database)
    [fresh] = warehouse.fetch(connection, "select * from marts.rpt_freshness")
    return BUILT.format(
        database=database,
        customers=fresh["accepted_rows"],
        warning=", none of them real" if fresh["is_bundled_extract"] else "",
        **{name: fresh[name] for name in ("extract_date", "file_name")},
    )
