"""The rules that are data name real columns, and every row of them is used."""

import csv
import re
from pathlib import Path

import yaml  # type: ignore[import-untyped]

from nexasat import recipes

PROJECT = Path(__file__).parents[3]
CONFIG = PROJECT / "seeds" / "config"
BOUNDS = ("_from", "_to", "_above", "_up_to")  # a rule's column and the side it bounds


def _rows(name: str) -> list[dict[str, str]]:
    with (CONFIG / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _columns(mart: str) -> set[str]:
    [path] = (PROJECT / "models" / "marts").glob(f"*/{mart}.yml")
    described = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {column["name"] for column in described["models"][0]["columns"]}


def _rule_column(name: str) -> str:
    for bound in sorted(BOUNDS, key=len, reverse=True):
        if name.endswith(bound):
            return name.removesuffix(bound)
    return name


def test_every_offer_rule_names_a_column_that_the_lists_read() -> None:
    named = set(_rows("cfg_offer_rules")[0]) - {"offer_key", "rule_number"}
    assert len(named) == 12
    customer = _columns("dim_customers") | _columns("fct_customer_segments")
    assert {_rule_column(name) for name in named} <= customer
    macro = (PROJECT / "macros/matches_offer_rule.sql").read_text("utf-8")
    assert named == {name for name in named if re.search(rf"'{name}'|\.{name}\b", macro)}


def test_every_score_weight_names_a_component() -> None:
    components = {row["component"] for row in _rows("cfg_score_weights")}
    assert components - {"is_premium"} <= _columns("dim_customers")
    macro = (PROJECT / "macros/score_weights_pivoted.sql").read_text("utf-8")
    assert components == set(re.findall(r"'(\w+)': '\w+_weight'", macro))


def test_every_cluster_feature_is_read_and_worded() -> None:
    worded = {row["feature_name"] for row in _rows("cfg_cluster_features")}
    read = _columns("fct_customer_features") - {"customer_id", "is_churned"}
    assert worded == set(recipes.FEATURES) == read
    macro = (PROJECT / "macros/cluster_features.sql").read_text("utf-8")
    assert re.findall(r"'(\w+)'", macro) == list(recipes.FEATURES)


def test_every_recipe_can_be_followed() -> None:
    found = [recipes.parse(row) for row in _rows("cfg_cluster_recipes")]
    assert [recipe.recipe_name for recipe in found] == ["behaviour", "value", "proxy_value"]
    assert all(row["reason"].strip() for row in _rows("cfg_cluster_recipes"))
    seeds = (CONFIG / "_config__seeds.yml").read_text("utf-8")
    for column, words in recipes.WORDS.items():
        assert f"{column} in ({', '.join(map(repr, words))})" in seeds


def test_no_recipe_asks_for_more_clusters_than_sql_assigns() -> None:
    macro = (PROJECT / "macros/most_clusters.sql").read_text("utf-8")
    [most] = re.findall(r"return\((\d+)\)", macro)
    assert all(int(row["cluster_count_to"]) <= int(most) for row in _rows("cfg_cluster_recipes"))


def test_every_parameter_is_typed_in_staging() -> None:
    sql = (PROJECT / "models/staging/config/stg_config__parameters.sql").read_text("utf-8")
    parameters = [row["parameter"] for row in _rows("cfg_parameters")]
    assert len(parameters) == len(set(parameters))
    assert re.findall(r"^    \('(\w+)', '", sql, re.M) == parameters


def test_every_config_row_gives_its_reason() -> None:
    for name in ("cfg_parameters", "cfg_horizons", "cfg_score_weights", "cfg_retention_factors"):
        assert all(row["reason"].strip() for row in _rows(name))


def test_no_mart_of_customers_shows_a_tier_without_the_chance_to_leave() -> None:
    """A tier says little of churn inside a plan; the mart of the tiers themselves is exempt."""
    shown = 0
    for path in (PROJECT / "models" / "marts").glob("*/*.yml"):
        if path.name.endswith(("__unit_tests.yml", "__semantic.yml")) or path.stem in (
            "_marts__exposures",
            "dim_segments",
        ):
            continue
        columns = _columns(path.stem)
        if "value_tier" in columns:
            shown += 1
            assert any("churn_probability_12m" in column for column in columns), path.stem
    assert shown >= 7
