"""The picture of the scan: valid SVG that shows every measure and marks what was chosen."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from nexasat import picture
from nexasat.clusters import Choice, Scanned

SVG = "{http://www.w3.org/2000/svg}"
SCANNED = tuple(
    Scanned(count, 9000.0 / count, 0.1 * count, 100.0 + count, 2.0 - 0.1 * count, 0.5, 0.01)
    for count in (2, 3, 4, 5)
)
CHOICE = Choice(4, SCANNED, (0, 1, 3, 1))


def _draw(choice: Choice) -> ElementTree.Element:
    return ElementTree.fromstring(picture.draw(choice, "Mine & <yours>"))  # noqa: S314


def test_every_measure_has_its_chart_with_the_chosen_number_marked() -> None:
    drawn = _draw(CHOICE)
    texts = [element.text for element in drawn.iter(f"{SVG}text")]
    assert texts[:2] == ["Mine & <yours>", "4 clusters chosen: 3 of 5 votes"]
    names = ["Inertia", "Silhouette", "Calinski-Harabasz", "Davies-Bouldin", "Gap statistic"]
    assert [text for text in texts if text in names] == names
    assert texts.count("number of clusters") == 5
    assert {"2", "3", "4", "5", "4,500", "1,800", "0.2", "0.5", "102", "105"} <= set(texts)
    charts = drawn.findall(f"{SVG}g")
    assert len(charts) == 5
    for chart in charts:
        dots = chart.findall(f"{SVG}circle")
        assert [dot.get("class") for dot in dots] == ["dot", "dot", "chosen", "dot"]
        [line] = chart.findall(f"{SVG}polyline")
        points = [tuple(map(float, point.split(","))) for point in line.get("points", "").split()]
        assert points == [(float(dot.get("cx", 0)), float(dot.get("cy", 0))) for dot in dots]
        mark = next(path for path in chart.findall(f"{SVG}path") if path.get("class") == "mark")
        found = re.match(r"M([\d.]+) ", mark.get("d", ""))
        assert found
        assert float(found[1]) == points[2][0]


def test_high_values_are_drawn_high() -> None:
    [falling, rising] = _draw(CHOICE).findall(f"{SVG}g")[:2]
    heights = [
        [float(dot.get("cy", 0)) for dot in chart.findall(f"{SVG}circle")]
        for chart in (falling, rising)
    ]
    assert heights[0] == sorted(heights[0])
    assert heights[1] == sorted(heights[1], reverse=True)


@pytest.mark.parametrize("count", [2, 9])
def test_two_numbers_and_equal_values(count: int) -> None:
    rows = [replace(SCANNED[0], cluster_count=number) for number in range(2, 2 + count)]
    drawn = _draw(Choice(2, tuple(rows), (1,) * count))
    for chart in drawn.findall(f"{SVG}g"):
        dots = chart.findall(f"{SVG}circle")
        assert len(dots) == count
        assert all(0 <= float(dot.get("cx", -1)) <= picture.WIDTH for dot in dots)
        assert len({dot.get("cy") for dot in dots}) == 1
