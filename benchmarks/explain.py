"""Where the time of a build goes: does what `nexasat build` does, and watches dbt while it does it.

    python explain.py EXTRACT DATE RESULT

Writes seconds and counts as JSON. A program of its own, so that the imports count.
"""

import json
import sys
import time

BEGAN = time.monotonic()

from collections import Counter, defaultdict  # noqa: E402  the clock runs
from datetime import date, datetime  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any, TypeAlias  # noqa: E402

from nexasat import building, settings  # noqa: E402

NEXASAT_IMPORTED = time.monotonic()

import dbt.cli.main as dbt_main  # noqa: E402

DBT_IMPORTED = time.monotonic()

Untyped: TypeAlias = Any  # what dbt does not give a public type


class Watch:
    """Collects what dbt tells about its calls, nodes and statements."""

    def __init__(self) -> None:
        """Nothing seen yet."""
        self.calls: dict[str, float] = defaultdict(float)  # seconds by dbt command
        self.node_seconds = 0.0  # with at least one node in work
        self.sql_seconds: Counter[str] = Counter()  # by node, as the client waits
        self.statements: Counter[str] = Counter()
        self.nodes: dict[str, dict[str, Any]] = {}
        self._spans: list[tuple[datetime, datetime]] = []

    def event(self, event: Untyped) -> None:
        """Takes an event of dbt."""
        if event.info.name == "SQLQueryStatus":
            name = event.data.node_info.node_name or "hooks and catalogue"
            self.sql_seconds[name] += event.data.elapsed
            self.statements[name] += 1
        elif event.info.name == "NodeFinished":
            info = event.data.node_info
            begin, end = (
                datetime.fromisoformat(when)
                for when in (info.node_started_at, info.node_finished_at)
            )
            self._spans.append((begin, end))
            self.nodes[info.node_name] = {
                "kind": info.materialized if info.resource_type == "model" else info.resource_type,
                "seconds": event.data.run_result.execution_time,
            }

    def close_call(self, name: str, seconds: float) -> None:
        """Notes the end of a dbt command."""
        self.calls[name] += seconds
        covered: datetime | None = None
        for begin, end in sorted(self._spans):
            begin = max(begin, covered) if covered else begin  # noqa: PLW2901
            if end > begin:
                self.node_seconds += (end - begin).total_seconds()
                covered = end
        self._spans.clear()


def main(extract: str, extract_date: str, result: str) -> None:
    """Builds, and writes what the watch saw."""
    watch = Watch()

    class Watched(dbt_main.dbtRunner):
        def __init__(self, manifest: Untyped = None, callbacks: Untyped = None) -> None:
            super().__init__(manifest, [*(callbacks or []), watch.event])

        def invoke(self, args: list[str], **kwargs: Untyped) -> Untyped:
            start = time.monotonic()
            found = super().invoke(args, **kwargs)
            name = next(word for word in args if word in ("parse", "run-operation", "build"))
            watch.close_call(name, time.monotonic() - start)
            return found

    dbt_main.dbtRunner = Watched  # type: ignore[misc]
    project = settings.find_settings(Path(__file__).resolve().parent)
    when = date.fromisoformat(extract_date)
    done = building.build(project, [Path(extract)], when, lambda _: None)
    calls, load = watch.calls, done.seconds.get("load", 0.0)
    if "run-operation" in calls:  # in an empty database dbt is called, and parses, while it loads
        load -= calls["run-operation"] + calls["parse"]
    dbt = calls["build"] + calls["run-operation"]
    found = {
        "parts": {
            "import nexasat": NEXASAT_IMPORTED - BEGAN,
            "import dbt": DBT_IMPORTED - NEXASAT_IMPORTED,
            "load": load,
            "dbt parse": calls["parse"],
            "dbt around its nodes": dbt - watch.node_seconds,
            "dbt nodes": watch.node_seconds,
            "cluster": done.seconds["cluster"],
        },
        "total": time.monotonic() - BEGAN,
        "kinds": Counter(node["kind"] for node in watch.nodes.values()),
        "statements": sum(watch.statements.values()),
        "sql_total": sum(watch.sql_seconds.values()),
        "sql": watch.sql_seconds.most_common(),
    }
    Path(result).write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
