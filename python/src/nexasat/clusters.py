"""What a clustering is made of, and how it labels; training is `nexasat.clustering`."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Recipe:
    """How clusters are made: a row of `dim_cluster_recipes`."""

    recipe_name: str
    cluster_count: int
    random_seed: int
    initialisations: int
    training_limit: int


@dataclass(frozen=True)
class Clustering:
    """A trained clustering; clusters are in the order of their mean of the first feature.

    Attributes:
        mean: of each feature, in its own unit; shape (features,).
        scale: standard deviation of each feature, 1 where it is constant; shape (features,).
        centroids: in scaled units; shape (clusters, features).
        inertia: sum of squared scaled distances of the training rows to their centroid.
        silhouette: mean silhouette of the training rows, -1 to 1.
    """

    mean: Floats
    scale: Floats
    centroids: Floats
    inertia: float
    silhouette: float

    def label(self, features: Floats) -> Integers:
        """The nearest cluster of each row, counted from 1.

        Args:
            features: shape (rows, features), in their own units.
        """
        scaled = (features - self.mean) / self.scale
        distances = ((scaled[:, None, :] - self.centroids[None, :, :]) ** 2).sum(axis=2)
        labels: Integers = distances.argmin(axis=1) + 1
        return labels
