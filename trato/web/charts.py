"""Charts that the server draws: columns and lines over time, and bars below each other (funnels and waterfalls too).

A chart is worked out here into places and drawn by ``macros/charts.html`` as SVG whose widths are percentages: it needs
no script, fits a phone without shrinking its words, follows the theme, and every mark is a link to the records behind
it. The same figures stand below it as a table. In right-to-left languages time runs from right to left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10

from django.utils.translation import get_language_bidi

#: How high a plot is, in pixels, and how much of it is kept free above the highest mark.
HEIGHT, AIR = 200.0, 1.02
#: How much of its step a column takes; no step is wider than one of so many.
FILL, FEWEST = 0.68, 8
#: Words that stand beside each other below a plot on a phone.
ROOM = 12
#: Lines across a plot, about.
LINES = 5


@dataclass(frozen=True)
class Mark:
    """One value, as it is said, and where its records are ("" for nowhere); None is a gap. Of a line, ``low`` and
    ``high`` are what it lies between.
    """

    value: float | None
    text: str = ""
    url: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """Marks of one sort, one a step. ``tone`` is a colour of charts.css; ``line`` for a line, else columns."""

    label: str
    marks: Sequence[Mark]
    tone: str = "one"
    line: bool = False


@dataclass(frozen=True)
class Bar:
    """One bar of a list of bars, from ``start`` on; ``note`` is said beside its value."""

    label: str
    value: float
    text: str
    url: str = ""
    tone: str = "one"
    note: str = ""
    start: float = 0.0


@dataclass(frozen=True)
class Shape:
    """A rectangle (x and width in % of the chart's width) or, with ``points``, a line or an area."""

    tone: str
    said: str = ""
    url: str = ""
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    points: str = ""


@dataclass(frozen=True)
class Plot:
    """What the macro ``plot`` draws, and its table."""

    title: str
    steps: Sequence[tuple[float, str, bool]]  # where each is written, and whether a phone has room for it
    grid: Sequence[tuple[float, str]]
    columns: Sequence[Shape]
    bands: Sequence[Shape]
    lines: Sequence[Shape]
    dots: Sequence[Shape]
    legend: Sequence[tuple[str, str]]  # tone, label
    head: Sequence[str]
    table: Sequence[tuple[str, Sequence[tuple[str, str]]]]  # label, (text, address) of each series
    baseline: float = HEIGHT
    height: float = HEIGHT


@dataclass(frozen=True)
class Bars:
    """What the macro ``bars`` draws: each bar with its place; the table says the same."""

    title: str
    rows: Sequence[tuple[Bar, Shape]]
    zero: float


def ticks(low: float, high: float) -> list[float]:
    """Round values from ``low`` to ``high`` or beyond, in steps of 1, 2 or 5 times a power of ten: 0 is always one.

    >>> ticks(0, 87)
    [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]
    """
    span = (high - low) or 1.0
    rough = span / LINES
    power = 10.0 ** floor(log10(rough))
    step = next(power * by for by in (1, 2, 5, 10) if power * by >= rough * 0.999)
    first, last = floor(low / step), -floor(-high / step)
    return [round(step * count, 10) for count in range(first, last + 1)]


def _x(at: float, width: float = 0.0) -> float:
    """Where something begins across the chart, in %, from the side that the language begins at."""
    return round(100 - at - width if get_language_bidi() else at, 3)


def plot(title: str, steps: Sequence[str], series: Sequence[Series], say: Callable[[float], str]) -> Plot:
    """Columns (several series stand on each other) and lines over the same steps; ``say`` words a value of the grid,
    with its unit.
    """
    stacks = [one for one in series if not one.line]
    lines = [one for one in series if one.line]
    low, high = _bounds(stacks, lines, len(steps))
    grid = ticks(low, high * AIR)
    low, high = grid[0], grid[-1] or 1.0

    def y(value: float) -> float:
        return round(HEIGHT * (high - value) / (high - low), 2)

    slot = 100 / max(len(steps), 1)
    middles = [slot * (place + 0.5) for place in range(len(steps))]
    width = min(slot, 100 / FEWEST) * FILL
    return Plot(
        title=title,
        steps=[(_x(middles[place]), step, place % -(-len(steps) // ROOM) == 0) for place, step in enumerate(steps)],
        grid=[(y(value), say(value)) for value in grid],
        columns=[
            shape
            for place, middle in enumerate(middles)
            for shape in _stack(stacks, place, steps[place], (_x(middle - width / 2, width), round(width, 3)), y)
        ],
        bands=[shape for one in lines if (shape := _band(one, middles, y))],
        lines=[Shape(one.tone, points=_path(one.marks, middles, y)) for one in lines],
        dots=[
            Shape(one.tone, _said(steps[place], one, mark), mark.url, x=_x(middles[place]), y=y(mark.value))
            for one in lines
            for place, mark in enumerate(one.marks)
            if mark.value is not None
        ],
        legend=[(one.tone, one.label) for one in series] if len(series) > 1 else [],
        head=["", *(one.label for one in series)],
        table=[
            (step, [(one.marks[place].text, one.marks[place].url) for one in series])
            for place, step in enumerate(steps)
        ],
        baseline=y(0.0),
    )


def _said(step: str, one: Series, mark: Mark) -> str:
    return f"{step}, {one.label}: {mark.text}"


def _bounds(stacks: Sequence[Series], lines: Sequence[Series], count: int) -> tuple[float, float]:
    """The least and the greatest that is drawn; 0 is between them, or one of them."""
    found = [0.0]
    for place in range(count):
        values = [one.marks[place].value or 0.0 for one in stacks]
        found += [sum(value for value in values if value > 0), sum(value for value in values if value < 0)]
    for one in lines:
        for mark in one.marks:
            found += [value for value in (mark.value, mark.low, mark.high) if value is not None]
    return min(found), max(found)


def _stack(
    stacks: Sequence[Series], place: int, step: str, across: tuple[float, float], y: Callable[[float], float]
) -> list[Shape]:
    """The columns of one step: what is above zero on each other, what is below it below each other."""
    up, down, found = 0.0, 0.0, []
    for one in stacks:
        mark = one.marks[place]
        if not mark.value:
            continue
        start = up if mark.value > 0 else down
        end = start + mark.value
        up, down = (end, down) if mark.value > 0 else (up, end)
        top, bottom = y(max(start, end)), y(min(start, end))
        found.append(
            Shape(one.tone, _said(step, one, mark), mark.url, across[0], top, across[1], round(bottom - top, 2))
        )
    return found


def _path(marks: Sequence[Mark], middles: Sequence[float], y: Callable[[float], float]) -> str:
    """The line over the marks as an SVG path; a gap ends one piece and begins another."""
    words, pen = [], "M"
    for mark, middle in zip(marks, middles, strict=True):
        if mark.value is None:
            pen = "M"
            continue
        words.append(f"{pen}{_x(middle)} {y(mark.value)}")
        pen = "L"
    return " ".join(words)


def _band(one: Series, middles: Sequence[float], y: Callable[[float], float]) -> Shape | None:
    """What a line lies between, as an area; None where nothing says it."""
    known = [(middle, mark) for middle, mark in zip(middles, one.marks, strict=True) if mark.low is not None]
    if len(known) < 2:
        return None
    above = [f"{_x(middle)} {y(mark.high)}" for middle, mark in known]
    below = [f"{_x(middle)} {y(mark.low)}" for middle, mark in reversed(known)]
    return Shape(one.tone, points=f"M{' L'.join(above + below)} Z")


def bars(title: str, rows: Sequence[Bar]) -> Bars:
    """Bars below each other to one scale, longest to 100 %; negative ones to the other side of zero."""
    ends = [end for bar in rows for end in (bar.start, bar.start + bar.value)]
    low, high = min([0.0, *ends]), max([0.0, *ends])
    span = (high - low) or 1.0

    def shape(bar: Bar) -> Shape:
        left = (min(bar.start, bar.start + bar.value) - low) / span * 100
        width = abs(bar.value) / span * 100
        said = f"{bar.label}: {bar.text}"
        return Shape(bar.tone, said, bar.url, x=_x(left, width), width=round(width, 3))

    return Bars(title, [(bar, shape(bar)) for bar in rows], _x(-low / span * 100))


def waterfall(title: str, first: Bar, moves: Sequence[Bar], last: Bar) -> Bars:
    """What led from one amount to another: each move begins where the one before it ended."""
    at, found = first.value, [first]
    for move in moves:
        found.append(Bar(move.label, move.value, move.text, move.url, move.tone, move.note, at))
        at += move.value
    return bars(title, [*found, last])
