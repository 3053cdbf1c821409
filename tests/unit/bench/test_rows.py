import math
from dataclasses import replace

import pytest

from deploy.bench.rows import Cost, Row, Side, Turn, document_of, earlier_ratios, faults


def turn(rate: float, **changed) -> Turn:
    return replace(Turn(int(rate * 2), 2.0, 1.0, 2.0, {"API": 0.5}, 900), **changed)


def row(ours: tuple[float, ...] = (50, 80, 90), **changed) -> Row:
    sides = [Side(tuple(turn(rate, **changed) for rate in rates)) for rates in (ours, (100,) * len(ours))]
    return Row("relay", *sides)


def test_a_ratio_is_of_one_round():
    assert row().ratios == (0.5, 0.8, 0.9)


def test_json_holds_every_round_and_least_middle_and_most():
    assert row().as_json()["ratio"] == {"rounds": [0.5, 0.8, 0.9], "min": 0.5, "median": 0.8, "max": 0.9}


def test_cpu_and_wal_are_a_call_over_all_rounds():
    side = Side((turn(50, calls=100), turn(50, calls=300, cpu_s={"API": 1.5}, wal_bytes=300)))
    assert side.cpu_us == {"API": 5000}
    assert side.wal_bytes == 3


def test_a_turn_takes_the_middle_and_the_slowest_hundredth_of_its_latencies():
    taken = Turn.of(200, 2.0, [number / 1000 for number in range(200)], Cost({"API": 1.0}, 10))
    assert (taken.rate, taken.p50_ms, taken.p99_ms) == (100, 100, 198)


def test_a_cost_is_what_was_spent_in_between():
    assert Cost({"API": 3.0}, 70).since(Cost({"API": 1.0}, 20)) == Cost({"API": 2.0}, 50)


def test_a_share_of_a_cost_is_that_of_all_its_parts():
    assert Cost({"pgbench": 1.0, "PostgreSQL": 2.0}, 50).share(0.5) == Cost({"pgbench": 0.5, "PostgreSQL": 1.0}, 25)


def test_an_earlier_run_is_read_by_name():
    assert earlier_ratios(document_of([row()], "today's"), "today's") == {"relay": 0.8}


def test_a_run_against_another_reference_is_refused():
    with pytest.raises(ValueError, match="another reference"):
        earlier_ratios(document_of([row()], "yesterday's"), "today's")


@pytest.mark.parametrize("document", [{}, {"rows": [{"name": "x"}]}, {"rows": 3}, [], {"rows": []}, {"pairs": []}])
def test_another_file_is_refused(document):
    with pytest.raises(ValueError, match="earlier"):
        earlier_ratios(document, "today's")


def test_plausible_figures_have_no_fault():
    assert faults(document_of([row()], ""), ["relay"]) == []


def test_a_missing_row_is_a_fault():
    assert faults(document_of([row()], ""), ["relay", "timers"]) == ["timers: it is missing"]


@pytest.mark.parametrize(
    ("changed", "where"),
    [
        ({"p99_ms": 0.0}, "p99_ms"),
        ({"p50_ms": math.nan}, "p50_ms"),
        ({"cpu_s": {"API": 0.0}}, "cpu_us/API"),
        ({"cpu_s": {"API": math.inf}}, "cpu_us/API"),
        ({"wal_bytes": 0}, "wal_bytes"),
        ({"wal_bytes": -1}, "wal_bytes"),
    ],
)
def test_a_figure_that_is_not_above_zero_is_a_fault(changed, where):
    document = document_of([row(**changed)], "")
    assert any(f"ours/{where}" in fault for fault in faults(document, ["relay"]))


def test_reads_and_a_reference_without_a_database_may_leave_no_wal():
    document = document_of([Row("read cart, 1 caller", *(Side((turn(50, wal_bytes=0),)) for _ in range(2)))], "")
    assert faults(document, ["read cart, 1 caller"]) == []
