"""A warehouse with everything in it, its backup, and a database to restore into."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nexasat.settings import Settings

from .state import State, state_of

Nexasat = Callable[..., subprocess.CompletedProcess[str]]
SettingsFor = Callable[..., Settings]


@pytest.fixture(scope="session")
def full(
    dbt_settings: SettingsFor, synthetic_template: str, project: Path, nexasat: Nexasat
) -> Settings:
    """A warehouse with roles, a loaded file, a campaign and a trigger."""
    settings = dbt_settings("backup_full", synthetic_template)
    extract = project / "seeds" / "raw" / "raw_nexasat_customers.csv"
    for words in (
        ["roles"],
        ["load", extract],
        ["campaign", "create", "may", "--offer", "extra_line_basic", "--holdout", "0.3"],
    ):
        done = nexasat(settings, *words)
        assert done.returncode == 0, done.stderr
    return settings


@pytest.fixture(scope="session")
def whole(full: Settings) -> State:
    """What is in it."""
    return state_of(dict(full.environment))


@pytest.fixture(scope="session")
def file(full: Settings, nexasat: Nexasat, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it."""
    path = tmp_path_factory.mktemp("backups") / "warehouse.dump"
    done = nexasat(full, "backup", path, PGUSER="nexasat_transformer")  # needs no superuser
    assert done.returncode == 0, done.stderr
    assert f"{path}: " in done.stderr
    return path


@pytest.fixture
def empty(dbt_settings: SettingsFor) -> Settings:
    return dbt_settings("backup_empty")
