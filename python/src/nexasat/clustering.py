"""Trains clusters: scaled features, KMeans with many starts, clusters in a canonical order.

Pure functions over arrays by scikit-learn; reading and writing is `nexasat.labels`.
"""

import warnings
from dataclasses import replace

import numpy as np
import sklearn
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import silhouette_score
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from nexasat.clusters import Clustering, Floats, Integers, Recipe, Scaler, transform
from nexasat.errors import ExitCode, NexasatError

MOST_ITERATIONS = 1000
SILHOUETTE_CUSTOMERS = (
    5_000  # the silhouette needs all pairs; a seeded sample of this many is enough
)
WORKING_MEMORY_MIB = 8  # for the pairs; more is slower, and the figures are the same


def train(features: Floats, recipe: Recipe, count: int) -> Clustering:
    """Scales the features, runs KMeans and puts the clusters into their canonical order.

    Args:
        features: shape (customers, features), rows in customer id order; the first feature orders
            the clusters.
        recipe: transformation, scaler, algorithm, seed and number of starts.
        count: number of clusters.

    Raises:
        NexasatError: as `check` does.
    """
    check(features, recipe, count)
    scaler = scaler_of(features, recipe)
    scaled = scaler.apply(features)
    model = fit(scaled, recipe, count)
    order = np.argsort(model.cluster_centers_[:, 0], kind="stable")
    centroids = np.asarray(model.cluster_centers_[order], dtype=np.float64)
    standard = scaler_of(features, replace(recipe, scaler="standard"))
    return Clustering(
        scaler=scaler,
        centroids=centroids,
        deviations=standard.apply(scaler.undo(centroids)),
        numbers=tuple(range(1, count + 1)),
        inertia=float(model.inertia_),
        silhouette=silhouette(scaled, model.labels_, recipe),
    )


def scaler_of(features: Floats, recipe: Recipe) -> Scaler:
    """The scaler of the recipe, made of these rows; see `Scaler`."""
    is_log = recipe.transformation == "log"
    rows = transform(features, is_log=is_log)
    if recipe.scaler == "minmax":
        fitted = MinMaxScaler().fit(rows)
        mean, scale = fitted.data_min_, 1 / fitted.scale_
    elif recipe.scaler == "robust":
        fitted = RobustScaler().fit(rows)
        mean, scale = fitted.center_, fitted.scale_
    else:
        fitted = StandardScaler().fit(rows)
        mean, scale = fitted.mean_, fitted.scale_
    return Scaler(np.asarray(mean, np.float64), np.asarray(scale, np.float64), is_log)


def check(features: Floats, recipe: Recipe, count: int) -> None:
    """Refuses rows that cannot make so many clusters.

    Raises:
        NexasatError: fewer different customers than clusters, a value that is no number, or a
            feature that is the same for all.
    """
    if not np.isfinite(features).all():
        row, column = np.argwhere(~np.isfinite(features))[0]
        raise NexasatError(
            f"{recipe.features[column]} of customer row {row + 1} is no number",
            hint="look at marts.fct_customer_features",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    different = len(np.unique(features, axis=0))
    if different < count:
        raise NexasatError(
            f"{len(features)} customers ({different} different ones) cannot make {count} clusters",
            hint="lower cluster_count_to in seeds/config/cfg_cluster_recipes.csv or load more rows",
            exit_code=ExitCode.NOT_CLUSTERED,
        )
    constant = [
        name
        for name, spread in zip(recipe.features, np.ptp(features, axis=0), strict=True)
        if spread == 0
    ]
    if constant and count > 1:
        raise NexasatError(
            f"{', '.join(constant)} is the same for all {len(features)} customers: it tells no "
            "clusters apart",
            hint=f"leave it out of the features of recipe {recipe.recipe_name!r} in "
            "seeds/config/cfg_cluster_recipes.csv",
            exit_code=ExitCode.NOT_CLUSTERED,
        )


def fit(
    scaled: Floats,
    recipe: Recipe,
    count: int,
    starts: int | None = None,
    tolerance: float | None = None,
) -> KMeans | MiniBatchKMeans:
    """KMeans of scaled rows by the recipe, with other starts and tolerance where they are given."""
    model = (MiniBatchKMeans if recipe.algorithm == "minibatch" else KMeans)(
        n_clusters=count,
        n_init=starts or recipe.initialisations,
        random_state=recipe.random_seed,
        tol=recipe.tolerance if tolerance is None else tolerance,
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
