"""Recipes: every word of a row is checked, and the older study's recipe gives its clusters back."""

import csv
from pathlib import Path

import numpy as np
import pytest

from nexasat import clustering, recipes
from nexasat.clusters import Floats
from nexasat.errors import ExitCode, NexasatError

ROW = {
    "recipe_name": "mine",
    "population": "all",
    "features": "proxy_clv|tenure_months",
    "transformation": "log",
    "scaler": "robust",
    "algorithm": "minibatch",
    "cluster_count_from": "2",
    "cluster_count_to": "6",
    "random_seed": "7",
    "initialisations": "3",
    "tolerance": "0.001",
    "training_limit": "500",
    "stability_floor": "0.7500",
    "reason": "a test",
}
SERVICES = (  # the eight of the study; InternetService names a technique and is never Yes
    "PhoneService",
    "InternetService",
    "OnlineSecurity",
    "OnlineBackup",
    "DeviceProtection",
    "TechSupport",
    "StreamingTV",
    "StreamingMovies",
)


def test_a_row_becomes_a_recipe() -> None:
    found = recipes.parse(ROW)
    assert found.features == ("proxy_clv", "tenure_months")
    assert (found.population, found.transformation) == ("all", "log")
    assert (found.scaler, found.algorithm) == ("robust", "minibatch")
    assert (found.cluster_count_from, found.cluster_count_to) == (2, 6)
    assert (found.random_seed, found.initialisations, found.training_limit) == (7, 3, 500)
    assert (found.stability_floor, found.tolerance) == (0.75, 0.001)


@pytest.mark.parametrize(
    ("column", "value", "told", "hint"),
    [
        ("population", "churned", "there is no population 'churned'", "known: active, all"),
        ("transformation", "sqrt", "there is no transformation 'sqrt'", "known: none, log"),
        ("scaler", "", "there is no scaler ''", "known: standard, minmax, robust"),
        ("algorithm", "dbscan", "there is no algorithm 'dbscan'", "known: kmeans, minibatch"),
        ("features", "tenure", "there is no feature 'tenure'", "known: monthly_bill_amount, "),
        ("features", "", "there is no feature ''", "known: monthly_bill_amount, "),
        ("features", "proxy_clv|proxy_clv", "a feature stands twice", "name each one once"),
        ("cluster_count_to", "1", "do not rise from 1 on", "both ends"),
        ("cluster_count_from", "0", "do not rise from 1 on", "both ends"),
        ("initialisations", "0", "must be 1 or more", "correct"),
    ],
)
def test_a_fault_names_seed_recipe_and_what_is_known(
    column: str, value: str, told: str, hint: str
) -> None:
    with pytest.raises(NexasatError) as raised:
        recipes.parse(ROW | {column: value})
    assert str(raised.value).startswith("seeds/config/cfg_cluster_recipes.csv, recipe 'mine': ")
    assert told in str(raised.value)
    assert hint in raised.value.hint
    assert raised.value.exit_code == ExitCode.USAGE


def _older_study(path: Path) -> Floats:
    """The columns of the recipe `proxy_value` in the file of the older study, in its order."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return np.array(
        [
            [
                float(row["tenure"]),
                float(row["MonthlyCharges"]),
                sum(row[service] == "Yes" for service in SERVICES),
                float(row["tenure"]) * float(row["MonthlyCharges"]) * (row["Churn"] == "No"),
            ]
            for row in rows
        ]
    )


def test_the_older_study(project: Path, shared: Path) -> None:
    """Published: clusters of 1955, 2255 and 2833 customers and a mean CLV of 1873.14."""
    path = shared / "data" / "telco_customer_churn.csv"
    if not path.is_file():
        pytest.skip("the older study's file is not in shared/data beside the project")
    with (project / recipes.SEED).open(newline="", encoding="utf-8") as file:
        [row] = [row for row in csv.DictReader(file) if row["recipe_name"] == "proxy_value"]
    recipe = recipes.parse(row)
    assert recipe.features == ("tenure_months", "monthly_bill_amount", "service_count", "proxy_clv")
    features = _older_study(path)
    assert features[:, 3].mean() == pytest.approx(1873.14, abs=0.005)
    trained = clustering.train(features, recipe, recipe.cluster_count_to)
    labels = trained.label(features)
    sizes = sorted(int((labels == number).sum()) for number in trained.numbers)
    assert sizes == [1955, 2255, 2833]
