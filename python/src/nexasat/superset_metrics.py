"""MetricFlow's metrics as SQL for one table, which is what Superset asks for."""

from collections.abc import Mapping
from typing import Any

AGGREGATES = {
    "sum": "sum({})",
    "count": "count({})",
    "count_distinct": "count(distinct {})",
    "min": "min({})",
    "max": "max({})",
    "average": "avg({})",
    "median": "percentile_cont(0.5) within group (order by {})",
}
COUNTS = ("count", "count_distinct")


def expression(name: str, table: str, semantics: Mapping[str, Any]) -> str | None:
    """The SQL of a metric, None when the table does not hold all of it.

    Only what means the same there and here is taken: sums and the like of one mart without a
    filter, and ratios of two of them.
    """
    metric = _metric(name, semantics)
    parts = metric["type_params"]
    if metric["filter"]:
        return None
    if metric["type"] == "simple":
        found = _measure(parts["measure"]["name"], semantics)
        if found is None or found[0] != table or parts["measure"]["filter"]:
            return None
        _, measure = found
        aggregate = AGGREGATES.get(measure["agg"])
        return aggregate and aggregate.format(measure["expr"] or measure["name"])
    if metric["type"] == "ratio":
        if parts["numerator"]["filter"] or parts["denominator"]["filter"]:
            return None
        above = expression(parts["numerator"]["name"], table, semantics)
        below = expression(parts["denominator"]["name"], table, semantics)
        if above and below:
            return f"cast({above} as numeric) / nullif({below}, 0)"
    return None


def number_format(name: str, semantics: Mapping[str, Any]) -> str:
    """How Superset prints a metric: counts whole, shares in per cent, money with two decimals."""
    metric = _metric(name, semantics)
    parts = metric["type_params"]
    if metric["type"] == "ratio":
        both = (parts["numerator"]["name"], parts["denominator"]["name"])
        return ".1%" if all(number_format(one, semantics) == ",d" for one in both) else ",.2f"
    found = _measure(parts["measure"]["name"], semantics) if parts["measure"] else None
    return ",d" if found and found[1]["agg"] in COUNTS else ",.2f"


def _metric(name: str, semantics: Mapping[str, Any]) -> Mapping[str, Any]:
    return next(metric for metric in semantics["metrics"] if metric["name"] == name)


def _measure(name: str, semantics: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]] | None:
    """The table of a measure and the measure."""
    for model in semantics["semantic_models"]:
        for measure in model["measures"]:
            if measure["name"] == name:
                return model["node_relation"]["alias"], measure
    return None
