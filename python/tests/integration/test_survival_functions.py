"""The functions behind bounds and p-values equal scipy's."""

from pathlib import Path

import jinja2
import numpy as np
import pytest
from scipy import special, stats

from nexasat import warehouse


def ask(
    parameters: dict[str, str], query: str, columns: dict[str, np.ndarray]
) -> list[warehouse.Row]:
    """The values of an expression over arrays, in order."""
    arrays = ", ".join("%s::float8[]" for _ in columns)
    source = f"unnest({arrays}) with ordinality as given ({', '.join(columns)}, place)"
    with warehouse.connect(parameters) as connection:
        return warehouse.fetch(
            connection,
            f"select {query} as value from {source} order by place",
            [array.tolist() for array in columns.values()],
        )


def test_normal_quantile_equals_scipy(
    survival_queries: dict[str, str], parameters: dict[str, str]
) -> None:
    powers = 10.0 ** np.arange(-300, 0, 3)
    tails = np.array([0.075, 0.925, 0.5, np.exp(-25), *powers])  # where its regions meet
    p = np.concatenate([np.linspace(0.0005, 0.9995, 1999), tails, tails * (1 + 1e-12)])
    rows = ask(parameters, survival_queries["quantiles"], {"confidence": p})
    found = np.array([row["value"] for row in rows])
    assert np.abs(found - stats.norm.ppf(p)).max() < 1e-12


def test_normal_quantile_is_null_beyond_its_range(
    survival_queries: dict[str, str], parameters: dict[str, str]
) -> None:
    p = np.array([-0.1, 0.0, 1.0, 1.1])
    rows = ask(parameters, survival_queries["quantiles"], {"confidence": p})
    assert [row["value"] for row in rows] == [None] * 4


def test_chi_square_tail_equals_scipy(
    survival_queries: dict[str, str], parameters: dict[str, str]
) -> None:
    x, degrees = np.meshgrid([0, 1e-9, 0.1, 1, 3.84, 10, 40, 120, 700, 1e4], np.arange(1, 32))
    columns = {"x": x.ravel(), "degrees": degrees.ravel()}
    query = survival_queries["tails"].replace("degrees", "degrees::integer")
    found = np.array([row["value"] for row in ask(parameters, query, columns)])
    expected = stats.chi2.sf(columns["x"], columns["degrees"])
    assert found == pytest.approx(expected, rel=1e-12, abs=1e-290)
    assert found.max() == 1


def test_chi_square_tail_is_null_without_degrees_and_beyond_31(
    survival_queries: dict[str, str], parameters: dict[str, str]
) -> None:
    columns = {"x": np.ones(2), "degrees": np.array([0.0, 32.0])}
    query = survival_queries["tails"].replace("degrees", "degrees::integer")
    assert [row["value"] for row in ask(parameters, query, columns)] == [None, None]


def test_erfc_written_out_for_spark_equals_scipy(project: Path, parameters: dict[str, str]) -> None:
    text = (project / "macros" / "complementary_error_function.sql").read_text(encoding="utf-8")
    module = jinja2.Template(text, autoescape=False).make_module({"target": {"type": "spark"}})
    query = str(module.complementary_error_function("x"))  # type: ignore[attr-defined]
    assert "erfc" not in query
    x = np.concatenate([np.linspace(0, 6, 601), [2.5 - 1e-12, 2.5 + 1e-12, 15, 26, 27, 1000]])
    found = np.array([row["value"] for row in ask(parameters, query, {"x": x})])
    assert found == pytest.approx(special.erfc(x), rel=1e-12, abs=1e-290)
