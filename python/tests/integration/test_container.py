"""The container path: the compose file agrees with the rest, and a plain `dbt build` works."""

import os
import re
import secrets
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from nexasat import server as servers
from nexasat import warehouse
from nexasat.embedded import launch
from nexasat.errors import NexasatError
from nexasat.settings import LIBPQ_NAMES, Settings

DBT = Path(sysconfig.get_path("scripts")) / "dbt"
VARIABLE = re.compile(r"\$\{(\w+)(:[-?][^}]*)?\}")


@pytest.fixture(scope="module")
def compose(project: Path) -> dict[str, Any]:
    """The compose file."""
    parsed: dict[str, Any] = yaml.safe_load((project / "docker-compose.yml").read_text())
    return parsed


@pytest.fixture(scope="module")
def postgres(compose: dict[str, Any]) -> dict[str, Any]:
    """The service of the compose file."""
    assert list(compose["services"]) == ["postgres", "superset"]
    service: dict[str, Any] = compose["services"]["postgres"]
    return service


def _example(project: Path) -> dict[str, str]:
    """The assignments of .env.example."""
    lines = (project / ".env.example").read_text().splitlines()
    assigned = [line.partition("=") for line in lines if line and not line.startswith("#")]
    return {name: value for name, _, value in assigned}


def test_the_server_is_reached_from_this_machine_only(postgres: dict[str, Any]) -> None:
    assert postgres["ports"] == ["127.0.0.1:${PGPORT:-5432}:5432"]


def test_up_can_wait_until_the_server_takes_connections(postgres: dict[str, Any]) -> None:
    kind, command = postgres["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    assert command.startswith("pg_isready --host=127.0.0.1")
    assert postgres["healthcheck"]["retries"] >= 10


def test_the_data_are_where_the_image_has_them_since_18(postgres: dict[str, Any]) -> None:
    assert postgres["image"] == "postgres:18"
    assert [volume.partition(":")[2] for volume in postgres["volumes"]] == ["/var/lib/postgresql"]


def test_the_password_is_a_secret_file_that_is_not_in_the_repository(
    project: Path, compose: dict[str, Any], postgres: dict[str, Any]
) -> None:
    assert compose["secrets"] == {"pgpassword": {"file": ".pgpassword"}}
    assert postgres["secrets"] == ["pgpassword"]
    assert postgres["environment"].get("POSTGRES_PASSWORD_FILE") == "/run/secrets/pgpassword"
    assert "POSTGRES_PASSWORD" not in postgres["environment"]
    assert "POSTGRES_HOST_AUTH_METHOD" not in postgres["environment"], "it could ask for none"
    assert "PGPASSWORD" not in _example(project)
    ignored = (project / ".gitignore").read_text().splitlines()
    assert {"/.env", "/.pgpassword", "*.dump"} <= set(ignored)


def test_superset_comes_only_when_asked_for_and_to_this_machine_alone(
    project: Path, compose: dict[str, Any]
) -> None:
    superset = compose["services"]["superset"]
    assert superset["profiles"] == ["bi"]
    assert superset["ports"] == ["127.0.0.1:${SUPERSET_PORT:-8088}:8088"]
    assert superset["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    folder = project / superset["build"]
    used = set(re.findall(r"SUPERSET_[A-Z]+", (folder / "start.sh").read_text()))
    given = {name for name in superset["environment"] if name.startswith("SUPERSET_")}
    assert given == used - {"SUPERSET_SECRET", "SUPERSET_ADMIN", "SUPERSET_CONFIG"}
    assert not re.search(r"(?i)password|secret_key", str(superset["environment"]))


def test_one_set_of_names_everywhere(project: Path, postgres: dict[str, Any]) -> None:
    in_compose = set(VARIABLE.findall(str(postgres["environment"]) + str(postgres["ports"])))
    in_profile = re.findall(
        r"env_var\('(PG\w+)', '(.*?)'\)", (project / "profiles.yml").read_text()
    )
    example = _example(project)
    assert set(example) == set(LIBPQ_NAMES) - {"PGPASSWORD"}
    assert {name for name, _ in in_profile} == set(LIBPQ_NAMES)
    assert {name for name, _ in in_compose} == set(example) - {"PGHOST"}
    defaults_of_dbt = {**example, "PGPASSWORD": ""}
    assert dict(in_profile) == defaults_of_dbt, "the defaults of dbt are those of the example"
    defaults = {name: default[2:] for name, default in in_compose if default.startswith(":-")}
    assert defaults == {name: example[name] for name in defaults}


def test_the_example_can_be_exported_as_it_says(project: Path, tmp_path: Path) -> None:
    text = (project / ".env.example").read_text()
    shutil.copy(project / ".env.example", tmp_path / ".env")
    (make,) = re.findall(r"\(umask.*\.pgpassword\)", text)
    (way,) = re.findall(r"set -a;.*set \+a", text)
    for file in ("README.md", "docker-compose.yml"):
        assert make in (project / file).read_text()
        assert way in (project / file).read_text()
    told = subprocess.run(
        ["/bin/sh", "-c", f"{make}; {way}; exec env"],
        cwd=tmp_path,
        env={"PATH": os.defpath},
        capture_output=True,
        text=True,
        check=True,
    )
    secret = tmp_path / ".pgpassword"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r"[\w+/]{24}\n", secret.read_text())
    assert f"PGPASSWORD={secret.read_text()}" in told.stdout
    assert "PGDATABASE=nexasat\n" in told.stdout


def test_the_container_is_set_up_like_the_embedded_server(postgres: dict[str, Any]) -> None:
    program, *settings = postgres["command"]
    found = dict(setting.removeprefix("--").split("=") for setting in settings)
    expected = {**launch.CONFIGURATION, "dynamic_shared_memory_type": "sysv"}
    assert program == "postgres"
    assert found == expected
    locale = {
        "--encoding=UTF8",
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    }
    assert set(postgres["environment"]["POSTGRES_INITDB_ARGS"].split()) == locale


@pytest.fixture(scope="module")
def container(postgres: dict[str, Any]) -> Iterator[dict[str, str]]:
    """The libpq variables of a server in a container, set up as the compose file says."""
    answers = shutil.which("docker") and subprocess.run(
        ["docker", "version", "--format", "{{.Server.Version}}"],
        capture_output=True,
        check=False,
        timeout=20,
    )
    if not answers or answers.returncode != 0:
        pytest.skip("no Docker engine answers")
    try:
        from testcontainers.community.postgres import PostgresContainer  # noqa: PLC0415
    except ImportError:
        from testcontainers.postgres import PostgresContainer  # noqa: PLC0415
    password = secrets.token_urlsafe(12)
    image = PostgresContainer(
        postgres["image"], username="postgres", password=password, dbname="nexasat", driver=None
    )
    image.with_env("POSTGRES_INITDB_ARGS", postgres["environment"]["POSTGRES_INITDB_ARGS"])
    image.with_command(postgres["command"])
    with image as started:
        yield {
            "PGHOST": started.get_container_host_ip(),
            "PGPORT": str(started.get_exposed_port(5432)),
            "PGUSER": "postgres",
            "PGPASSWORD": password,
            "PGDATABASE": "nexasat",
        }


def test_a_plain_dbt_build_works_on_a_container(
    container: dict[str, str], own: Settings, project: Path, tmp_path: Path
) -> None:
    command = [str(DBT), "build", f"--project-dir={project}", f"--profiles-dir={project}"]
    done = subprocess.run(
        [*command, f"--target-path={tmp_path}/target", f"--log-path={tmp_path}/logs"],
        cwd=tmp_path,
        env={**own.environment, **container},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    with warehouse.connect(container) as connection:
        assert warehouse.relation_exists(connection, "marts", "dim_customers")
    settings = Settings(project, {**own.environment, **container})
    assert servers.server_parameters(settings, print) == container
    wrong = Settings(project, {**settings.environment, "PGPASSWORD": "wrong"})
    with pytest.raises(NexasatError, match="password authentication failed"):
        servers.server_parameters(wrong, print)
