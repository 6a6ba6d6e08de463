"""The programs that draw the report: dct, dbt, colibri, dbterd and graphviz."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from nexasat.boards import mart_of
from nexasat.errors import NexasatError
from nexasat.settings import Settings

HOW_TO_INSTALL = "install the extra: .ci/setup.sh report (Python 3.11 or later)"
PATIENCE = 900  # seconds; the slowest step takes 20 on two cores
PROCESSES = 2  # of dct, which needs a second a board and one core
ERROR = re.compile(r"^ERR-[A-Z-]+\s+(.*?)(?=^(?:Fix|Detail|At|Docs|Write):|\Z)", re.M | re.S)
PLACE = re.compile(r"^At: (\S+)", re.M)


def is_installed() -> bool:
    """True when the extra `report` is there."""
    return importlib.util.find_spec("dbt_charts") is not None


class Tools:
    """The programs, on one project and server; they read the published marts and write nothing.

    Args:
        settings: which project.
        parameters: libpq variables of the server.
        work: a folder for what dbt makes; kept, so that the next run parses less.
        reader: the role that boards read as; None for that of the user.
    """

    def __init__(
        self,
        settings: Settings,
        parameters: Mapping[str, str],
        work: Path,
        reader: str | None = None,
    ) -> None:
        """Starts nothing yet."""
        self.role = f" -c role={reader}" if reader else ""
        self.project = settings.project
        self.work = work
        self.target = work / "target"
        dropped = {"DBT_TARGET_PATH", "DBT_PROFILES_DIR", "DBT_PROJECT_DIR", "DBT_TARGET"}
        kept = {name: text for name, text in settings.environment.items() if name not in dropped}
        self.environment = {
            **kept,
            **parameters,
            "DO_NOT_TRACK": "1",
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "NO_COLOR": "1",
            "COLUMNS": "400",  # dct breaks its lines after so many
            "PGOPTIONS": f"{kept.get('PGOPTIONS', '')} -c default_transaction_read_only=on",
        }

    def parse(self) -> None:
        """Writes the manifest of the published marts, which boards look names up in."""
        self._dbt("parse")

    def docs(self, page: Path) -> None:
        """Writes the dbt docs as one page, and manifest and catalog for the others."""
        self._dbt("docs", "generate", "--static")
        shutil.copyfile(self.target / "static_index.html", page)

    def render(self, names: Sequence[str], folder: Path) -> None:
        """Renders boards as pages into the folder."""
        for name in ("dbt_project.yml", "profiles.yml"):
            shutil.copyfile(self.project / name, self.work / name)
        with ThreadPoolExecutor(PROCESSES) as pool:
            parts = [names[part::PROCESSES] for part in range(PROCESSES)]
            list(pool.map(lambda part: self._render(part, folder), filter(None, parts)))

    def lineage(self, page: Path) -> None:
        """Draws which column comes from which, by colibri."""
        folder = self.work / "colibri"
        where = [f"--{name}={self.target / name}.json" for name in ("manifest", "catalog")]
        output = ("--output-dir", str(folder), "--disable-telemetry", "--light")
        self._checked("colibri", "generate", *where, *output)
        shutil.copyfile(folder / "index.html", page)

    def keys(self, picture: Path) -> bool:
        """Draws the marts that keys join; False where graphviz is not installed."""
        dot = shutil.which("dot", path=self.environment.get("PATH"))
        if dot is None:
            return False
        joined = set()
        for model in self.models().values():
            for constraint in model["constraints"]:
                if constraint["type"] == "foreign_key":
                    joined |= {model["name"], mart_of(constraint["to"])}
        chosen = [f"--select=exact:model.nexasat.{name}" for name in sorted(joined)]
        self._checked(
            *("dbterd", "run", "--target", "graphviz", "--algo", "model_contract"),
            *("--artifacts-dir", str(self.target), "--output", str(self.work)),
            *chosen,
            *("--entity-name-format", "table"),
            *("--output-file-name", "erd.dot"),
        )
        self._checked(dot, "-Tsvg", str(self.work / "erd.dot"), "-o", str(picture))
        return True

    def models(self) -> dict[str, dict[str, Any]]:
        """Each model by its name, as the manifest has it."""
        manifest = json.loads((self.target / "manifest.json").read_text(encoding="utf-8"))
        nodes = manifest["nodes"].values()
        return {node["name"]: node for node in nodes if node["resource_type"] == "model"}

    def _render(self, names: Sequence[str], folder: Path) -> None:
        told = self._run(
            "dct",
            "render",
            *(f"charts/{name}.yml" for name in names),
            *("--format", "html", "--output", f"{folder}/{{stem}}.html"),
            *("--no-cache", "--no-warnings"),
            *("--project-dir", str(self.project), "--dbt-project-dir", str(self.work)),
            PGOPTIONS=self.environment["PGOPTIONS"] + self.role,
        )
        missing = [name for name in names if not (folder / f"{name}.html").is_file()]
        if told.returncode or missing:
            raise _explain(told.stderr + told.stdout, missing)

    def _dbt(self, *words: str) -> None:
        project = str(self.project)
        where = ("--project-dir", project, "--profiles-dir", project, "--target", "bi")
        quiet = ("--quiet", "--log-level-file", "none", "--target-path", str(self.target))
        self._checked("dbt", *words, *where, *quiet)

    def _checked(self, program: str, *words: str) -> None:
        told = self._run(program, *words)
        if told.returncode:
            lines = [line.strip() for line in (told.stderr + told.stdout).splitlines()]
            reason = " ".join(line for line in lines[-8:] if line) or "it said nothing"
            raise NexasatError(f"{Path(program).name} {words[0]} failed: {reason}")

    def _run(self, program: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        path = os.pathsep.join(
            [sysconfig.get_path("scripts"), self.environment.get("PATH", os.defpath)]
        )
        found = shutil.which(program, path=path)
        if found is None:
            raise NexasatError(f"{program} is not installed", hint=HOW_TO_INSTALL)
        try:
            return subprocess.run(
                [found, *words],
                cwd=self.project,
                env=self.environment | {"PATH": path} | more,
                capture_output=True,
                text=True,
                check=False,
                timeout=PATIENCE,
            )
        except subprocess.TimeoutExpired as error:
            raise NexasatError(f"{program} did not end within {PATIENCE} seconds") from error


def _explain(told: str, missing: Sequence[str]) -> NexasatError:
    """What dct says of a board as one error, with the board and the line."""
    error, place = ERROR.search(told), PLACE.search(told)
    reason = " ".join((error.group(1) if error else told.strip()[-300:]).split())
    where = place.group(1) if place else f"charts/{missing[0]}.yml" if missing else "charts/"
    return NexasatError(
        f"{where}: {reason}",
        hint="mend the board and run nexasat report again; dct validate charts/ and dct docs help",
    )
