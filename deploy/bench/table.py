"""The rows as tables that fit eighty columns: first rates, latencies and WAL, then the CPU time of each process."""

from collections.abc import Mapping, Sequence
from statistics import median

from rich.table import Table

from deploy.bench.rows import Row, Side

REFERENCE = "reference"
NOTE = """\
Each round measures ours, then the reference; a ratio of 1 is as fast. Rates
and latencies are medians of the rounds. p50 and p99 are of a call; of relay,
timers and fan-out, of a batch; of messages, of SMTP alone. WAL is in bytes a
call. What each row does: deploy/bench/README.md"""


def rates(rows: Sequence[Row], earlier: Mapping[str, float], reference: str = REFERENCE) -> Table:
    """Two lines a row, the second of what ours is held against.

    With an earlier run's ratios these stand where else the least and the most of the rounds do.
    """
    table = Table(box=None, pad_edge=False, collapse_padding=True)
    table.add_column("")  # which gives way where there is too little room
    for heading in (
        "rate/s",
        "ratio",
        *(["was", "change"] if earlier else ["min to max"]),
        "p50 ms",
        "p99 ms",
        "WAL",
    ):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        beside = _change(row, earlier) if earlier else [f"{min(row.ratios):.3f}-{max(row.ratios):.3f}"]
        table.add_row(row.name, _rate(row.ours), f"{median(row.ratios):.3f}", *beside, *_rest(row.ours))
        table.add_row(f"  {reference}", _rate(row.reference), "", *("" for _ in beside), *_rest(row.reference))
    return table


def cpu(rows: Sequence[Row], reference: str = REFERENCE) -> Table:
    """One line a row, two where the terminal is narrow."""
    table = Table("CPU, us a call", "ours", reference, box=None, pad_edge=False)
    for row in rows:
        table.add_row(row.name, *(_spent(side) for side in (row.ours, row.reference)))
    return table


def _change(row: Row, earlier: Mapping[str, float]) -> list[str]:
    before = earlier.get(row.name)
    return [f"{before:.3f}", f"{median(row.ratios) / before - 1:+.0%}"] if before else ["-", ""]


def _rate(side: Side) -> str:
    return f"{side.middle(lambda turn: turn.rate):,.0f}"


def _rest(side: Side) -> list[str]:
    latencies = (side.middle(lambda turn: turn.p50_ms), side.middle(lambda turn: turn.p99_ms))
    return [*map(_short, latencies), f"{side.wal_bytes:,.0f}"]


def _short(milliseconds: float) -> str:
    digits = 2 if milliseconds < 10 else 1 if milliseconds < 100 else 0
    return f"{milliseconds:,.{digits}f}"


def _spent(side: Side) -> str:
    return ", ".join(f"{name} {spent:,.0f}" for name, spent in side.cpu_us.items())
