"""What a clustering is made of, and how it labels; training is `nexasat.clustering`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """How clusters are made: a row of `dim_cluster_recipes`."""

    recipe_name: str
    cluster_count_from: int
    cluster_count_to: int
    random_seed: int
    initialisations: int
    training_limit: int
    stability_floor: float


@dataclass(frozen=True)
class Clustering:
    """A trained clustering.

    Attributes:
        mean: of each feature, in its own unit; shape (features,).
        scale: standard deviation of each feature, 1 where it is constant; shape (features,).
        centroids: in scaled units, in the order of their numbers; shape (clusters, features).
        numbers: of the clusters, rising.
        inertia: sum of squared scaled distances of the training rows to their centroid.
        silhouette: mean silhouette of the training rows, -1 to 1.
    """

    mean: Floats
    scale: Floats
    centroids: Floats
    numbers: tuple[int, ...]
    inertia: float
    silhouette: float

    def values(self) -> Floats:
        """The centroids in the features' own units."""
        return self.centroids * self.scale + self.mean

    def label(self, features: Floats) -> Integers:
        """The number of the nearest cluster of each row; of equally near ones the lowest.

        Args:
            features: shape (rows, features), in their own units.
        """
        scaled = (features - self.mean) / self.scale
        distances = ((scaled[:, None, :] - self.centroids[None, :, :]) ** 2).sum(axis=2)
        labels: Integers = np.array(self.numbers)[distances.argmin(axis=1)]
        return labels


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


def renumber(trained: Clustering, numbers: Sequence[int], values: Floats) -> Clustering:
    """Gives clusters the numbers of earlier ones, so that all lie as near as possible together.

    Where there are more clusters than before, the new ones get the lowest free numbers.

    Args:
        trained: what gets other numbers.
        numbers: of the earlier clusters.
        values: their centroids in the features' own units, shape (earlier clusters, features).
    """
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 (slow to import)

    earlier = (values - trained.mean) / trained.scale
    distances = ((trained.centroids[:, None, :] - earlier[None, :, :]) ** 2).sum(axis=2)
    rows, columns = linear_sum_assignment(distances)
    given = {int(row): numbers[column] for row, column in zip(rows, columns, strict=True)}
    free = iter(sorted(set(range(1, len(trained.numbers) + len(numbers) + 1)) - {*given.values()}))
    found = [given[row] if row in given else next(free) for row in range(len(trained.numbers))]
    order = np.argsort(found)
    return replace(
        trained,
        centroids=trained.centroids[order],
        numbers=tuple(sorted(found)),
    )
