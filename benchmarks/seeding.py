"""What the override of dbt's seed loader is worth: `dbt seed` with and without it."""

import json
import shutil
from pathlib import Path
from statistics import median

from arena import PROJECT, SCRIPTS, Arena, say

OVERRIDE = Path("macros") / "postgres__load_csv_rows.sql"
PARTS = ("dbt_project.yml", "profiles.yml", "macros", "models", "seeds", "tests")
SEED = "raw_nexasat_customers"


def compare_loaders(arena: Arena, repeats: int) -> dict[str, tuple[float, float]]:
    """Median seconds of the seed's node and of the whole process, by loader."""
    projects = {"dbt's own": arena.folder / "plain", "ours": arena.folder / "ours"}
    for project in projects.values():
        _copy_project(project)
    (projects["dbt's own"] / OVERRIDE).unlink()
    nodes: dict[str, list[float]] = {name: [] for name in projects}
    processes: dict[str, list[float]] = {name: [] for name in projects}
    for repeat in range(repeats):
        for name, project in projects.items():
            say(f"dbt seed, loader: {name}, {repeat + 1} of {repeats}")
            arena.fresh_database("seeding")
            target = project / "target"
            command = [str(SCRIPTS / "dbt"), "--quiet", "seed", "--select", SEED]
            folders = {"DBT_TARGET_PATH": str(target), "DBT_PROFILES_DIR": str(project)}
            done = arena.run(command, project, "seeding", folders)
            results = json.loads((target / "run_results.json").read_text(encoding="utf-8"))
            found = [each for each in results["results"] if each["unique_id"].endswith(SEED)]
            nodes[name].append(found[0]["execution_time"])
            processes[name].append(done.seconds)
    return {name: (median(nodes[name]), median(processes[name])) for name in projects}


def _copy_project(project: Path) -> None:
    project.mkdir()
    for part in PARTS:
        source = PROJECT / part
        if source.is_dir():
            shutil.copytree(source, project / part)
        else:
            shutil.copy(source, project / part)
