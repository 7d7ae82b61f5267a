# SPDX-License-Identifier: GPL-3.0-or-later
"""A chart as SVG: devices down, time across, memory as height, models as colours.

Pure text from values, the same for the same chart.  Names come from outside: what XML cannot
hold is left out of them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from .amounts import amount
from .chart import Bar, Chart, Lane, thinned
from .explain import duration_words
from .step import ModelId

__all__ = ["draw"]

#: Pixels.  The plot lies between the left and the right margin.
WIDTH, LEFT, RIGHT, TOP = 1280, 176, 28, 74
LANE, STRIP, GAP = 168, 12, 46
#: Bars narrower than this are drawn together; parts narrower than that are not told apart.
THIN, PART = 3.0, 3.0
#: Models that have a colour and a line of the legend of their own: the largest.
COLOURED, COLUMNS = 18, 3

INK, FAINT, RULE, PAPER, LIMIT = "#1f2530", "#6b7280", "#e4e6eb", "#fcfcfa", "#c2342b"
IDLE, OTHER, WORK = "#b9bec8", "#8d94a1", "#f0c75e"
#: Told apart by people who see colours differently, too: after Okabe and Ito (2008), then lighter.
COLOURS = (
    "#3b7dc4", "#e08a2e", "#2a9d78", "#c0638f", "#6aaed6", "#a7802b", "#7a68b8", "#5f9e3f",
    "#d1605e", "#3f8f9b", "#9fc1e6", "#f2bd83", "#8ed0b8", "#e0a5c1", "#c9b4e0", "#b5d49b",
    "#e8a9a7", "#98ccd3",
)  # fmt: skip
GIB = 2**30


def draw(chart: Chart) -> str:
    """The chart as an SVG document."""
    return "\n".join(_Drawing(chart).lines()) + "\n"


class _Drawing:
    """One drawing: where seconds and bytes lie on the paper."""

    def __init__(self, chart: Chart) -> None:
        self._chart = chart
        self._seconds = max(chart.seconds, 1e-9)
        largest = sorted(chart.sizes, key=lambda each: (-each[1], each[0]))[:COLOURED]
        named = {model for model, _ in largest}
        self._legend = [(model, size) for model, size in chart.sizes if model in named]
        self._colours: Mapping[ModelId, str] = {
            model: COLOURS[place] for place, (model, _) in enumerate(self._legend)
        }
        self._bottom = TOP + len(chart.lanes) * (LANE + STRIP + GAP) - GAP + 26

    def lines(self) -> Iterator[str]:
        entries = len(self._legend) + 4
        height = self._bottom + 62 + 22 * math.ceil(entries / COLUMNS)
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" '
            'font-family="Inter, Segoe UI, Helvetica, Arial, sans-serif" font-size="13">'
        )
        yield f"<title>{_text(self._chart.title)}</title>"
        yield from _DEFINITIONS
        yield f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>'
        yield _words(24, 34, self._chart.title, size=19, weight=600)
        yield _words(24, 56, "  ·  ".join(self._chart.facts), fill=FAINT)
        yield from self._times()
        for number, lane in enumerate(self._chart.lanes):
            yield from self._lane(lane, TOP + number * (LANE + STRIP + GAP))
        yield from self._legend_lines()
        yield "</svg>"

    def _x(self, seconds: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * min(1.0, seconds / self._seconds)

    def _times(self) -> Iterator[str]:
        step = _nice_seconds(self._seconds / 8)
        for number in range(int(self._seconds / step + 1e-9) + 1):
            x = self._x(number * step)
            yield _line(x, TOP + 8, x, self._bottom, RULE)
            said = "0" if not number else duration_words(number * step).replace(" 0 s", "")
            said = said.removesuffix(" 0 min")
            yield _words(x, self._bottom + 18, said, anchor="middle", fill=FAINT)

    def _lane(self, lane: Lane, top: float) -> Iterator[str]:
        """One device: its memory, what is in it, its budget, and its steps below."""
        peak = max((_height(bar) for bar in lane.bars), default=0)
        fits = peak >= 0.2 * lane.budget
        scale = (LANE - 26) / max(lane.budget if fits else 2 * peak, peak, 1)
        floor = top + LANE
        yield _words(24, top + 40, _short(lane.device, 19), size=15, weight=600)
        if lane.about:
            yield _words(24, top + 58, _short(lane.about, 24), fill=FAINT, size=11)
        yield _words(24, top + 76, f"{amount(lane.budget)} to use", fill=FAINT, size=11)
        yield _words(24, top + 92, f"{amount(peak)} at most", fill=FAINT, size=11)
        yield from self._heights(scale, floor, peak if not fits else lane.budget)
        least = THIN * self._seconds / (WIDTH - LEFT - RIGHT)
        for bar in thinned(lane.bars, least):
            yield from self._bar(bar, floor, scale)
        yield _line(LEFT, floor, WIDTH - RIGHT, floor, FAINT)
        yield from self._budget(lane, floor, scale, fits)

    def _heights(self, scale: float, floor: float, most: int) -> Iterator[str]:
        step = _nice_bytes(most / 3)
        for number in range(1, int(most / step + 1e-9) + 1):
            y = floor - number * step * scale
            yield _line(LEFT, y, WIDTH - RIGHT, y, RULE)
            said = amount(number * step).replace(".0 ", " ")
            yield _words(LEFT - 8, y + 4, said, anchor="end", fill=FAINT, size=11)

    def _budget(self, lane: Lane, floor: float, scale: float, fits: bool) -> Iterator[str]:
        y = floor - lane.budget * scale if fits else floor - LANE + 26
        more = "" if fits else " (far above)"
        yield (
            f'<line x1="{LEFT}" y1="{_n(y)}" x2="{WIDTH - RIGHT}" y2="{_n(y)}" stroke="{LIMIT}" '
            'stroke-width="1.5" stroke-dasharray="6 4"/>'
        )
        said = f"budget {amount(lane.budget)}{more}"
        yield _words(WIDTH - RIGHT, y - 6, said, anchor="end", fill=LIMIT, size=11)

    def _bar(self, bar: Bar, floor: float, scale: float) -> Iterator[str]:
        left, ready, right = self._x(bar.start), self._x(bar.ready), self._x(bar.end)
        kept = max(self._x(bar.kept), left + 0.5)
        yield "<g>"
        yield f"<title>{_text(_told(bar))}</title>"
        y = floor
        if bar.idle:
            y -= bar.idle * scale
            yield _box(left, y, kept - left, bar.idle * scale, IDLE)
        for model, size in bar.held:
            y -= size * scale
            colour = self._colours.get(model, OTHER)
            begun = ready if model in bar.loads else left
            if begun > left:
                yield _box(left, y, begun - left, size * scale, colour, opacity=0.35)
            yield _box(begun, y, kept - begun, size * scale, colour)
        if bar.work:
            y -= bar.work * scale
            yield _box(ready, y, max(right - ready, 0.5), bar.work * scale, "url(#work)")
        yield from self._strip(bar, ready, right, floor)
        yield "</g>"

    def _strip(self, bar: Bar, left: float, right: float, floor: float) -> Iterator[str]:
        """The steps, side by side as long as they can be told apart."""
        top, whole = floor + 5, sum(bar.parts)
        yield _box(left, top, max(right - left, 0.5), STRIP, "#d6dae2")
        if whole and (right - left) / len(bar.parts) >= PART:
            x = left
            for seconds in bar.parts[:-1]:
                x += seconds / whole * (right - left)
                yield _line(x, top, x, top + STRIP, PAPER)
        first, last = bar.stages
        number = str(first) if first == last else f"{first}–{last}"
        says = (f"{number}  {bar.service}: {bar.what}", f"{number}  {bar.what}", number)
        room = self._x(bar.kept) - left
        said = next((each for each in says if room >= 6.4 * len(each)), "")
        if said:
            yield _words(left + 1, top + STRIP + 14, said, size=11)

    def _legend_lines(self) -> Iterator[str]:
        entries = [
            (self._colours[model], f"{model}  {amount(size)}") for model, size in self._legend
        ]
        if len(self._legend) < len(self._chart.sizes):
            rest = len(self._chart.sizes) - len(self._legend)
            entries.append((OTHER, f"{rest} smaller models"))
        entries.append(("url(#work)", "memory to work in"))
        if any(bar.idle for lane in self._chart.lanes for bar in lane.bars):
            entries.append((IDLE, "services when idle"))
        if self._legend:
            entries.append(("url(#pale)", "pale: being loaded"))
        rows = math.ceil(len(entries) / COLUMNS)
        for place, (colour, said) in enumerate(entries):
            x = 24 + (place // rows) * ((WIDTH - 48) / COLUMNS)
            y = self._bottom + 44 + (place % rows) * 22
            yield _box(x, y, 16, 14, colour)
            yield _words(x + 24, y + 12, _short(said, 52))


_DEFINITIONS = (
    '<defs><pattern id="work" width="6" height="6" patternUnits="userSpaceOnUse" '
    f'patternTransform="rotate(45)"><rect width="6" height="6" fill="{WORK}" fill-opacity="0.35"/>'
    f'<rect width="2.4" height="6" fill="{WORK}"/></pattern>',
    '<linearGradient id="pale"><stop offset="0.5" stop-color="#3b7dc4" stop-opacity="0.35"/>'
    '<stop offset="0.5" stop-color="#3b7dc4"/></linearGradient></defs>',
)


def _height(bar: Bar) -> int:
    return bar.idle + bar.work + sum(size for _, size in bar.held)


def _told(bar: Bar) -> str:
    """What is shown over a bar: everything about it."""
    first, last = bar.stages
    lines = [
        f"Stage {first}" if first == last else f"Stages {first} to {last}",
        f"{bar.service}: {bar.what}",
        f"{duration_words(bar.start)} to {duration_words(bar.end)}",
        *(f"{model}: {amount(size)}" for model, size in bar.held),
        f"to work in: {amount(bar.work)}",
    ]
    return "\n".join(lines)


def _nice_seconds(least: float) -> float:
    for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200):
        if step >= least:
            return float(step)
    return 86400.0 * math.ceil(least / 86400)


def _nice_bytes(least: float) -> int:
    return int(2 ** max(10, math.ceil(math.log2(max(least, 1)))))


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _text(text: str) -> str:
    """Text that XML can hold."""
    return escape("".join(c for c in text if c in "\n\t" or _allowed(ord(c))))


def _allowed(code: int) -> bool:
    return 0x20 <= code < 0xD800 or 0xE000 <= code < 0xFFFE or 0x10000 <= code < 0x110000


def _n(value: float) -> str:
    """A coordinate: two decimals are more than anybody sees."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _box(
    x: float, y: float, width: float, height: float, fill: str, *, opacity: float = 1.0
) -> str:
    pale = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
    return (
        f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 0))}" height="{_n(max(height, 0))}" '
        f"fill={quoteattr(fill)}{pale}/>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, stroke: str) -> str:
    return f'<line x1="{_n(x1)}" y1="{_n(y1)}" x2="{_n(x2)}" y2="{_n(y2)}" stroke="{stroke}"/>'


def _words(
    x: float, y: float, text: str, *, size: int = 13, weight: int = 400, fill: str = INK,
    anchor: str = "start",
) -> str:  # fmt: skip
    return (
        f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size}" font-weight="{weight}" fill="{fill}" '
        f'text-anchor="{anchor}">{_text(text)}</text>'
    )
