"""Reminders over time as a picture: a bar a day, by channel; two sides above each other. Pure; no library draws it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape

_LEFT, _WIDTH, _RIGHT = 70, 760, 20
_TOP, _HEIGHT, _BOTTOM = 44, 170, 40
_COLOURS = {"email": "#0f766e", "sms": "#d97706"}
_OTHER = "#6366f1"
_STYLE = """\
text{font:12px system-ui,sans-serif;fill:#1f2937}.small{font-size:11px;fill:#6b7280}.head{font-weight:600}
.grid{stroke:#e5e7eb}"""

Days = Mapping[tuple[date, str], int]
"""How many messages there are on a day by a channel."""


def picture_of(names: Sequence[str], sides: Sequence[Days]) -> str:
    """An SVG document; all sides have one scale and the same days."""
    days = sorted({day for side in sides for day, _ in side})
    channels = sorted({channel for side in sides for _, channel in side})
    first, last = (days[0], days[-1]) if days else (date(1970, 1, 1), date(1970, 1, 1))
    span = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    most = max([1, *(sum(side.get((day, channel), 0) for channel in channels) for side in sides for day in days)])
    width, height = _LEFT + _WIDTH + _RIGHT, (_TOP + _HEIGHT + _BOTTOM) * len(sides)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
    ]
    for number, (name, side) in enumerate(zip(names, sides, strict=True)):
        parts += _chart(name, side, span, channels, most, (_TOP + _HEIGHT + _BOTTOM) * number)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _chart(name: str, side: Days, span: Sequence[date], channels: Sequence[str], most: int, y: int) -> list[str]:
    bottom, bar = y + _TOP + _HEIGHT, _WIDTH / len(span)
    parts = [
        f'<text class="head" x="{_LEFT}" y="{y + 22}">Reminders a day: {escape(name)}{_legend(side, channels)}</text>',
        *_grid(most, bottom),
        f'<text class="small" x="{_LEFT}" y="{bottom + 16}">{span[0]}</text>',
        f'<text class="small" x="{_LEFT + _WIDTH}" y="{bottom + 16}" text-anchor="end">{span[-1]}</text>',
    ]
    for number, day in enumerate(span):
        top = float(bottom)
        for channel in channels:
            tall = side.get((day, channel), 0) / most * _HEIGHT
            if tall:
                top -= tall
                parts.append(
                    f'<rect x="{_LEFT + number * bar:.1f}" y="{top:.1f}" width="{bar * 0.85:.1f}" '
                    f'height="{tall:.1f}" fill="{_COLOURS.get(channel, _OTHER)}"/>'
                )
    return parts


def _legend(side: Days, channels: Sequence[str]) -> str:
    sums = {channel: sum(n for (_, other), n in side.items() if other == channel) for channel in channels}
    return "".join(
        f'<tspan dx="14" fill="{_COLOURS.get(channel, _OTHER)}">&#9632;</tspan>'
        f'<tspan class="small" dx="4">{escape(channel)} {number:,}</tspan>'
        for channel, number in sums.items()
    )


def _grid(most: int, bottom: int) -> list[str]:
    return [
        f'<line class="grid" x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="small" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{round(most * part):,}</text>'
        for part, y in ((part, bottom - part * _HEIGHT) for part in (0, 0.5, 1))
    ]
