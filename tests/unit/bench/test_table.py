from dataclasses import replace
from io import StringIO

from rich.console import Console
from rich.table import Table

from deploy.bench.rounds import NAMES
from deploy.bench.rows import Row, Side, Turn
from deploy.bench.table import cpu, rates

OURS = Turn(1000, 2.0, 1.5, 72.5, {"API": 0.4, "load generator": 0.05}, 3_000_000)
REFERENCE = Turn(5000, 1.0, 0.25, 720.4, {"pgbench": 0.1}, 500_000)
ROW = Row("add to cart, 8 callers", Side((OURS, OURS)), Side((REFERENCE, REFERENCE)))


def shown(table: Table) -> list[str]:
    console = Console(width=80, file=StringIO())
    with console.capture() as capture:
        console.print(table)
    return [" ".join(line.split()) for line in capture.get().splitlines()]


def test_a_row_tells_what_a_call_takes_of_each_side():
    _, ours, reference = shown(rates([ROW], {}))
    assert ours == f"{ROW.name} 500 0.100 0.100-0.100 1.50 72.5 3,000"
    assert reference == "reference 5,000 0.25 720 100"


def test_cpu_is_told_of_each_process():
    assert shown(cpu([ROW]))[1] == f"{ROW.name} API 400, load generator 50 pgbench 20"


def test_an_earlier_ratio_stands_beside_with_the_change():
    assert "0.100 0.080 +25% 1.50" in shown(rates([ROW], {ROW.name: 0.08}))[1]


def test_a_row_that_the_earlier_run_did_not_have_has_none():
    assert "0.100 - 1.50" in shown(rates([ROW], {"another": 0.08}))[1]


def test_the_widest_figures_fit_eighty_columns():
    turn = replace(OURS, p50_ms=1234.5, p99_ms=8765.4, calls=123_456, seconds=1.0, wal_bytes=23_876 * 123_456)
    row = Row(max(NAMES, key=len), Side((turn,)), Side((turn,)))
    for table in (rates([row], {}), rates([row], {row.name: 0.123})):
        text = " ".join(shown(table))
        assert "…" not in text
        assert "1,234 8,765 23,876" in text
