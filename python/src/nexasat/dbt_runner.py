"""Runs dbt inside this process: one start-up and one parse for all the steps of a command."""

import gc
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from nexasat.errors import ExitCode, NexasatError
from nexasat.settings import Settings

Report = Callable[[str], None]
# The JSON artefacts and the debug log, 1 s of a build each, are for people who run dbt themselves.
QUICK = ("--log-level", "none", "--log-level-file", "info", "--no-write-json")
# dbt makes millions of objects that stay; by default Python looks through them every 700 new ones,
# which is a tenth of a build. Memory is the same.
ALLOCATIONS_PER_COLLECTION = 50_000
FAILED_STATUSES = ("error", "fail", "runtime error", "partial success")


@dataclass
class Node:
    """A node that dbt finished: what it is, how it went and how long it took in seconds."""

    name: str
    kind: str
    status: str
    seconds: float
    message: str
    path: str


@dataclass(frozen=True)
class Relation:
    """A relation as dbt compiled it.

    Attributes:
        name: without its schema.
        full_name: as it stands in the SQL of others.
        kind: `source`, `seed`, or the materialization of a model.
        sql: the query of a model.
        column_types: of a seed.
        path: the file that makes it.
    """

    name: str
    full_name: str
    kind: str
    sql: str
    column_types: Mapping[str, str]
    path: Path


class Dbt:
    """A dbt that keeps its parsed project between calls.

    Args:
        settings: which project.
        parameters: libpq variables of the server.
        report: takes the name of each node as it finishes.
    """

    def __init__(
        self, settings: Settings, parameters: Mapping[str, str], report: Report | None = None
    ) -> None:
        """Parses nothing yet."""
        self.settings = settings
        self.report = report
        self.nodes: list[Node] = []
        self._manifest: Any = None
        self._told = ""
        os.environ.update(parameters)  # profiles.yml reads the libpq variables
        os.environ.setdefault("DO_NOT_TRACK", "1")

    def run(self, *arguments: str) -> list[Node]:
        """Runs a dbt command, for example `run("build", "--select", "dim_customers")`.

        Returns:
            The nodes that were run, in the order in which they finished.

        Raises:
            NexasatError: dbt failed; the message names the first node and what it said.
        """
        gc.set_threshold(ALLOCATIONS_PER_COLLECTION)
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 (2 s that only dbt's users pay)

        finished: list[Node] = []

        def on_event(event: Any) -> None:  # noqa: ANN401 (dbt's events have no public type)
            if event.info.name == "NodeFinished":
                self._finish(event.data, finished)
            elif event.info.name == "RunningOperationCaughtError":  # its result has no message
                self._told = event.data.exc

        project = str(self.settings.project)
        where = ["--project-dir", project, "--profiles-dir", project]
        if self._manifest is None:
            parsed = dbtRunner().invoke([*QUICK, "parse", *where])
            if not parsed.success:
                self._explain(parsed, [])
            self._manifest = parsed.result
            gc.freeze()  # the parsed project stays: collections need not look through it
        runner = dbtRunner(manifest=self._manifest, callbacks=[on_event])
        with _noted_interrupts() as interrupts:
            result = runner.invoke([*QUICK, *arguments, *where])
        self.nodes += finished
        if not result.success:
            if interrupts:
                raise KeyboardInterrupt
            self._explain(result, finished)
        return finished

    def compile(self, model: str) -> list[Relation]:
        """A model and all that it is made of, each after what it reads; changes no relation.

        Raises:
            NexasatError: dbt cannot compile them.
        """
        self.run("compile", "--select", f"+{model}")
        nodes = {**self._manifest.nodes, **self._manifest.sources}
        found: dict[str, Relation] = {}

        def add(unique_id: str) -> None:
            node = nodes[unique_id]
            for parent in getattr(node.depends_on, "nodes", ()):
                add(parent)
            is_model = node.resource_type == "model"
            found[unique_id] = Relation(
                name=node.identifier,
                full_name=node.relation_name,
                kind=node.config.materialized if is_model else str(node.resource_type),
                sql=node.compiled_code if is_model else "",
                column_types=getattr(node.config, "column_types", {}),
                path=self.settings.project / node.original_file_path,
            )

        add(f"model.{self._manifest.metadata.project_name}.{model}")
        return list(found.values())

    def _finish(self, data: Any, finished: list[Node]) -> None:  # noqa: ANN401
        info, result = data.node_info, data.run_result
        node = Node(
            name=info.node_name,
            kind=info.resource_type,
            status=info.node_status,
            seconds=result.execution_time,
            message=" ".join(result.message.split()),
            path=info.node_path,
        )
        finished.append(node)
        if self.report:
            self.report(node.name)

    def _explain(self, result: Any, finished: list[Node]) -> None:  # noqa: ANN401
        """Turns what dbt says into one error."""
        failed = [node for node in finished if node.status in FAILED_STATUSES]
        logs = Path(os.environ.get("DBT_LOG_PATH", self.settings.project / "logs")) / "dbt.log"
        if failed:
            more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
            first = failed[0]
            raise NexasatError(
                f"dbt: {first.kind} {first.name} failed{more}: {first.message}",
                hint=f"the file is {first.path}; the whole story is in {logs}",
            )
        for step in getattr(result.result, "results", ()):  # a hook, or the macro of run-operation
            if step.status in FAILED_STATUSES:
                told = " ".join(str(step.message or self._told).partition("CONTEXT:")[0].split())
                told = told.rpartition("failed, error: ")[2].removeprefix("Database Error ")
                told, _, way_out = told.partition(" HINT: ")
                raise NexasatError(told, hint=way_out or f"the whole story is in {logs}")
        exception = result.exception
        if exception is not None and "could not connect" in str(exception).lower():
            raise NexasatError(str(exception), exit_code=ExitCode.NO_SERVER)
        raise NexasatError(
            f"dbt stopped: {' '.join(str(exception).split()) if exception else 'no node failed'}",
            hint=f"the whole story is in {logs}",
        )


@contextmanager
def _noted_interrupts() -> Iterator[list[int]]:
    """The Ctrl-Cs that came: dbt turns them into failed nodes, which would look like faults."""
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came  # signals reach the main thread only
        return

    def note(number: int, frame: FrameType | None) -> None:
        came.append(number)
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield came
    finally:
        signal.signal(signal.SIGINT, before)


def run_dbt(settings: Settings, parameters: Mapping[str, str], arguments: list[str]) -> None:
    """Runs one dbt command; see `Dbt.run`."""
    Dbt(settings, parameters).run(*arguments)
