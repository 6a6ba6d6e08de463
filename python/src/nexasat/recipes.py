"""Recipes of the clustering: rows of a seed, checked before they are followed."""

from collections.abc import Mapping
from typing import Any

from nexasat import warehouse
from nexasat.clusters import Recipe
from nexasat.errors import ExitCode, NexasatError

SEED = "seeds/config/cfg_cluster_recipes.csv"
# The columns of the features mart; whatever a recipe takes, SQL reads them in this order.
FEATURES = (
    "monthly_bill_amount",
    "tenure_months",
    "data_usage",
    "call_duration",
    "service_count",
    "historical_clv",
    "proxy_clv",
)
WORDS = {
    "population": ("active", "all"),
    "transformation": ("none", "log"),
    "scaler": ("standard", "minmax", "robust"),
    "algorithm": ("kmeans", "minibatch"),
}
WHOLE_NUMBERS = (
    "cluster_count_from",
    "cluster_count_to",
    "random_seed",
    "initialisations",
    "training_limit",
)


def names(connection: warehouse.Connection) -> list[str]:
    """The recipes that there are."""
    found = warehouse.fetch(
        connection, "select recipe_name from dim_cluster_recipes order by recipe_name"
    )
    return [row["recipe_name"] for row in found]


def read(connection: warehouse.Connection, name: str | None) -> Recipe:
    """The recipe of that name, None for the default one.

    Raises:
        NexasatError: there is none, or a word of it is not known.
    """
    found = warehouse.fetch(
        connection,
        "select * from dim_cluster_recipes where coalesce(recipe_name = %s, is_default)",
        [name],
    )
    if len(found) != 1:
        raise NexasatError(
            f"there is no recipe {name!r}" if name else "not exactly one recipe is the default",
            hint=f"recipes of {SEED}: " + ", ".join(names(connection)),
            exit_code=ExitCode.USAGE,
        )
    return parse(found[0])


def parse(row: Mapping[str, Any]) -> Recipe:
    """A recipe from its row, as typed by the mart or as text of the seed.

    Raises:
        NexasatError: a word that is not known, or numbers that make no clusters.
    """
    for column, known in WORDS.items():
        if row[column] not in known:
            raise _fault(row, f"there is no {column} {row[column]!r}", f"known: {', '.join(known)}")
    features = tuple(row["features"].split("|"))
    for name in features:
        if name not in FEATURES:
            raise _fault(row, f"there is no feature {name!r}", f"known: {', '.join(FEATURES)}")
    if len(set(features)) < len(features):
        raise _fault(row, f"a feature stands twice in {row['features']!r}", "name each one once")
    numbers = {name: int(row[name]) for name in WHOLE_NUMBERS}
    if not 1 <= numbers["cluster_count_from"] <= numbers["cluster_count_to"]:
        raise _fault(row, "the numbers of clusters do not rise from 1 on", "look at both ends")
    if min(numbers["initialisations"], numbers["training_limit"]) < 1:
        raise _fault(row, "initialisations and training_limit must be 1 or more", "correct them")
    return Recipe(
        recipe_name=row["recipe_name"],
        features=features,
        population=row["population"],
        transformation=row["transformation"],
        scaler=row["scaler"],
        algorithm=row["algorithm"],
        stability_floor=float(row["stability_floor"]),
        tolerance=float(row["tolerance"]),
        **numbers,
    )


def _fault(row: Mapping[str, Any], what: str, hint: str) -> NexasatError:
    return NexasatError(
        f"{SEED}, recipe {row['recipe_name']!r}: {what}", hint=hint, exit_code=ExitCode.USAGE
    )
