"""How far customers have moved since a training: their spread then, and who changes cluster."""

import numpy as np

from nexasat.clusters import Bands, Clustering, Floats

DECILES = np.arange(1, 10) / 10


def bands(features: Floats) -> tuple[Bands, ...]:
    """The deciles of each feature; SQL holds later customers against them.

    Where a value is so frequent that deciles fall together there are fewer bands.

    Args:
        features: of the training, shape (customers, features), in their own units.
    """
    return tuple(_bands(column) for column in features.T)


def _bands(values: Floats) -> Bands:
    edges = np.unique(np.quantile(values, DECILES, method="inverted_cdf"))  # values that there are
    found = np.searchsorted(edges, values, side="left")  # a value at an edge lies below it
    shares = np.bincount(found, minlength=len(edges) + 1) / len(values)
    return Bands(tuple(edges.tolist()), tuple(shares.tolist()))


def moved_share(features: Floats, earlier: Clustering, trained: Clustering) -> float:
    """Share of the customers whose label differs between two clusterings of the same features."""
    return float(np.mean(earlier.label(features) != trained.label(features)))
