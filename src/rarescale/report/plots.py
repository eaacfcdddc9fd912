"""Small plots as SVG text, to be set into a page: no library, no script, readable in dark, light and on paper.

Colours and fonts come from the page through the classes `axis`, `grid`, `mark`, `band` and `ideal`; text takes the
colour of the page. Each plot has a title and a description for those who cannot see it. Shares are 0..1.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

WIDTH, LEFT, RIGHT, TOP, BOTTOM = 640, 46, 14, 10, 40


class Bar(NamedTuple):
    """A labelled share with its interval; `share` None is shown as "n/a"."""

    label: str
    share: float | None
    low: float | None = None
    high: float | None = None
    note: str = ""


def columns(labels: Sequence[str], counts: Sequence[int], title: str) -> str:
    """Upright columns of counts, each with its number on top, the words of a label one below the other.

    Raises ValueError for lists that differ in length.
    """
    if len(labels) != len(counts):
        raise ValueError(f"{len(labels)} labels for {len(counts)} counts; expected as many")
    height, most = 240, max([1, *counts])
    step = (WIDTH - LEFT - RIGHT) / max(1, len(counts))
    parts = [_line(LEFT, height - BOTTOM, WIDTH - RIGHT, height - BOTTOM, "axis")]
    for k, (label, count) in enumerate(zip(labels, counts, strict=True)):
        tall = (height - BOTTOM - TOP - 14) * count / most
        x, y = LEFT + k * step, height - BOTTOM - tall
        parts.append(_rectangle(x + step * 0.12, y, step * 0.76, tall, "mark"))
        parts.append(_text(x + step / 2, y - 4, f"{count:,}", "middle"))
        for row, word in enumerate(label.split(" ")):
            parts.append(_text(x + step / 2, height - BOTTOM + 16 + 14 * row, word, "middle"))
    told = ", ".join(f"{label}: {count}" for label, count in zip(labels, counts, strict=True))
    return _svg(height, title, told, parts)


def bars(rows: Sequence[Bar], title: str) -> str:
    """Lying bars of shares with their intervals, one below the other."""
    row, left = 24, 240
    height = TOP + row * max(1, len(rows)) + 24
    wide = WIDTH - left - 70
    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        x = left + wide * tick
        parts.append(_line(x, TOP, x, height - 24, "grid"))
        parts.append(_text(x, height - 8, f"{tick:.0%}", "middle"))
    for k, bar in enumerate(rows):
        y = TOP + k * row
        parts.append(_text(left - 8, y + 15, _cut(bar.label), "end"))
        if bar.share is not None:
            parts.append(_rectangle(left, y + 5, wide * bar.share, row - 10, "mark"))
        if bar.low is not None and bar.high is not None:
            parts.append(_line(left + wide * bar.low, y + row / 2, left + wide * bar.high, y + row / 2, "band"))
        parts.append(_text(WIDTH - 62, y + 15, percent(bar.share), "start"))
    told = "; ".join(f"{b.label}: {percent(b.share)}{f' ({b.note})' if b.note else ''}" for b in rows)
    return _svg(height, title, told, parts)


def curve(points: Sequence[tuple[float, float]], title: str, across: str, up: str) -> str:
    """A stepless line through `points` (x from 1 on, share), for example hits by length of the list."""
    height = 260
    last = max([2.0, *(x for x, _ in points)])
    place = [(_across(x, 1.0, last), _up(share, height)) for x, share in points]
    parts = _frame(height, across, up)
    parts += [_text(_across(x, 1.0, last), height - BOTTOM + 16, f"{x:.0f}", "middle") for x, _ in points]
    if place:
        parts.append(f'<polyline class="path" points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in place)}"/>')
    parts += [f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in place]
    return _svg(height, title, "; ".join(f"{x:.0f}: {percent(share)}" for x, share in points), parts)


def calibration(bins: Sequence[tuple[float | None, float | None, int]], title: str) -> str:
    """Stated against true share of each bin (stated, true, n); circles grow with n, the diagonal is perfect."""
    height = 340
    parts = _frame(height, "stated probability", "share that came true")
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_text(_across(tick, 0.0, 1.0), height - BOTTOM + 16, f"{tick:.0%}", "middle"))
    parts.append(_line(_across(0, 0, 1), _up(0, height), _across(1, 0, 1), _up(1, height), "ideal"))
    shown = [(s, t, n) for s, t, n in bins if s is not None and t is not None]
    most = max([1, *(n for _, _, n in shown)])
    for stated, true, n in shown:
        radius = 3 + 11 * (n / most) ** 0.5
        parts.append(
            f'<circle class="dot" cx="{_across(stated, 0, 1):.1f}" cy="{_up(true, height):.1f}" r="{radius:.1f}"/>'
        )
    told = "; ".join(f"stated {percent(s)}, true {percent(t)}, {n} cases" for s, t, n in shown)
    return _svg(height, title, told, parts)


def percent(share: float | None) -> str:
    """A share for people; "n/a" where there is none."""
    return "n/a" if share is None else f"{100 * share:.1f} %"


def _frame(height: int, across: str, up: str) -> list[str]:
    parts = []
    for tick in (0.0, 0.25, 0.5, 0.75, 1.0):
        parts.append(_line(LEFT, _up(tick, height), WIDTH - RIGHT, _up(tick, height), "grid"))
        parts.append(_text(LEFT - 6, _up(tick, height) + 4, f"{tick:.0%}", "end"))
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, height - 6, across, "middle"))
    parts.append(_text(LEFT + 4, TOP + 12, up, "start"))
    return parts


def _across(value: float, low: float, high: float) -> float:
    return LEFT + 10 + (WIDTH - LEFT - RIGHT - 20) * (value - low) / (high - low)


def _up(share: float, height: int) -> float:
    return height - BOTTOM - (height - BOTTOM - TOP) * share


def _svg(height: int, title: str, told: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" xmlns="http://www.w3.org/2000/svg">'
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>{''.join(parts)}</svg>"
    )


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _rectangle(x: float, y: float, width: float, height: float, kind: str) -> str:
    return (
        f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{max(0.0, width):.1f}" height="{max(0.0, height):.1f}"/>'
    )


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _cut(text: str, length: int = 34) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
