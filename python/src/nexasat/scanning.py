"""Choosing the number of clusters: five measures of each number, and the rule that decides."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score

from nexasat.clustering import fit, scaler_of, silhouette
from nexasat.clusters import Choice, Floats, Recipe, Scanned

SCAN_CUSTOMERS = 2_500  # enough for the choice, and every number takes all pairs of them
UNIFORM_CUSTOMERS = 1_000
REFERENCES = 10  # uniform data sets that the gap statistic compares with


def choose(features: Floats, recipe: Recipe, report: Callable[[str], None]) -> Choice:
    """The number of clusters that most measures prefer (D-018).

    Args:
        features: shape (customers, features), finite, in customer id order.
        recipe: its range of numbers; where both ends are one nothing is scanned.
        report: takes one sentence of progress for each number.
    """
    if recipe.cluster_count_from == recipe.cluster_count_to:
        return Choice(recipe.cluster_count_to)
    scaled = sample(features, recipe)
    last = min(recipe.cluster_count_to, len(np.unique(scaled, axis=0)) - 1)
    counts = range(recipe.cluster_count_from, last + 1)
    if len(counts) == 0:
        return Choice(recipe.cluster_count_from)
    scanned = scan(scaled, recipe, counts, report)
    votes = count_votes(scanned)
    best = max(zip(votes, scanned, strict=True), key=lambda pair: (pair[0], pair[1].silhouette))
    return Choice(best[1].cluster_count, tuple(scanned), tuple(votes))


def sample(features: Floats, recipe: Recipe) -> Floats:
    """Scaled rows, at most SCAN_CUSTOMERS of them: a seeded sample in the order of the rows."""
    scaled = scaler_of(features, recipe).apply(features)
    if len(scaled) <= SCAN_CUSTOMERS:
        return scaled
    generator = np.random.default_rng(recipe.random_seed)
    return scaled[np.sort(generator.choice(len(scaled), SCAN_CUSTOMERS, replace=False))]


def scan(
    scaled: Floats, recipe: Recipe, counts: Sequence[int], report: Callable[[str], None]
) -> list[Scanned]:
    """Measures every number of clusters on the same scaled rows."""
    generator = np.random.default_rng(recipe.random_seed)
    low, high = scaled.min(axis=0), scaled.max(axis=0)
    few = (min(len(scaled), UNIFORM_CUSTOMERS), scaled.shape[1])
    uniform = [generator.uniform(low, high, few) for _ in range(REFERENCES)]
    found = []
    for count in counts:
        report(f"measuring {count} clusters on {len(scaled):,} customers")
        model = fit(scaled, recipe, count)
        # per row, so that fewer uniform rows than customers compare
        logs = np.log([fit(rows, recipe, count, starts=1).inertia_ / few[0] for rows in uniform])
        found.append(
            Scanned(
                cluster_count=count,
                inertia=float(model.inertia_),
                silhouette=silhouette(scaled, model.labels_, recipe),
                calinski_harabasz=float(calinski_harabasz_score(scaled, model.labels_)),
                davies_bouldin=float(davies_bouldin_score(scaled, model.labels_)),
                gap=float(logs.mean() - np.log(model.inertia_ / len(scaled))),
                gap_error=float(logs.std() * np.sqrt(1 + 1 / REFERENCES)),
            )
        )
    return found


def count_votes(scanned: Sequence[Scanned]) -> list[int]:
    """How many of the five measures prefer each number."""
    preferred = [
        elbow(scanned),
        max(scanned, key=lambda row: row.silhouette).cluster_count,
        max(scanned, key=lambda row: row.calinski_harabasz).cluster_count,
        min(scanned, key=lambda row: row.davies_bouldin).cluster_count,
        first_gap(scanned),
    ]
    return [preferred.count(row.cluster_count) for row in scanned]


def elbow(scanned: Sequence[Scanned]) -> int:
    """The number whose inertia lies farthest below the chord of the curve (Kneedle, 2011)."""
    if len(scanned) < 3 or scanned[0].inertia == scanned[-1].inertia:
        return scanned[0].cluster_count
    counts = np.array([row.cluster_count for row in scanned], dtype=np.float64)
    inertias = np.array([row.inertia for row in scanned])
    x = (counts - counts[0]) / (counts[-1] - counts[0])
    y = (inertias - inertias[-1]) / (inertias[0] - inertias[-1])
    return scanned[int(np.argmax(1 - x - y))].cluster_count


def first_gap(scanned: Sequence[Scanned]) -> int | None:
    """The first number whose gap reaches the next one's less its error; None if there is none."""
    for row, after in pairwise(scanned):
        if row.gap >= after.gap - after.gap_error:
            return row.cluster_count
    return None
