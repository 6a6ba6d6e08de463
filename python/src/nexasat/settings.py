"""Where the project is and which server it uses."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nexasat.errors import ExitCode, NexasatError

LIBPQ_NAMES = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGDATABASE")
SERVER_NAMES = ("PGHOST", "PGHOSTADDR", "PGSERVICE")  # any of them names a server of the user's own


@dataclass(frozen=True)
class Settings:
    """The choices that a command starts from.

    Attributes:
        project: the folder with dbt_project.yml.
        environment: the environment variables, as the shell gave them.
    """

    project: Path
    environment: Mapping[str, str]

    @property
    def state(self) -> Path:
        """The folder of the embedded server: NEXASAT_HOME, or `.nexasat` in the project."""
        return self.project / (self.environment.get("NEXASAT_HOME") or ".nexasat")

    @property
    def names_a_server(self) -> bool:
        """True when the libpq variables name a server, so that the embedded one is not used."""
        return any(self.environment.get(name) for name in SERVER_NAMES)

    @property
    def bundled_extract(self) -> Path:
        """The synthetic extract that ships with the project."""
        return self.project / "seeds" / "raw" / "raw_nexasat_customers.csv"


def find_settings(start: Path | None = None) -> Settings:
    """The settings of the project around `start` (default: here), else of the one installed from.

    Raises:
        NexasatError: there is no project in either place.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents, *Path(__file__).resolve().parents):
        project_file = folder / "dbt_project.yml"
        if project_file.is_file() and "name: nexasat" in project_file.read_text(encoding="utf-8"):
            return Settings(project=folder, environment=dict(os.environ))
    raise NexasatError(
        f"no NexaSat project found in {here} or above it",
        hint="change into the folder with dbt_project.yml",
        exit_code=ExitCode.USAGE,
    )
