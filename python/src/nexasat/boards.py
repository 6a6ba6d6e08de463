"""The boards of charts/ and the dashboard of Superset: which marts and columns they read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from nexasat.errors import NexasatError

FOLDER = "charts"
EXPOSURES = Path("models", "marts", "_boards__exposures.yml")
DASHBOARD = Path("bi", "superset", "dashboard.yml")
FIRST = "index"  # the page that a person opens
REFERENCE = re.compile(r"\{\{ ref\('(\w+)'\) \}\} as (\w+)")
COLUMN = re.compile(r"\b([a-z]\w*)\.([a-z]\w*)")


@dataclass(frozen=True)
class Board:
    """A page of the report.

    Attributes:
        name: of its file, without the ending; also that of the page.
        title: its heading.
        notes: what it covers, in a sentence.
        queries: the SQL of its queries, with `ref()`.
    """

    name: str
    title: str
    notes: str
    queries: tuple[str, ...]

    @property
    def label(self) -> str:
        """What a link to it says."""
        return "Overview" if self.name == FIRST else self.name.replace("_", " ").capitalize()

    @property
    def marts(self) -> list[str]:
        """The marts that it reads, in alphabetical order."""
        return sorted({mart for query in self.queries for mart, _ in REFERENCE.findall(query)})

    def columns(self, known: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
        """The (column, mart) pairs that it reads, by name of the column.

        Args:
            known: the columns of each mart; boards qualify columns by the alias of their mart.
        """
        found = {}
        for query in self.queries:
            aliases: dict[str, list[str]] = {}
            for mart, alias in REFERENCE.findall(query):
                aliases.setdefault(alias, []).append(mart)
            for alias, column in COLUMN.findall(query):
                for mart in aliases.get(alias, ()):
                    if column in known.get(mart, {}):
                        found[column] = mart
        return sorted(found.items())


def read_boards(project: Path) -> list[Board]:
    """The boards in the order of the pages: the overview first, the others by name.

    Files that begin with an underscore are parts of others.

    Raises:
        NexasatError: a file is no YAML.
    """
    folder = project / FOLDER
    names = sorted(path.stem for path in folder.glob("[!_]*.yml") if path.stem != "meta")
    boards = []
    for name in sorted(names, key=lambda name: (name != FIRST, name)):
        content = _read(folder / f"{name}.yml")
        queries = content.get("queries", {}).values()
        boards.append(
            Board(
                name=name,
                title=str(content.get("title", name)),
                notes=str(content.get("notes", "")),
                queries=tuple(str(query["sql"]) for query in queries),
            )
        )
    return boards


def _read(path: Path) -> dict[str, Any]:
    """A board with what it extends below it."""
    try:
        content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NexasatError(
            f"{path.name} cannot be read: {error}", hint="dct validate charts/ tells more"
        ) from error
    merged: dict[str, Any] = {}
    for base in _as_list(content.get("extends")):
        if base.startswith("./"):
            merged |= _read(path.parent / base)
    queries = {**merged.get("queries", {}), **content.get("queries", {})}
    return {**merged, **content, "queries": queries}


def _as_list(value: str | list[str] | None) -> Iterator[str]:
    yield from [value] if isinstance(value, str) else value or ()


def exposures(project: Path) -> str:
    """The YAML that tells dbt who reads the marts: an exposure for each board and dashboard."""
    lines = [
        f"# Written from {FOLDER}/ and {DASHBOARD} by `nexasat report --exposures`;",
        "# change those instead.",
        "exposures:",
    ]
    readers = [
        (f"board_{board.name}", f"Report: {board.title}", board.notes, board.marts)
        for board in read_boards(project)
    ]
    dashboard = yaml.safe_load((project / DASHBOARD).read_text(encoding="utf-8"))
    readers.append(
        (
            f"superset_{dashboard['slug'].replace('-', '_')}",
            f"Superset: {dashboard['title']}",
            dashboard["description"],
            _marts_of(dashboard, project),
        )
    )
    for name, label, notes, marts in readers:
        lines += [
            f"  - name: {name}",
            f'    label: "{label}"',
            "    type: dashboard",
            "    maturity: medium",
            f'    description: "{notes}"',
            "    owner: {name: NexaSat analytics, email: analytics@nexasat.example}",
            "    depends_on:",
            *(f"      - ref('{mart}')" for mart in marts),
            "",
        ]
    return "\n".join(lines)


def mart_of(relation: str) -> str:
    """The mart in `"database"."schema"."mart"` and in `ref('mart')`."""
    names: list[str] = re.findall(r"\w+", relation)
    return names[-1]


def _marts_of(dashboard: Mapping[str, Any], project: Path) -> list[str]:
    """The marts behind the metrics of a dashboard of Superset, in alphabetical order."""
    measured: dict[str, str] = {}
    for path in sorted((project / "models").glob("**/*__semantic.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for model in content["semantic_models"]:
            mart = mart_of(model["model"])
            measured |= {measure["name"]: mart for measure in model.get("measures", ())}
        for metric in content.get("metrics", ()):
            measured[metric["name"]] = measured[metric["type_params"]["numerator"]]
    return sorted({measured[chart["metric"]] for row in dashboard["rows"] for chart in row})
