"""The macro of the residual value against closed forms, on relations that no project has."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import jinja2
import pytest

from nexasat import warehouse

MACROS = Path(__file__).parents[3] / "macros"
Months = Callable[..., dict[tuple[str, int, int], tuple[float, float, float]]]


@pytest.fixture(scope="module")
def months(parameters: dict[str, str]) -> Months:
    """Runs the macro: `months({"a": [0.5, 0]}, [1, 2], rate)`, hazards of months 1, 2, … by key.

    Gives discounted months, their part in odd months of the tenure, and survival, by key, month
    reached and horizon.
    """
    names = ("to_double", "number_series", "discounted_months")
    source = "".join((MACROS / f"{name}.sql").read_text("utf-8") for name in names)
    source += "{{ discounted_months(hazards='hazards', keys=['name', 'twin'], month='month_number',"
    source += " hazard='hazard', flag='month_number % 2 = 1', horizons='horizons',"
    source += " horizon='months', annual_rate=rate) }}"
    template = jinja2.Environment(autoescape=False).from_string(  # noqa: S701 (SQL, not HTML)
        source, globals={"target": SimpleNamespace(type="postgres")}
    )

    def run(
        hazards: dict[str, list[float]], horizons: list[int], rate: float
    ) -> dict[tuple[str, int, int], tuple[float, float, float]]:
        rows = [
            (name, number, hazard)
            for name, series in hazards.items()
            for number, hazard in enumerate(series, start=1)
        ]
        values = ", ".join(f"('{name}', '{name}', {number}, {h!r})" for name, number, h in rows)
        ahead = ", ".join(f"({horizon})" for horizon in horizons)
        query = (
            f"with hazards (name, twin, month_number, hazard) as (values {values}),"
            f" horizons (months) as (values {ahead})"
            f" select * from ({template.render(rate=repr(rate))}) as found"
        )
        with warehouse.connect(parameters) as connection:
            found = warehouse.fetch(connection, query)
        result = {
            (row["name"], row["month_number"], row["months"]): (
                float(row["discounted_months"]),
                float(row["flagged_months"]),
                float(row["survival"]),
            )
            for row in found
        }
        assert len(result) == len(found)
        return result

    return run


@pytest.mark.parametrize(("retention", "rate"), [(0.5, 0.10), (0.9, 0.10), (0.9, 0.0)])
def test_constant_hazard_without_end(months: Months, retention: float, rate: float) -> None:
    horizon = 280
    found = months({"a": [1 - retention] * horizon}, [horizon], rate)
    monthly_rate = (1 + rate) ** (1 / 12) - 1
    expected = retention / (1 + monthly_rate - retention)
    assert found["a", 0, horizon][0] == pytest.approx(expected, rel=1e-12)


def test_nobody_leaves_and_no_discount(months: Months) -> None:
    found = months({"a": [0.0] * 24}, [0, 1, 12, 24], 0.0)
    assert found["a", 0, 24] == (24, 12, 1)
    assert found["a", 0, 1] == (1, 1, 1)
    assert found["a", 1, 1] == (1, 0, 1)
    assert max(month for _, month, horizon in found if horizon == 12) == 12, "hazards end there"
    assert {values for (_, _, horizon), values in found.items() if horizon == 0} == {(0, 0, 1)}


def test_a_year_of_discount(months: Months) -> None:
    found = months({"a": [0.0] * 24}, [11, 12, 24], 0.21)
    assert found["a", 0, 12][0] - found["a", 0, 11][0] == pytest.approx(1 / 1.21, rel=1e-12)
    assert found["a", 0, 24][0] == pytest.approx(found["a", 0, 12][0] * (1 + 1 / 1.21), rel=1e-12)


def test_hazard_of_one_ends_everything(months: Months) -> None:
    found = months({"a": [0.5, 1.0, 0.0, 0.0], "b": [1.0, 0.25, 0.25, 0.25]}, [3], 0.0)
    assert found["a", 0, 3] == (0.5, 0.5, 0)
    assert found["a", 1, 3] == (0, 0, 0)
    assert found["b", 0, 3] == (0, 0, 0)
    assert found["b", 1, 3] == pytest.approx((0.75 + 0.75**2 + 0.75**3, 0.75**2, 0.75**3))


def test_what_is_too_small_for_a_double_is_almost_nothing(months: Months) -> None:
    found = months({"a": [0.99] * 250}, [1, 250], 0.10)
    assert found["a", 0, 250][0] == pytest.approx(found["a", 0, 1][0], rel=0.02)
    assert found["a", 249, 1][2] == pytest.approx(0.01, rel=1e-9), "no curve is divided by itself"


def test_monotone_in_horizon_and_rate(months: Months) -> None:
    hazards = {"a": [0.0, 0.3, 0.01, 0.9, 0.05, 0.0]}
    by_rate = [months(hazards, [1, 2, 3, 4, 5, 6], rate) for rate in (0.0, 0.05, 0.1, 1.0)]
    for found in by_rate:
        values = [found["a", 0, horizon][0] for horizon in range(1, 7)]
        assert values == sorted(values)
    for key in by_rate[0]:
        values = [found[key][0] for found in by_rate]
        assert values == sorted(values, reverse=True)
