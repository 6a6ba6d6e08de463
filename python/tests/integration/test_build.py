"""`nexasat build` and plain `dbt build`: nothing is left out, and again gives the same."""

import csv
import gzip
import subprocess
import sysconfig
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from nexasat import warehouse
from nexasat.settings import Settings

DBT = Path(sysconfig.get_path("scripts")) / "dbt"
Database = dict[str, str]
FreshDatabase = Callable[..., Database]
Nexasat = Callable[..., subprocess.CompletedProcess[str]]
Run = Callable[..., subprocess.CompletedProcess[str]]
RUNS = "select * from ml.cluster_runs order by run_id"
CHECKSUM = """
    select count(*) as rows, sum(hashtextextended(cast(to_jsonb(mart) - array[
        'loaded_at', 'trained_at', 'clusters_trained_at', 'activated_at', 'built_at'
    ] as text), 0)) as checksum
    from marts.{} as mart
"""
KEYS = """
    select concat_ws(' ', mart.relname, contype, string_agg(attname, ',' order by place)) as key
    from pg_constraint
    inner join pg_class as mart on conrelid = mart.oid
    inner join pg_namespace on relnamespace = pg_namespace.oid
    inner join ops.releases on nspname = schema_name and is_live
    cross join unnest(conkey) with ordinality as named (attnum, place)
    inner join pg_attribute on attrelid = mart.oid and pg_attribute.attnum = named.attnum
    where contype in ('p', 'f', 'u')
    group by pg_constraint.oid, mart.relname, contype
"""


@pytest.fixture(scope="module")
def settings_for(
    server: Settings, project: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Database], Settings]:
    """The project with a database of the shared server; dbt's own files go elsewhere."""
    folder = tmp_path_factory.mktemp("build")
    folders = {"DBT_TARGET_PATH": f"{folder}/target", "DBT_LOG_PATH": f"{folder}/logs"}

    def make(database: Database) -> Settings:
        return Settings(project, {**server.environment, **folders, **database})

    return make


@pytest.fixture(scope="module")
def build(nexasat: Nexasat, settings_for: Callable[[Database], Settings]) -> Run:
    """Runs `nexasat build …` in a process of its own: `build(database, "--csv", file)`."""

    def run(database: Database, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        done = nexasat(settings_for(database), "build", *arguments)
        assert done.returncode == 0, done.stderr
        return done

    return run


@pytest.fixture(scope="module")
def dbt(settings_for: Callable[[Database], Settings]) -> Run:
    """Runs dbt itself, as a dbt user does: `dbt(database, "build")`."""

    def run(database: Database, *arguments: str) -> subprocess.CompletedProcess[str]:
        settings = settings_for(database)
        done = subprocess.run(
            [DBT, *arguments],
            cwd=settings.project,
            env=dict(settings.environment),
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout
        return done

    return run


def _marts(database: Database) -> dict[str, tuple[int, int]]:
    """Rows and a checksum of every mart, without the moments of loading, training and building."""
    with warehouse.connect(database) as connection:
        names = warehouse.fetch(
            connection,
            "select relname from pg_class where relnamespace = to_regnamespace('marts')"
            " and relkind in ('r', 'v', 'm', 'p') order by relname",
        )
        found = {}
        for name in (row["relname"] for row in names):
            [row] = warehouse.fetch(connection, CHECKSUM.format(name))
            found[name] = (row["rows"], row["checksum"])
    assert len(found) >= 20
    return found


def _keys_of_contracts(project: Path) -> list[str]:
    """Primary, foreign and unique keys of all marts, as KEYS tells them."""
    found = []
    for path in project.glob("models/marts/*/*.sql"):
        [model] = yaml.safe_load(path.with_suffix(".yml").read_text(encoding="utf-8"))["models"]
        found += [
            f"{model['name']} {key['type'][0]} {','.join(key['columns'])}"
            for key in model["constraints"]
            if key["type"] != "check"  # see test_checks.py
        ]
    return sorted(found)


def _fetch(database: Database, query: str) -> list[warehouse.Row]:
    with warehouse.connect(database) as connection:
        return warehouse.fetch(connection, query)


def test_every_node_is_built_or_tested_once(
    synthetic_template: str, synthetic_nodes: list[str], synthetic_warehouse: Database, dbt: Run
) -> None:
    """The build runs dbt twice, before and after the clustering: nothing twice, nothing never."""
    assert synthetic_template
    names = ("model", "seed", "snapshot", "test", "exposure")
    kinds = [f"--resource-type={kind}" for kind in names]
    told = dbt(synthetic_warehouse, "--quiet", "ls", "--output", "name", *kinds)
    wanted = Counter(told.stdout.split())
    assert len(wanted) > 50
    run = Counter(name for name in synthetic_nodes if "-on-run-" not in name)
    assert run - wanted == {}
    assert wanted - run == {}


def test_a_second_build_changes_nothing(
    synthetic_template: str, fresh_database: FreshDatabase, build: Run, project: Path
) -> None:
    database = fresh_database("build_twice", synthetic_template)
    marts, runs = _marts(database), _fetch(database, RUNS)
    done = build(database)
    assert _marts(database) == marts
    assert _fetch(database, RUNS) == runs, "it trained again"
    assert sorted(row["key"] for row in _fetch(database, KEYS)) == _keys_of_contracts(project)
    assert "training" not in done.stderr
    assert "customers   7,043: 4,272 active" in done.stdout


def test_a_warehouse_of_an_older_version_is_carried_over(
    synthetic_template: str, fresh_database: FreshDatabase, build: Run
) -> None:
    database = fresh_database("build_older", synthetic_template)
    marts = _marts(database)
    with warehouse.connect(database) as connection:
        for name in marts:  # up to version 0.4 marts were tables that nobody published
            warehouse.execute(connection, f"drop view marts.{name}")
            warehouse.execute(connection, f"alter table marts__g1.{name} set schema marts")
        for statement in (
            "drop table ops.releases, ops.release_builds cascade",
            "drop schema marts__g1, marts__next cascade",
            "create schema analysts",
            "create view analysts.mine as select count(*) as customers from marts.dim_customers",
            "alter table config.cfg_plans drop column margin cascade",
            "drop view staging.stg_config__offers cascade",
            "alter table config.cfg_offers alter offer_rank type text",
            "create table ml.customer_clusters (customer_id text primary key)",
            "create view staging.stg_ml__customer_clusters as table ml.customer_clusters",
            "alter table ml.cluster_runs drop column decision cascade",
            "alter table ml.cluster_runs drop column population cascade",
            "alter table ml.cluster_scalers drop column transformation cascade",
            "alter table ml.cluster_centroids drop column centroid_deviation cascade",
        ):
            warehouse.execute(connection, statement)
    done = build(database)
    assert done.returncode == 0, done.stderr
    assert _marts(database) == marts
    log = "select release_number, is_live, based_on from ops.releases order by 1"
    assert [tuple(row.values()) for row in _fetch(database, log)] == [
        (0, False, None),
        (1, True, 0),
    ]
    assert _fetch(database, "select * from analysts.mine") == [{"customers": 7043}]
    definition = "select pg_get_viewdef('analysts.mine'::regclass) as text"
    assert "marts__g" not in _fetch(database, definition)[0]["text"]


def test_plain_dbt_builds_from_nothing_and_after_clustering(
    synthetic_warehouse: Database,
    fresh_database: FreshDatabase,
    dbt: Run,
    nexasat: Nexasat,
    settings_for: Callable[[Database], Settings],
) -> None:
    database = fresh_database("build_plain")
    dbt(database, "build")
    assert _fetch(database, "select * from marts.dim_clusters") == []
    unlabelled = "select count(*) as customers from marts.fct_customer_segments where {} is null"
    for column in ("cluster_id", "cluster_name"):
        assert _fetch(database, unlabelled.format(column)) == [{"customers": 4272}]

    assert nexasat(settings_for(database), "cluster").returncode == 0
    runs = _fetch(database, RUNS)
    assert len(runs) == 1

    dbt(database, "build", "--exclude-resource-type", "unit_test")
    assert _marts(database) == _marts(synthetic_warehouse)
    assert _fetch(database, RUNS) == runs


def test_an_extract_of_three_customers_is_built_without_clusters_and_stays(
    project: Path, tmp_path: Path, fresh_database: FreshDatabase, build: Run
) -> None:
    with (project / "seeds" / "raw" / "raw_nexasat_customers.csv").open(newline="") as file:
        header, *rows = csv.reader(file)
    churn = header.index("churn")
    chosen = [row for row in rows if row[churn] == "0"][:3]
    one, two, mapping = (tmp_path / name for name in ("one.csv.gz", "two.csv", "mapping.yml"))
    header[churn] = "Left"
    chosen[2][churn] = "stays"
    one.write_bytes(gzip.compress("\n".join(map(";".join, [header, chosen[0]])).encode()))
    two.write_text("\n".join(map(",".join, [header, *chosen[1:]])))
    mapping.write_text("columns: {churn: Left}\nvalues: {churn: {stays: 0}}\n")

    database = fresh_database("build_three")
    files = ("--csv", one, "--csv", two, "--mapping", mapping)
    done = build(database, *files, "--extract-date", "2024-02-29")
    warned = [line for line in done.stdout.splitlines() if line.startswith("warning ")]
    assert len(warned) == 1
    assert "not clustered: 3 customers (3 different ones)" in warned[0]
    assert "cfg_cluster_recipes" in warned[0]
    assert "extract     one.csv.gz, two.csv, 2024-02-29" in done.stdout
    assert "rows        3 in, 3 accepted, 0 rejected" in done.stdout
    first = _marts(database)
    assert first["fct_customer_segments"][0] == first["fct_customer_value"][0] == 3
    assert first["rpt_segment_profiles"][0] == 4
    assert first["dim_clusters"][0] == first["rpt_cluster_profiles"][0] == 0

    assert "extract     one.csv.gz, two.csv, 2024-02-29" in build(database).stdout
    assert _marts(database) == first
    ids = _fetch(database, "select customer_id from marts.dim_customers order by customer_id")
    assert [row["customer_id"] for row in ids] == sorted(row[0] for row in chosen)
