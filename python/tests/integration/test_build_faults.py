"""A build that fails, is killed or interrupted tells it plainly, and the next one works."""

import re
import shutil
import signal
import subprocess
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from nexasat import server as servers
from nexasat import warehouse
from nexasat.errors import ExitCode
from nexasat.settings import Settings

NEXASAT = Path(sysconfig.get_path("scripts")) / "nexasat"
Database = dict[str, str]
FreshDatabase = Callable[..., Database]
Nexasat = Callable[..., subprocess.CompletedProcess[str]]
SettingsFor = Callable[..., Settings]


class Fault(NamedTuple):
    """A change of a file of the project, and what the build says then."""

    file: str
    old: str
    new: str
    told: str


@pytest.fixture
def settings_for(server: Settings, project: Path, tmp_path: Path) -> SettingsFor:
    """The project, or a copy of it, with a database of the shared server."""
    folders = {"DBT_TARGET_PATH": f"{tmp_path}/target", "DBT_LOG_PATH": f"{tmp_path}/logs"}

    def make(database: Database, project: Path = project) -> Settings:
        return Settings(project, {**server.environment, **folders, **database})

    return make


@pytest.fixture
def built(synthetic_template: str, fresh_database: FreshDatabase) -> Database:
    """A warehouse of the test's own."""
    return fresh_database("build_faults", synthetic_template)


@pytest.fixture
def project_copy(project: Path, tmp_path: Path) -> Path:
    unwanted = shutil.ignore_patterns(".*", "target", "logs", "python", "benchmarks")
    return Path(shutil.copytree(project, tmp_path / "project", ignore=unwanted))


def _change(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1
    file.write_text(text.replace(old, new), encoding="utf-8")


def _marts(database: Database) -> dict[str, list[str]]:
    """Every row of every mart as text, without the moments of loading and training."""
    with warehouse.connect(database) as connection:
        names = warehouse.fetch(
            connection,
            "select relname from pg_class where relnamespace = to_regnamespace('marts')"
            " and relkind in ('r', 'v', 'm', 'p') and relname not like '%\\_\\_dbt\\_%'",
        )
        return {
            row["relname"]: sorted(
                str(values)
                for values in warehouse.fetch(
                    connection,
                    "select to_jsonb(mart) - array['loaded_at', 'trained_at', 'activated_at',"
                    " 'clusters_trained_at', 'built_at']"
                    f" as mart from marts.{row['relname']} as mart",
                )
            )
            for row in names
        }


def _assert_told_in_one_sentence(stdout: str, stderr: str) -> None:
    assert "Traceback" not in stdout + stderr
    assert stdout == ""
    assert len(re.findall(r"^error: .+$", stderr, re.MULTILINE)) == 1
    assert len(re.findall(r"^hint: .+$", stderr, re.MULTILINE)) == 1


def _start(settings: Settings, stage: str, relation: str) -> "subprocess.Popen[str]":
    """Starts a build and waits until it is in a stage and has made a relation."""
    process = subprocess.Popen(
        [NEXASAT, "build"],
        cwd=settings.project,
        env=dict(settings.environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stderr
    told = iter(process.stderr.readline, "")
    assert any(stage in line for line in told), "the build ended before that stage"
    schema, _, name = relation.partition(".")
    with warehouse.connect(settings.environment) as connection:
        end = time.monotonic() + 120
        while not warehouse.relation_exists(connection, schema, name):
            assert time.monotonic() < end
            assert process.poll() is None, "the build ended before it made that"
            time.sleep(0.02)
    return process


@pytest.mark.parametrize(
    "fault",
    [
        Fault(
            "seeds/config/cfg_score_weights.csv",
            "monthly_bill_amount,0.40",
            "monthly_bill_amount,0.30",
            r"test \w*cfg_score_weights\w* failed",
        ),
        Fault(
            "models/staging/config/stg_config__plans.sql",
            "cast(base_price as numeric(12, 2))",
            "cast(base_price / 0 as numeric(12, 2))",
            r"model \w+ failed.*: .*division by zero",
        ),
    ],
    ids=["weights_that_sum_to_0.9", "a_division_by_zero"],
)
def test_a_test_or_a_model_that_fails(
    built: Database, settings_for: SettingsFor, project_copy: Path, nexasat: Nexasat, fault: Fault
) -> None:
    """Nothing is published, not even what was built and tested before the failure."""
    before = _marts(built)
    _change(project_copy / fault.file, fault.old, fault.new)
    done = nexasat(settings_for(built, project_copy), "build")
    assert done.returncode == ExitCode.FAILED
    _assert_told_in_one_sentence(done.stdout, done.stderr)
    assert re.search(fault.told, done.stderr)
    assert _marts(built) == before


def test_a_recipe_may_get_another_name(
    built: Database, settings_for: SettingsFor, project_copy: Path, nexasat: Nexasat
) -> None:
    """The runs of the old recipe stay in the history."""
    recipes = project_copy / "seeds" / "config" / "cfg_cluster_recipes.csv"
    _change(recipes, "behaviour,true,", "spending,true,")
    _change(recipes, ',2,10,42,10,0,100000,0.75,"The scan', ',4,4,42,10,0,100000,0.75,"The scan')
    done = nexasat(settings_for(built, project_copy), "build")
    assert done.returncode == 0, done.stderr
    with warehouse.connect(built) as connection:
        runs = warehouse.fetch(
            connection, "select recipe_name, is_current from marts.fct_cluster_runs order by 1"
        )
        clusters = warehouse.fetch(connection, "select * from marts.rpt_cluster_profiles")
    assert [tuple(row.values()) for row in runs] == [("behaviour", False), ("spending", True)]
    assert len(clusters) == 4


def test_a_build_that_is_killed_twice(
    synthetic_warehouse: Database,
    fresh_database: FreshDatabase,
    settings_for: SettingsFor,
    nexasat: Nexasat,
) -> None:
    database = fresh_database("build_faults")
    settings = settings_for(database)
    whole = _marts(synthetic_warehouse)
    for stage, relation in [
        ("building staging", "staging.stg_nexasat__read_rows"),
        ("building value", "marts__next.fct_customer_value"),
    ]:
        process = _start(settings, stage, relation)
        process.kill()
        process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        assert _marts(database) == {}, "readers saw a half-built warehouse"
    done = nexasat(settings, "build")
    assert done.returncode == 0, done.stderr
    assert _marts(database) == whole


def test_ctrl_c(fresh_database: FreshDatabase, settings_for: SettingsFor) -> None:
    database = fresh_database("build_faults")
    process = _start(settings_for(database), "building staging", "staging.stg_config__bands")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == ExitCode.INTERRUPTED
    assert "Traceback" not in stdout + stderr
    assert stdout == ""
    assert "interrupted" in stderr
    assert "error:" not in stderr
    assert _marts(database) == {}, "readers saw a half-built warehouse"


def test_a_server_that_stops_in_the_middle(own: Settings, settings_for: SettingsFor) -> None:
    settings = settings_for(servers.start(own, lambda _: None))
    process = _start(settings, "building staging", "staging.stg_config__bands")
    servers.stop(own)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == ExitCode.NO_SERVER
    _assert_told_in_one_sentence(stdout, stderr)


@pytest.mark.parametrize("where", ["a_port_where_nobody_listens", "a_server_that_is_down"])
def test_no_server(own: Settings, settings_for: SettingsFor, nexasat: Nexasat, where: str) -> None:
    host = str(own.project) if where == "a_server_that_is_down" else "127.0.0.1"
    settings = settings_for({"PGHOST": host, "PGPORT": "1", "PGDATABASE": "nexasat"})
    start = time.monotonic()
    done = nexasat(settings, "build")
    assert time.monotonic() - start < 30
    assert done.returncode == ExitCode.NO_SERVER
    _assert_told_in_one_sentence(done.stdout, done.stderr)
    assert host in done.stderr
