"""A picture of the scan: five small charts, one per measure, with the chosen number marked."""

from collections.abc import Sequence
from html import escape

from nexasat.clusters import Choice

WIDTH, HEIGHT = 320, 210  # of a chart
LEFT, RIGHT, TOP, BOTTOM = 62, 16, 46, 44  # its margins
HEAD = 64  # above all of them
COLUMNS = 3
CHARTS = (
    ("inertia", "Inertia", "look for the elbow"),
    ("silhouette", "Silhouette", "high is good"),
    ("calinski_harabasz", "Calinski-Harabasz", "high is good"),
    ("davies_bouldin", "Davies-Bouldin", "low is good"),
    ("gap", "Gap statistic", "the first that the next one does not beat"),
)
STYLE = (
    "text{font:12px sans-serif;fill:#333}.title{font-size:18px;font-weight:600}"
    ".name{font-size:14px;font-weight:600}.quiet{fill:#777}.axis{stroke:#999}"
    ".line{fill:none;stroke:#3b6fb6;stroke-width:2}.dot{fill:#3b6fb6}"
    ".chosen{fill:#c8501e}.mark{stroke:#c8501e;stroke-dasharray:4 3}"
)


def draw(choice: Choice, title: str) -> str:
    """The scan as SVG text; a scan of two numbers or more."""
    rows = -(-len(CHARTS) // COLUMNS)
    width, height = WIDTH * COLUMNS, HEAD + HEIGHT * rows
    votes = dict(zip((row.cluster_count for row in choice.scanned), choice.votes, strict=True))
    told = f"{choice.cluster_count} clusters chosen: {votes[choice.cluster_count]} of 5 votes"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}"><style>{STYLE}</style>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        _text(16, 28, title, "title"),
        _text(16, 50, told, "chosen"),
    ]
    for place, (measure, name, advice) in enumerate(CHARTS):
        down, across = divmod(place, COLUMNS)
        parts.append(f'<g transform="translate({across * WIDTH},{HEAD + down * HEIGHT})">')
        parts += [_text(16, 18, name, "name"), _text(16, 34, advice, "quiet")]
        values = [float(getattr(row, measure)) for row in choice.scanned]
        parts += [*_chart(list(votes), values, choice.cluster_count), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _chart(counts: Sequence[int], values: Sequence[float], chosen: int) -> list[str]:
    low, high = min(values), max(values)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    across = (right - LEFT - 12) / (counts[-1] - counts[0])
    xs = [LEFT + 6 + (count - counts[0]) * across for count in counts]
    ys = [bottom - 8 - (value - low) / (high - low or 1) * (bottom - TOP - 16) for value in values]
    points = list(zip(counts, xs, ys, strict=True))
    mark = xs[list(counts).index(chosen)]
    return [
        f'<path class="axis" fill="none" d="M{LEFT} {TOP}V{bottom}H{right}"/>',
        f'<path class="mark" d="M{mark:.1f} {TOP}V{bottom}"/>',
        *(_text(x, bottom + 16, str(count), "quiet", "middle") for count, x, _ in points),
        _text((LEFT + right) / 2, bottom + 34, "number of clusters", "quiet", "middle"),
        *(
            _text(LEFT - 6, y + 4, f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}", "", "end")
            for value, y in {low: max(ys), high: min(ys)}.items()
        ),
        f'<polyline class="line" points="{" ".join(f"{x:.1f},{y:.1f}" for _, x, y in points)}"/>',
        *(
            f'<circle class="{"chosen" if count == chosen else "dot"}" cx="{x:.1f}" cy="{y:.1f}"'
            f' r="{5 if count == chosen else 3}"/>'
            for count, x, y in points
        ),
    ]


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}">{escape(text)}</text>'
    )
