"""One report of the bundled extract for all the tests, and a browser to look at it."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from chromium import chromium
from nexasat.settings import Settings


@pytest.fixture(scope="session")
def report_project(
    project: Path,
    server: Settings,
    synthetic_warehouse: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Settings:
    """A copy of the project on the warehouse of the bundled extract, so that site/ is its own."""
    unwanted = shutil.ignore_patterns(".*", "target", "logs", "site", "python", "benchmarks")
    copy = shutil.copytree(project, tmp_path_factory.mktemp("report") / "project", ignore=unwanted)
    return Settings(copy, {**server.environment, **synthetic_warehouse})


@pytest.fixture(scope="session")
def reported(
    report_project: Settings, nexasat: Callable[..., subprocess.CompletedProcess[str]]
) -> subprocess.CompletedProcess[str]:
    """What `nexasat report` said."""
    done = nexasat(report_project, "report")
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="session")
def site(report_project: Settings, reported: subprocess.CompletedProcess[str]) -> Path:
    """The folder of the report; only read it."""
    assert reported.stdout.strip() == str(report_project.project / "site" / "index.html")
    return report_project.project / "site"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The Chromium of the system."""
    with chromium() as found:
        yield found
