"""Trains clusters: scaled features, KMeans with many starts, clusters in a canonical order.

Pure functions over arrays by scikit-learn; reading and writing is `nexasat.labels`.
"""

import warnings

import numpy as np
import sklearn
from sklearn.cluster import KMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import StandardScaler

from nexasat.clusters import Clustering, Floats, Integers, Recipe
from nexasat.errors import ExitCode, NexasatError

# Converge until no customer moves: the library's default tolerance stops early and leaves a dozen
# customers to chance (seed, row order).
TOLERANCE = 0.0
MOST_ITERATIONS = 1000
SILHOUETTE_CUSTOMERS = (
    5_000  # the silhouette needs all pairs; a seeded sample of this many is enough
)
WORKING_MEMORY_MIB = 64  # for the pairs


def train(features: Floats, recipe: Recipe, count: int) -> Clustering:
    """Scales the features, runs KMeans and puts the clusters into their canonical order.

    Args:
        features: shape (customers, features), rows in customer id order; the first feature orders
            the clusters.
        recipe: seed and number of starts.
        count: number of clusters.

    Raises:
        NexasatError: fewer different customers than clusters, or a value that is no number.
    """
    check(features, count)
    scaler = StandardScaler().fit(features)
    scaled = scaler.transform(features)
    model = fit(scaled, recipe, count)
    order = np.argsort(model.cluster_centers_[:, 0], kind="stable")
    return Clustering(
        mean=np.asarray(scaler.mean_, dtype=np.float64),
        scale=np.asarray(scaler.scale_, dtype=np.float64),
        centroids=np.asarray(model.cluster_centers_[order], dtype=np.float64),
        numbers=tuple(range(1, count + 1)),
        inertia=float(model.inertia_),
        silhouette=silhouette(scaled, model.labels_, recipe),
    )


def check(features: Floats, count: int) -> None:
    """Refuses rows that cannot make so many clusters.

    Raises:
        NexasatError: fewer different customers than clusters, or a value that is no number.
    """
    if not np.isfinite(features).all():
        row, column = np.argwhere(~np.isfinite(features))[0]
        raise NexasatError(
            f"feature {column + 1} of customer row {row + 1} is no number",
            hint="look at marts.fct_customer_features",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    different = len(np.unique(features, axis=0))
    if different < count:
        raise NexasatError(
            f"{len(features)} active customers ({different} different ones) cannot make "
            f"{count} clusters",
            hint="lower cluster_count_to in seeds/config/cfg_cluster_recipes.csv or load more rows",
            exit_code=ExitCode.NOT_CLUSTERED,
        )


def fit(
    scaled: Floats,
    recipe: Recipe,
    count: int,
    starts: int | None = None,
    tolerance: float = TOLERANCE,
) -> KMeans:
    """KMeans of scaled rows with the seed of the recipe, and its starts unless others are given."""
    model = KMeans(
        n_clusters=count,
        n_init=starts or recipe.initialisations,
        random_state=recipe.random_seed,
        tol=tolerance,
        max_iter=MOST_ITERATIONS,
    )
    with warnings.catch_warnings():  # drawn anew, there may be fewer different rows than clusters
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(scaled)


def silhouette(scaled: Floats, labels: Integers, recipe: Recipe) -> float:
    """The mean silhouette; 0 when one cluster is all there is."""
    if not 1 < len(np.unique(labels)) < len(scaled):
        return 0.0
    sample = min(SILHOUETTE_CUSTOMERS, len(scaled))
    with sklearn.config_context(working_memory=WORKING_MEMORY_MIB):
        return float(
            silhouette_score(
                scaled,
                labels,
                sample_size=None if sample == len(scaled) else sample,
                random_state=recipe.random_seed,
            )
        )
