"""Charts and dashboard of the bundle for Superset."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

from nexasat.errors import NexasatError

Document = dict[str, Any]
NAMES = UUID("7c1f4f0e-3a1b-5d8e-9d52-0c6a8e2a4b11")
VERSION = "1.0.0"  # of the format
GRID = 12  # columns of a dashboard of Superset
HEIGHTS = {"number": 20, "bar": 50}


def identity(*names: str) -> str:
    """The uuid of an object, the same each time, so that an import finds what it made before."""
    return str(uuid5(NAMES, "/".join(names)))


def chart_of(wanted: Mapping[str, Any], found: Mapping[str, Document]) -> Document:
    """One metric: as a number, or as bars by a column.

    Args:
        wanted: `metric` and perhaps `by`, as in `bi/superset/dashboard.yml`.
        found: the documents so far, datasets among them.

    Raises:
        NexasatError: no dataset has both.
    """
    name, by = wanted["metric"], wanted.get("by")
    for dataset in found.values():
        metrics = {metric["metric_name"]: metric for metric in dataset.get("metrics", ())}
        columns = {column["column_name"]: column for column in dataset.get("columns", ())}
        if name in metrics and (by is None or by in columns):
            break
    else:
        raise NexasatError(
            f"dashboard.yml shows {name}{f' by {by}' if by else ''}, which no mart has",
            hint="metrics: nexasat mf list metrics; the column must be of the mart of the metric",
        )
    shown = metrics[name]
    title = shown["verbose_name"]
    if by is None:
        kind = "big_number_total"
        form = {"metric": name, "adhoc_filters": [], "y_axis_format": shown["d3format"]}
    else:
        kind = "echarts_timeseries_bar"
        title = f"{title} by {columns[by]['verbose_name'].lower()}"
        form = {
            "x_axis": by,
            "metrics": [name],
            "groupby": [],
            "orientation": "horizontal",
            "x_axis_sort": name,
            "x_axis_sort_asc": True,
            "row_limit": 100,
            "show_value": True,
            "show_legend": False,
            "y_axis_format": shown["d3format"].replace(".2f", ".0f"),
            "truncateYAxis": False,
            "adhoc_filters": [  # churned customers have no tier: not a bar
                {
                    "expressionType": "SIMPLE",
                    "clause": "WHERE",
                    "subject": by,
                    "operator": "IS NOT NULL",
                    "operatorId": "IS_NOT_NULL",
                }
            ],
        }
    return {
        "slice_name": title,
        "description": shown["description"],
        "certified_by": shown["extra"]["certification"]["certified_by"],
        "certification_details": shown["extra"]["certification"]["details"],
        "viz_type": kind,
        "params": {"viz_type": kind, "time_range": "No filter", **form},
        "query_context": None,
        "uuid": identity("chart", title),
        "version": VERSION,
        "dataset_uuid": dataset["uuid"],
    }


def dashboard_of(dashboard: Mapping[str, Any], charts: list[list[Document]]) -> Document:
    """The dashboard with its charts in rows, equally wide in each."""
    rows = [f"ROW-{number}" for number in range(len(charts))]
    place: Document = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard["title"]}},
    }
    for row, shown in zip(rows, charts, strict=True):
        above = ["ROOT_ID", "GRID_ID"]
        children = [f"CHART-{chart['uuid']}" for chart in shown]
        meta: Document = {"background": "BACKGROUND_TRANSPARENT"}
        place[row] = {"type": "ROW", "id": row, "children": children, "parents": above}
        place[row]["meta"] = meta
        for child, chart in zip(children, shown, strict=True):
            kind = "number" if chart["viz_type"] == "big_number_total" else "bar"
            size = {"width": GRID // len(shown), "height": HEIGHTS[kind], "chartId": 0}
            told = {"uuid": chart["uuid"], "sliceName": chart["slice_name"]}
            place[child] = {"type": "CHART", "id": child, "children": []}
            place[child] |= {"parents": [*above, row], "meta": size | told}
    return {
        "dashboard_title": dashboard["title"],
        "description": dashboard["description"],
        "css": "",
        "slug": dashboard["slug"],
        "published": True,
        "uuid": identity("dashboard"),
        "position": place,
        "metadata": {"color_scheme": "supersetColors", "cross_filters_enabled": True},
        "version": VERSION,
    }
