"""What a clustering is made of, and how it labels; training is `nexasat.clustering`."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """How clusters are made: a row of `dim_cluster_recipes`; the words are in `nexasat.recipes`."""

    recipe_name: str
    population: str
    features: tuple[str, ...]
    transformation: str
    scaler: str
    algorithm: str
    cluster_count_from: int
    cluster_count_to: int
    random_seed: int
    initialisations: int
    tolerance: float
    training_limit: int
    stability_floor: float


@dataclass(frozen=True)
class Scaler:
    """How features are made comparable; SQL does the same (macro `nearest_centres`).

    Attributes:
        mean: what is taken off each transformed feature; shape (features,).
        scale: what the rest is divided by, 1 where a feature is constant; shape (features,).
        is_log: whether the feature is ln(1 + x) before that.
    """

    mean: Floats
    scale: Floats
    is_log: bool = False

    def apply(self, features: Floats) -> Floats:
        """Features in scaled units."""
        scaled: Floats = (transform(features, is_log=self.is_log) - self.mean) / self.scale
        return scaled

    def undo(self, scaled: Floats) -> Floats:
        """Scaled units back in the features' own."""
        transformed = scaled * self.scale + self.mean
        return np.expm1(transformed) if self.is_log else transformed


def transform(features: Floats, *, is_log: bool) -> Floats:
    """What a scaler scales."""
    return np.log(1 + features) if is_log else features


@dataclass(frozen=True)
class Clustering:
    """A trained clustering.

    Attributes:
        scaler: of the features.
        centroids: in scaled units, in the order of their numbers; shape (clusters, features).
        deviations: of the centroids from the mean of the training rows, in standard deviations of
            the transformed features; the same shape.
        numbers: of the clusters, rising.
        inertia: sum of squared scaled distances of the training rows to their centroid.
        silhouette: mean silhouette of the training rows, -1 to 1.
    """

    scaler: Scaler
    centroids: Floats
    deviations: Floats
    numbers: tuple[int, ...]
    inertia: float
    silhouette: float

    def values(self) -> Floats:
        """The centroids in the features' own units."""
        return self.scaler.undo(self.centroids)

    def label(self, features: Floats) -> Integers:
        """The number of the nearest cluster of each row; of equally near ones the lowest.

        Args:
            features: shape (rows, features), in their own units.
        """
        labels: Integers = np.array(self.numbers)[
            nearest(self.scaler.apply(features), self.centroids)
        ]
        return labels


def nearest(scaled: Floats, centroids: Floats) -> Integers:
    """The row of the nearest centroid of each scaled row; of equally near ones the first."""
    distances = ((scaled[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
    rows: Integers = distances.argmin(axis=1)
    return rows


@dataclass(frozen=True)
class Scanned:
    """The measures of one number of clusters.

    Attributes:
        cluster_count: the number.
        inertia: sum of squared scaled distances to the nearest centroid.
        silhouette: mean silhouette, -1 to 1; high is good.
        calinski_harabasz: variance between over variance within clusters; high is good.
        davies_bouldin: mean likeness of each cluster to its likest; low is good.
        gap: log inertia of uniform data less that of the data (Tibshirani and others 2001).
        gap_error: its standard error over the uniform data sets.
    """

    cluster_count: int
    inertia: float
    silhouette: float
    calinski_harabasz: float
    davies_bouldin: float
    gap: float
    gap_error: float


@dataclass(frozen=True)
class Choice:
    """The number of clusters to go on with.

    Attributes:
        cluster_count: the number.
        scanned: the measures of all that were tried; none where there was nothing to choose.
        votes: of the measures for each of them, in their order.
    """

    cluster_count: int
    scanned: tuple[Scanned, ...] = ()
    votes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Bands:
    """How the values of a feature were spread at a training.

    Attributes:
        uppers: of all bands but the last, itself included; rising.
        shares: of the customers in each band.
    """

    uppers: tuple[float, ...]
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Stability:
    """How far a clustering of other customers would agree, each as an adjusted Rand index.

    Attributes:
        bootstrap_ari: mean over customers drawn anew with replacement.
        split_half_ari: mean over halves that label each other.
        ward_ari: agreement with Ward's hierarchical clustering.
        jaccards: of each cluster, the mean overlap with its likest in the bootstrap (Hennig 2007).
    """

    bootstrap_ari: float
    split_half_ari: float
    ward_ari: float
    jaccards: tuple[float, ...]


def renumber(trained: Clustering, earlier: Clustering) -> Clustering:
    """Gives clusters the numbers of earlier ones, so that all lie as near as possible together.

    Where there are more clusters than before, the new ones get the lowest free numbers.

    Args:
        trained: what gets other numbers.
        earlier: of the same features in the same order.
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 (slow to import)

    numbers, centroids = earlier.numbers, trained.scaler.apply(earlier.values())
    distances = ((trained.centroids[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
    rows, columns = linear_sum_assignment(distances)
    given = {int(row): numbers[column] for row, column in zip(rows, columns, strict=True)}
    free = iter(sorted(set(range(1, len(trained.numbers) + len(numbers) + 1)) - {*given.values()}))
    found = [given[row] if row in given else next(free) for row in range(len(trained.numbers))]
    order = np.argsort(found)
    return replace(
        trained,
        centroids=trained.centroids[order],
        deviations=trained.deviations[order],
        numbers=tuple(sorted(found)),
    )
