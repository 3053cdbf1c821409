"""The ratios as a picture: a bar a row, a line from the least to the most of its rounds. Pure; no library draws it."""

from collections.abc import Mapping, Sequence
from html import escape
from statistics import median

from deploy.bench.rows import Row

_LEFT, _WIDTH, _RIGHT = 250, 420, 250
_HEIGHT, _TOP, _BOTTOM = 26, 44, 40
_STYLE = """\
text{font:12px system-ui,sans-serif;fill:#1f2937}.small{font-size:11px;fill:#6b7280}.head{font-weight:600}
.ours{fill:#0f766e}.span{stroke:#111827;stroke-width:1.5}.grid{stroke:#e5e7eb}.one{stroke:#9ca3af;stroke-dasharray:4 3}
.earlier{stroke:#d97706;stroke-width:3}"""


def picture_of(rows: Sequence[Row], earlier: Mapping[str, float]) -> str:
    """An SVG document. An earlier run's ratios stand as strokes across the bars."""
    most = max(1.0, *(max(row.ratios) for row in rows), *(earlier.get(row.name, 0) for row in rows))
    across = _WIDTH / most
    height, width = _TOP + _HEIGHT * len(rows) + _BOTTOM, _LEFT + _WIDTH + _RIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        '<text class="head" x="12" y="22">Ours over the bare work underneath: 1.0 is as fast</text>',
        *_grid(most, across, height - _BOTTOM),
    ]
    for number, row in enumerate(rows):
        parts += _bar(row, _TOP + _HEIGHT * number, across, earlier.get(row.name))
    note = "bar: median of the rounds; line: least to most" + ("; stroke: an earlier run" if earlier else "")
    parts += [f'<text class="small" x="12" y="{height - 10}">{note}</text>', "</svg>"]
    return "\n".join(parts) + "\n"


def _grid(most: float, across: float, bottom: float) -> list[str]:
    step = next(size for size in (0.1, 0.2, 0.5, 1, 2, 5, 10, 1e9) if most / size <= 10)
    marks = [number * step for number in range(int(most / step) + 1)]
    return [
        f'<line class="{"one" if mark == 1 else "grid"}" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 8}" y2="{bottom}"/>'
        f'<text class="small" x="{x:.1f}" y="{bottom + 14}" text-anchor="middle">{mark:g}</text>'
        for mark, x in ((round(mark, 1), _LEFT + mark * across) for mark in marks)
    ]


def _bar(row: Row, y: float, across: float, earlier: float | None) -> list[str]:
    ratio, middle = median(row.ratios), y + _HEIGHT / 2
    places = (min(row.ratios), max(row.ratios), earlier or 0)
    least, most, stroke = (_LEFT + value * across for value in places)
    rates = [f"{side.middle(lambda turn: turn.rate):,.0f}" for side in (row.ours, row.reference)]
    told = f'<tspan class="small" dx="8">{rates[0]} of {rates[1]} a second</tspan>'
    parts = [
        f'<text x="12" y="{middle + 4}">{escape(row.name)}</text>',
        f'<rect class="ours" x="{_LEFT}" y="{y + 5}" width="{ratio * across:.1f}" height="{_HEIGHT - 10}" rx="2"/>',
        f'<line class="span" x1="{least:.1f}" x2="{most:.1f}" y1="{middle}" y2="{middle}"/>',
        f'<text x="{max(most, stroke) + 8:.1f}" y="{middle + 4}">{ratio:.3f}{told}</text>',
    ]
    if earlier is not None:
        parts.append(f'<line class="earlier" x1="{stroke:.1f}" x2="{stroke:.1f}" y1="{y + 2}" y2="{y + _HEIGHT - 2}"/>')
    return parts
