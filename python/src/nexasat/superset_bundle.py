"""A bundle for Apache Superset: every mart as a dataset, the metrics of MetricFlow, one dashboard.

Nothing is typed twice: columns, types, descriptions and keys come from dbt's manifest, metrics from
the semantic manifest, and `bi/superset/dashboard.yml` says only which metric is shown by what.
"""

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import yaml  # type: ignore[import-untyped]

from nexasat.boards import mart_of
from nexasat.superset_dashboard import VERSION, Document, chart_of, dashboard_of, identity
from nexasat.superset_metrics import expression, number_format

READER = "bi_reader"
SOURCE = "NexaSat marts"


def documents(
    manifest: Mapping[str, Any],
    semantics: Mapping[str, Any],
    dashboard: Mapping[str, Any],
    server: Mapping[str, str],
) -> dict[str, Document]:
    """The files of the bundle by path.

    Args:
        manifest: dbt's manifest, parsed for the target that reads what is published.
        semantics: the semantic manifest beside it.
        dashboard: title, slug and rows of charts, as in `bi/superset/dashboard.yml`.
        server: PGHOST, PGPORT and PGDATABASE; a password is left to PGPASSFILE.

    Raises:
        NexasatError: the dashboard names a metric or a column that is not there.
    """
    found: dict[str, Document] = {
        "metadata.yaml": {"version": VERSION, "type": "assets"},
        "databases/nexasat.yaml": _database(server),
    }
    for mart in _marts(manifest):
        found[f"datasets/nexasat/{mart['name']}.yaml"] = _dataset(mart, semantics, server)
    charts = [[chart_of(wanted, found) for wanted in row] for row in dashboard["rows"]]
    for row in charts:
        for chart in row:
            found[f"charts/{chart['uuid']}.yaml"] = chart
    found["dashboards/nexasat.yaml"] = dashboard_of(dashboard, charts)
    return found


def write(found: Mapping[str, Document], path: Path) -> None:
    """The bundle as a zip file, the same bytes for the same documents."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name in sorted(found):
            text = yaml.safe_dump(found[name], sort_keys=False, allow_unicode=True)
            bundle.writestr(zipfile.ZipInfo(f"nexasat/{name}"), text)


def _database(server: Mapping[str, str]) -> Document:
    name = server["PGDATABASE"]
    where = urlencode({"host": server["PGHOST"], "port": server["PGPORT"]})
    return {
        "database_name": SOURCE,
        "sqlalchemy_uri": f"postgresql+psycopg2://{READER}@/{name}?{where}",
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,  # and the role may not write either
        "allow_file_upload": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": identity("database"),
        "version": VERSION,
    }


def _marts(manifest: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for _, node in sorted(manifest["nodes"].items()):
        if node["resource_type"] == "model" and node.get("access") == "public":
            yield node


def _dataset(
    mart: Mapping[str, Any], semantics: Mapping[str, Any], server: Mapping[str, str]
) -> Document:
    keys = {
        constraint["columns"][0]: f"{mart_of(constraint['to'])}.{constraint['to_columns'][0]}"
        for constraint in mart["constraints"]
        if constraint["type"] == "foreign_key" and len(constraint["columns"]) == 1
    }
    columns = [
        {
            "column_name": name,
            "verbose_name": _words(name),
            "is_dttm": column["data_type"].startswith(("date", "timestamp")),
            "is_active": True,
            "type": column["data_type"].upper(),
            "groupby": True,
            "filterable": True,
            "expression": None,
            "description": " ".join(
                [column["description"], *([f"Key of {keys[name]}."] if name in keys else [])]
            ),
            "extra": {},
        }
        for name, column in mart["columns"].items()
    ]
    return {
        "table_name": mart["alias"],
        "main_dttm_col": next((c["column_name"] for c in columns if c["is_dttm"]), None),
        "description": mart["description"],
        "catalog": server["PGDATABASE"],
        "schema": mart["schema"],
        "sql": None,
        "filter_select_enabled": True,
        "normalize_columns": False,
        "always_filter_main_dttm": False,
        "metrics": list(_metrics(mart["alias"], semantics)),
        "columns": columns,
        "uuid": identity("dataset", mart["name"]),
        "version": VERSION,
        "database_uuid": identity("database"),
    }


def _metrics(table: str, semantics: Mapping[str, Any]) -> Iterator[Document]:
    for metric in semantics["metrics"]:
        told = expression(metric["name"], table, semantics)
        if told is not None:
            yield {
                "metric_name": metric["name"],
                "verbose_name": metric["label"],
                "metric_type": None,
                "expression": told,
                "description": metric["description"],
                "d3format": number_format(metric["name"], semantics),
                "extra": {
                    "certification": {
                        "certified_by": "NexaSat analytics",
                        "details": f"metric {metric['name']} of MetricFlow, tested against SQL",
                    }
                },
                "warning_text": None,
            }


def _words(name: str) -> str:
    words = name.replace("_", " ")
    return words[:1].upper() + words[1:]
