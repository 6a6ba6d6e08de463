"""Which project is found, where its embedded server lives, and when a server is named."""

from pathlib import Path

import pytest

from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings, find_settings


def _project(folder: Path, name: str = "nexasat") -> Path:
    folder.mkdir(parents=True)
    (folder / "dbt_project.yml").write_text(f'name: {name}\nversion: "0.1.0"\n')
    return folder


def test_a_project_is_found_from_any_folder_inside_it(tmp_path: Path) -> None:
    project = _project(tmp_path / "project")
    inside = project / "models" / "marts"
    inside.mkdir(parents=True)
    assert find_settings(inside).project == project
    assert find_settings(project).project == project


def test_a_project_of_another_name_is_passed_over(tmp_path: Path) -> None:
    outer = _project(tmp_path / "outer")
    inner = _project(outer / "inner", name="something_else")
    assert find_settings(inner).project == outer


def test_outside_any_project_the_installed_one_is_used(tmp_path: Path, project: Path) -> None:
    assert find_settings(tmp_path).project == project


def test_without_any_project_the_error_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nexasat.settings.__file__", str(tmp_path / "site" / "settings.py"))
    with pytest.raises(NexasatError, match="no NexaSat project") as raised:
        find_settings(tmp_path)
    assert "dbt_project.yml" in raised.value.hint
    assert raised.value.exit_code == ExitCode.USAGE


def test_the_environment_is_the_one_of_the_shell(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGHOST", "db.example")
    assert find_settings(project).environment["PGHOST"] == "db.example"


@pytest.mark.parametrize("name", ["PGHOST", "PGHOSTADDR", "PGSERVICE"])
def test_each_variable_that_names_a_server_counts(name: str, tmp_path: Path) -> None:
    assert Settings(tmp_path, {name: "x"}).names_a_server


@pytest.mark.parametrize(
    "environment", [{}, {"PGHOST": ""}, {"PGDATABASE": "x"}, {"PGPORT": "5433", "PGUSER": "me"}]
)
def test_other_variables_name_no_server(environment: dict[str, str], tmp_path: Path) -> None:
    assert not Settings(tmp_path, environment).names_a_server


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "project/.nexasat"),
        ({"NEXASAT_HOME": ""}, "project/.nexasat"),
        ({"NEXASAT_HOME": "inside"}, "project/inside"),  # the same from every folder
    ],
)
def test_the_embedded_server_is_in_the_project(
    environment: dict[str, str], expected: str, tmp_path: Path
) -> None:
    assert Settings(tmp_path / "project", environment).state == tmp_path / expected


def test_the_embedded_server_can_be_anywhere(tmp_path: Path) -> None:
    environment = {"NEXASAT_HOME": str(tmp_path / "elsewhere")}
    assert Settings(tmp_path / "project", environment).state == tmp_path / "elsewhere"


def test_the_bundled_extract_is_in_the_project(project: Path) -> None:
    extract = Settings(project, {}).bundled_extract
    assert extract.is_relative_to(project / "seeds")
    assert extract.suffix == ".csv"
