"""Whether clusters can be trusted: drawn again, halved, and beside another method."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics import adjusted_rand_score

from nexasat.clustering import fit
from nexasat.clusters import Floats, Integers, Recipe, Stability, nearest

DRAWS = 10
HALVES = 4
CUSTOMERS = 5_000
WARD_SAMPLES = 4
WARD_CUSTOMERS = 2_500  # Ward holds all pairs of them, twice


def measure(
    scaled: Floats, centroids: Floats, recipe: Recipe, report: Callable[[str], None]
) -> Stability:
    """Measures the stability of centroids on the scaled rows that they were trained on.

    Args:
        scaled: shape (customers, features), in customer id order.
        centroids: of the clustering in question, scaled.
        recipe: its seed.
        report: takes one sentence of progress at a time.
    """
    generator = np.random.default_rng(recipe.random_seed)
    count = len(centroids)
    scaled = _sample(scaled, CUSTOMERS, generator)
    labels = nearest(scaled, centroids)
    report(f"drawing {len(scaled):,} customers {DRAWS} times anew")
    drawn = []
    for _ in range(DRAWS):
        rows = np.sort(generator.integers(len(scaled), size=len(scaled)))
        drawn.append(nearest(scaled, _centroids(scaled[rows], recipe, count)))
    halves = [
        _halves(scaled, generator.permutation(len(scaled)), recipe, count) for _ in range(HALVES)
    ]
    samples = [_sample(scaled, WARD_CUSTOMERS, generator) for _ in range(WARD_SAMPLES)]
    return Stability(
        bootstrap_ari=float(np.mean([adjusted_rand_score(labels, other) for other in drawn])),
        split_half_ari=float(np.mean(halves)),
        ward_ari=float(np.mean([_ward(few, centroids) for few in samples])),
        jaccards=tuple(
            float(np.mean([_jaccard(labels == number, other, count) for other in drawn]))
            for number in range(count)
        ),
    )


def _sample(scaled: Floats, customers: int, generator: np.random.Generator) -> Floats:
    if len(scaled) <= customers:
        return scaled
    return scaled[np.sort(generator.choice(len(scaled), customers, replace=False))]


def _centroids(scaled: Floats, recipe: Recipe, count: int) -> Floats:
    centres: Floats = fit(scaled, recipe, count, tolerance=1e-4).cluster_centers_
    return centres


def _halves(scaled: Floats, order: Integers, recipe: Recipe, count: int) -> float:
    """Both halves are clustered; the second one is labelled by either."""
    first, second = (np.sort(half) for half in np.array_split(order, 2))
    if min(len(first), len(second)) < count:
        return 0.0
    own = nearest(scaled[second], _centroids(scaled[second], recipe, count))
    others = nearest(scaled[second], _centroids(scaled[first], recipe, count))
    return float(adjusted_rand_score(own, others))


def _ward(scaled: Floats, centroids: Floats) -> float:
    labels = AgglomerativeClustering(n_clusters=len(centroids)).fit_predict(scaled)
    return float(adjusted_rand_score(nearest(scaled, centroids), labels))


def _jaccard(members: npt.NDArray[np.bool_], labels: Integers, count: int) -> float:
    """The overlap of some customers with the cluster of the labels that is likest to them."""
    return max(
        float((members & (labels == number)).sum() / max((members | (labels == number)).sum(), 1))
        for number in range(count)
    )
