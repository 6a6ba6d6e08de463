"""The main job: load, build up to the features, cluster, build the rest."""

import json
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from nexasat import labels, loading, server, warehouse
from nexasat.column_mapping import ColumnMapping
from nexasat.dbt_runner import Dbt
from nexasat.errors import ExitCode, NexasatError
from nexasat.extract_file import open_extracts
from nexasat.loading import keep_others_out
from nexasat.settings import Settings

# What the clustering reads, with all that leads to it; the rest follows when it is done.
BEFORE_CLUSTERS = "+fct_customer_features +dim_cluster_recipes"
# A test runs once all its relations are built; unit tests prove the code, not the data.
BUILT_ASIDE = "marts__next"  # where dbt builds the marts; at the end they are published at once
WHOLE_TESTS = ("--indirect-selection", "cautious", "--exclude-resource-type", "unit_test")

Report = Callable[[str], None]


@dataclass
class Build:
    """What a build did.

    Attributes:
        parameters: libpq variables of the server it used.
        seconds: duration of each stage, in order.
        models: how many tables, views and seeds dbt made.
        tests: how many data tests passed.
        warnings: what the user should know although the build is fine.
        report: the page that was drawn of it.
    """

    parameters: dict[str, str]
    seconds: dict[str, float] = field(default_factory=dict)
    models: int = 0
    tests: int = 0
    warnings: list[str] = field(default_factory=list)
    report: Path | None = None


def build(
    settings: Settings,
    csv_files: Sequence[Path],
    extract_date: date | None,
    report: Report,
    report_node: Report | None = None,
    *,
    mapping: ColumnMapping | None = None,
    allow_breaking: bool = False,
    forgotten: Sequence[date] = (),
) -> Build:
    """Builds the whole warehouse aside and publishes it when all tests have passed.

    Readers see the marts as they were until then; run again after any failure, it starts over.

    Args:
        settings: which project and server.
        csv_files: the extract to load first; none builds on the extract in force.
        extract_date: the day that the file describes; None for today.
        report: takes one sentence for each stage.
        report_node: takes the name of each dbt node that finished.
        mapping: how the columns and values of the files are named here.
        allow_breaking: publishes although readers would miss a mart or a column.
        forgotten: dates of extracts that leave the history; the one in force stays.

    Raises:
        NexasatError: the server, the file, a model or a test failed.
    """
    done = Build(parameters={})
    of_this_build = {
        "build_id": str(uuid.uuid4()),
        "allow_breaking": allow_breaking,
        "forgotten_extracts": [str(day) for day in forgotten],
    }
    first, last = (
        ("--vars", json.dumps({**of_this_build, "build_part": part})) for part in ("first", "last")
    )

    @contextmanager
    def stage(name: str, sentence: str) -> Iterator[None]:
        report(sentence)
        start = time.monotonic()
        yield
        done.seconds[name] = time.monotonic() - start

    with ExitStack() as stack:
        # a bad file is told of before a server is started for it
        extracts = stack.enter_context(open_extracts(csv_files, mapping))
        with stage("server", "looking for PostgreSQL"):
            done.parameters = server.server_parameters(settings, report)
        dbt = Dbt(settings, done.parameters, report_node)
        connection = stack.enter_context(warehouse.connect(done.parameters))
        # all of a build reads one extract: no load and no other build comes in between
        stack.enter_context(keep_others_out(connection, report))
        if extracts:
            for extract in extracts:
                report(f"{extract.path.name}: {extract.description}")
            with stage("load", f"loading {', '.join(path.name for path in csv_files)}"):
                loading.load_extracts(
                    connection,
                    extracts,
                    extract_date,
                    report,
                    lambda: dbt.run(*loading.MAKE_TABLES),
                )
        with stage("build", "building staging, customers and features"), _unpublished():
            dbt.run("build", "--select", BEFORE_CLUSTERS, *WHOLE_TESTS, *first)
        with stage("cluster", "clustering the active customers"):
            try:
                with warehouse.looking_in(connection, BUILT_ASIDE):
                    labels.refresh(connection, report)
            except NexasatError as error:
                if error.exit_code not in (ExitCode.NOT_CLUSTERED, ExitCode.NOT_TRUSTED):
                    raise
                done.warnings.append(f"not clustered: {error}; {error.hint}")
        told = "building value, segments, lists and reports, then publishing"
        with stage("marts", told), _unpublished():
            dbt.run("build", "--exclude", BEFORE_CLUSTERS, *WHOLE_TESTS, *last)
        drifted = "select meaning from marts.rpt_cluster_drift where is_over_bound order by subject"
        done.warnings += [row["meaning"] for row in warehouse.fetch(connection, drifted)]
    done.tests = sum(node.kind == "test" for node in dbt.nodes)
    done.models = sum(node.kind in ("model", "seed", "snapshot") for node in dbt.nodes)
    return done


@contextmanager
def _unpublished() -> Iterator[None]:
    """Says of a build that fails what it means for readers."""
    try:
        yield
    except NexasatError as error:
        if error.exit_code == ExitCode.FAILED and "as they were" not in str(error):
            error.hint = f"readers see the marts as they were; {error.hint}"
        raise
