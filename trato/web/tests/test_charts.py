"""Where the marks of charts stand: worked out by hand."""

import pytest
from django.template import engines
from django.utils import translation

from trato.web.charts import Bar, Mark, Series, bars, plot, ticks, waterfall


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 87, [0, 20, 40, 60, 80, 100]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (-30, 60, [-40, -20, 0, 20, 40, 60]),
        (0, 4_200_000, [0, 1_000_000, 2_000_000, 3_000_000, 4_000_000, 5_000_000]),
        (0, 0, [0]),
    ],
)
def test_the_grid_stands_on_round_values_and_holds_all(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == expected


def test_columns_stand_on_each_other() -> None:
    steps = ["Jan", "Feb"]
    won = Series("Won", [Mark(20, "20 €", "/won"), Mark(0, "0 €")], "good")
    commit = Series("Commit", [Mark(20, "20 €"), Mark(80, "80 €")], "two")
    chart = plot("Forecast", steps, [won, commit], "{:.0f} €".format)
    # The grid goes to 100, 200 pixels high: 20 is 40 pixels. Each step is 50 % wide, and a column 68 % of an eighth.
    assert chart.grid == [(200, "0 €"), (160, "20 €"), (120, "40 €"), (80, "60 €"), (40, "80 €"), (0, "100 €")]
    assert [(one.y, one.height, one.width) for one in chart.columns] == [(160, 40, 8.5), (120, 40, 8.5), (40, 160, 8.5)]
    assert [one.x for one in chart.columns] == [20.75, 20.75, 70.75]
    assert chart.columns[0].url == "/won" and chart.columns[0].said == "Jan, Won: 20 €"
    assert chart.table == [("Jan", [("20 €", "/won"), ("20 €", "")]), ("Feb", [("0 €", ""), ("80 €", "")])]
    assert chart.legend == [("good", "Won"), ("two", "Commit")]


def test_a_line_leaves_gaps_and_shows_what_it_lies_between() -> None:
    marks = [Mark(50, "50"), Mark(None), Mark(100, "100", low=80, high=100), Mark(60, "60", low=20, high=100)]
    chart = plot("Outlook", ["1", "2", "3", "4"], [Series("Expected", marks, line=True)], str)
    assert chart.grid[-1] == (0, "150.0") and chart.baseline == 200, "the highest mark has air above it"
    one = round(200 / 150, 6)
    assert chart.lines[0].points == f"M12.5 {round(200 - 50 * one, 2)} M62.5 {round(200 - 100 * one, 2)} L87.5 120.0"
    assert chart.bands[0].points.startswith("M62.5 66.67 L87.5 66.67 L87.5 173.33 L62.5 93.33")
    assert len(chart.dots) == 3


def test_time_runs_the_way_the_language_does() -> None:
    with translation.override("ar"):
        chart = plot("Forecast", ["Jan", "Feb"], [Series("Won", [Mark(1, "1"), Mark(2, "2")])], str)
        row = bars("Stages", [Bar("New", 10, "10"), Bar("Old", 5, "5")]).rows[1][1]
    assert [x for x, _step, _kept in chart.steps] == [75, 25]
    assert [shape.x for shape in chart.columns] == [70.75, 20.75]
    assert (row.x, row.width) == (50, 50), "a bar begins at the right"


def test_a_phone_has_room_for_a_dozen_words() -> None:
    names = [str(step) for step in range(30)]
    chart = plot("Long", names, [Series("Won", [Mark(1.0)] * 30)], str)
    assert [name for _x, name, kept in chart.steps if kept] == ["0", "3", "6", "9", "12", "15", "18", "21", "24", "27"]
    assert all(kept for _x, _name, kept in plot("Year", names[:12], [], str).steps)


def test_a_waterfall_goes_on_where_it_was() -> None:
    moves = [Bar("New", 30, "+30", tone="good"), Bar("Lost", -50, "-50", tone="bad")]
    chart = waterfall("Movement", Bar("Before", 100, "100"), moves, Bar("Now", 80, "80"))
    # From 0 to 130: New lies from 100 to 130, Lost from 130 down to 80.
    shown = [(shape.x, shape.width) for _bar, shape in chart.rows]
    assert shown == [(0, 76.923), (76.923, 23.077), (61.538, 38.462), (0, 61.538)]


def test_bars_below_zero_lie_on_the_other_side_of_it() -> None:
    chart = bars("Change", [Bar("Up", 30, "30"), Bar("Down", -10, "-10")])
    assert chart.zero == 25 and [(s.x, s.width) for _bar, s in chart.rows] == [(25, 75), (0, 25)]


def test_what_is_drawn_is_escaped_and_has_a_table() -> None:
    series = [Series("<Won>", [Mark(1, "1 €", "/w/a?x=1&y=2")], line=True), Series("B", [Mark(None)])]
    charts = {"chart": plot("A & B", ["<Jan>"], series, str), "rows": bars("Empty", [Bar("Nothing", 0, "0")])}
    page = '{% from "macros/charts.html" import plot, bars with context %}{{ plot(chart) }}{{ bars(rows) }}'
    html = engines["jinja2"].env.from_string(page).render(charts)
    assert "<Won>" not in html and "&lt;Won&gt;" in html and "A &amp; B" in html
    assert "<details" in html and 'href="/w/a?x=1&amp;y=2"' in html and "Nothing" in html


def test_a_chart_without_steps_is_drawn_too() -> None:
    assert plot("Nothing", [], [Series("Won", [])], str).columns == []
    assert bars("Nothing", []).rows == []
