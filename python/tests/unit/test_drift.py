"""Bands of a training, and who changes cluster."""

from dataclasses import replace

import numpy as np
import pytest

from nexasat import drift
from nexasat.clusters import Bands, Clustering, Scaler


def test_ten_bands_hold_a_tenth_each() -> None:
    values = np.arange(1.0, 1001.0)
    found, doubled = drift.bands(np.column_stack([values, 2 * values]))
    assert found.shares == pytest.approx([0.1] * 10)
    assert len(found.uppers) == 9
    np.testing.assert_allclose(found.uppers, np.arange(100.0, 1000.0, 100.0))
    np.testing.assert_allclose(doubled.uppers, 2 * np.array(found.uppers))


@pytest.mark.parametrize(
    ("values", "uppers", "shares"),
    [
        ([7.0] * 20, (7.0,), (1.0, 0.0)),
        ([0.0] * 5 + [1.0] * 3 + [2.0] * 2, (0.0, 1.0, 2.0), (0.5, 0.3, 0.2, 0.0)),
    ],
    ids=["constant", "few_values"],
)
def test_deciles_that_fall_together_make_fewer_bands(
    values: list[float], uppers: tuple[float, ...], shares: tuple[float, ...]
) -> None:
    [found] = drift.bands(np.array(values)[:, None])
    assert found == Bands(uppers, shares)


def test_the_share_that_moves() -> None:
    earlier = Clustering(
        scaler=Scaler(mean=np.array([0.0]), scale=np.array([1.0])),
        centroids=np.array([[0.0], [10.0]]),
        deviations=np.zeros((2, 1)),
        numbers=(1, 2),
        inertia=0.0,
        silhouette=0.0,
    )
    customers = np.array([[1.0], [4.0], [6.0], [9.0]])
    assert drift.moved_share(customers, earlier, earlier) == 0.0
    # the same centroids in other units
    scaler = Scaler(mean=np.array([5.0]), scale=np.array([5.0]))
    other = replace(earlier, scaler=scaler, centroids=np.array([[-1.0], [1.0]]))
    assert drift.moved_share(customers, earlier, other) == 0.0
    nearer = replace(earlier, centroids=np.array([[0.0], [6.0]]))
    assert drift.moved_share(customers, earlier, nearer) == 0.25
    swapped = replace(earlier, centroids=np.array([[10.0], [0.0]]))
    assert drift.moved_share(customers, earlier, swapped) == 1.0
