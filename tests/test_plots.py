"""Curves as SVG."""

from __future__ import annotations

import re
from importlib.resources import files
from xml.etree import ElementTree

import pytest

from nerharness.plots import Estimate, Panel, Point, Series, estimates_svg, round_ticks, svg

SPACE = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.0, 1.0, [0, 0.25, 0.5, 0.75, 1]),
        (0.43, 0.61, [0.4, 0.45, 0.5, 0.55, 0.6, 0.65]),
        (0.0, 0.0, [0, 0.25]),
        (0.5, 0.5, [0.4, 0.6]),
        (3.0, 1176.0, [0, 500, 1000, 1500]),
    ],
)
def test_ticks_are_round_and_reach_around_the_values(
    low: float, high: float, ticks: list[float]
) -> None:
    assert round_ticks(low, high) == ticks


def test_ticks_inside_are_within() -> None:
    assert round_ticks(3, 36, inside=True) == [10, 20, 30]
    assert round_ticks(7, 7, inside=True) == [7]


def test_a_picture_is_well_formed_and_higher_values_stand_higher() -> None:
    points = [Point(50, 0.2, (0.1, 0.3)), Point(200, 0.4, (0.3, 0.5)), Point(1000, 0.6)]
    panel = Panel("F1 <&>", [Series("a & b", points)], "documents", logarithmic=True)
    picture = ElementTree.fromstring(svg([panel, Panel("empty", [Series("x", [])], "")], "curves"))
    assert picture.get("height") == "230"  # the panel without points is left out
    (curve,) = picture.iter(f"{SPACE}polyline")
    placed = [tuple(map(float, one.split(","))) for one in str(curve.get("points")).split()]
    assert [y for _, y in placed] == sorted((y for _, y in placed), reverse=True)
    assert placed[1][0] - placed[0][0] == pytest.approx(  # equal factors are equally wide
        (placed[2][0] - placed[0][0]) * 0.4628, rel=0.01
    )
    assert "F1 <&>" in {text.text for text in picture.iter(f"{SPACE}text")}
    bars = [line for line in picture.iter(f"{SPACE}line") if line.get("stroke-width") == "1.5"]
    assert len(bars) == 6  # two intervals, each with its two ends


def test_one_point_alone_is_drawn() -> None:
    picture = svg([Panel("one", [Series("x", [Point(7, 0.0)])], "steps")], "one")
    assert re.search(r'<circle cx="[\d.]+" cy="[\d.]+"', picture)
    assert "nan" not in picture


def test_estimates_stand_where_they_are_with_their_intervals_around_them() -> None:
    rows = [
        ("sign <&>", [Estimate(0.5, (0.25, 1.0)), None]),
        ("a very long name of a label, indeed", [Estimate(0.0), Estimate(0.75, (0.5, 0.8))]),
    ]
    picture = ElementTree.fromstring(estimates_svg(rows, ["one", "two"], "F1"))
    ticks = {
        str(text.text): float(str(text.get("x")))
        for text in picture.iter(f"{SPACE}text")
        if re.fullmatch(r"[\d.]+", str(text.text))
    }
    wide = ticks["1"] - ticks["0"]
    points = list(picture.iter(f"{SPACE}circle"))
    placed = [(float(str(one.get("cx"))) - ticks["0"]) / wide for one in points]
    assert placed == pytest.approx([0.5, 0, 0.75], abs=0.001)
    bars = [line for line in picture.iter(f"{SPACE}line") if line.get("stroke-width") == "2"]
    ends = [[float(str(bar.get(end))) for end in ("x1", "x2")] for bar in bars[::3]]
    shares = [(x - ticks["0"]) / wide for pair in ends for x in pair]
    assert shares == pytest.approx([0.25, 1, 0.5, 0.8], abs=0.001)
    assert points[1].get("fill") != points[2].get("fill")
    told = [title.text for title in picture.iter(f"{SPACE}title")]
    assert told[1:] == [
        "one: sign <&> 0.500 (0.250–1.000)",
        "one: a very long name of a label, indeed 0.000",
        "two: a very long name of a label, indeed 0.750 (0.500–0.800)",
    ]


def test_all_names_of_runs_are_seen_one_below_the_other() -> None:
    names = [f"20261130-23080{n}-sample-hf-rag-json" for n in range(6)] + ["x" * 200]
    rows = [("sign", [Estimate(0.5)] * len(names))]
    picture = ElementTree.fromstring(estimates_svg(rows, names, "F1"))
    told = {str(one.text): one for one in picture.iter(f"{SPACE}text") if one.get("font-weight")}
    assert list(told) == [*names[:-1], "x" * 79 + "…"]
    points = [float(str(one.get("cy"))) for one in picture.iter(f"{SPACE}circle")]
    assert points == sorted(set(points)), "one below the other, in the order of the names"
    heights = [float(str(one.get("y"))) for one in told.values()]
    assert heights == sorted(set(heights))
    first = min(float(str(one.get("cy"))) for one in picture.iter(f"{SPACE}circle"))
    assert heights[-1] < first
    for one in told.values():
        assert one.get("text-anchor") == "start"
        assert float(str(one.get("x"))) + 7.5 * len(str(one.text)) <= float(
            str(picture.get("width"))
        )
    alone = ElementTree.fromstring(estimates_svg([("sign", [Estimate(0.5)])], ["F1"], "F1"))
    assert not [one for one in alone.iter(f"{SPACE}text") if one.get("font-weight")]


def test_eight_runs_have_colours_of_their_own_which_a_page_knows_on_dark_ground() -> None:
    names = [f"run {number}" for number in range(8)]
    row = [Estimate(0.1 * number) for number in range(8)]
    picture = ElementTree.fromstring(estimates_svg([("micro", row)], names, "F1"))
    fills = [circle.get("fill") for circle in picture.iter(f"{SPACE}circle")]
    assert len(set(fills)) == 8
    style = files("nerharness").joinpath("data/page/report.css").read_text(encoding="utf-8")
    for fill in fills:
        assert f'[fill="{fill}"]' in style
        assert f'[stroke="{fill}"]' in style
