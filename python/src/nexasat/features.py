"""Reads the features mart: the customers to train on, and what their features are known by."""

import hashlib

import numpy as np

from nexasat import warehouse
from nexasat.clusters import Floats, Recipe
from nexasat.recipes import FEATURES
from nexasat.warehouse import Query

# All customers while the limit is not reached, else the sample that a hash of the seed decides; in
# the same order on every server.
TRAINING: Query = """
    select
        monthly_bill_amount, tenure_months, data_usage, call_duration, service_count,
        historical_clv, proxy_clv
    from fct_customer_features
    where customer_id in (
        select customer_id from fct_customer_features
        where not is_churned or %s
        order by md5(%s || customer_id), customer_id
        limit %s
    )
    order by customer_id collate "C"
"""
FINGERPRINT: Query = """
    select count(*) as customers, sum(hashtextextended(concat_ws(
        '|', customer_id, monthly_bill_amount, tenure_months, data_usage, call_duration,
        service_count, historical_clv, proxy_clv
    ), 0)) as fingerprint
    from fct_customer_features
    where not is_churned or %s
"""
ROWS_PER_BLOCK = 20_000


def fingerprint(connection: warehouse.Connection, recipe: Recipe) -> tuple[int, str]:
    """Number of customers, and a fingerprint that changes with any feature of any of them."""
    [found] = warehouse.fetch(connection, FINGERPRINT, [recipe.population == "all"])
    return int(found["customers"]), short_hash(f"{found['customers']}|{found['fingerprint']}")


def read(connection: warehouse.Connection, recipe: Recipe) -> Floats:
    """The customers to train on, in id order: all, or above the recipe's limit a seeded sample."""
    chosen = [recipe.population == "all", str(recipe.random_seed), recipe.training_limit]
    columns = [FEATURES.index(name) for name in recipe.features]
    with connection.transaction():
        blocks = warehouse.stream(connection, TRAINING, ROWS_PER_BLOCK, chosen)
        return np.concatenate([np.array(rows, dtype=np.float64)[:, columns] for rows in blocks])


def short_hash(text: str) -> str:
    """Twelve hexadecimal digits that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]
