"""How far the console is behind: what waits, and whether anybody measures."""

from datetime import UTC, datetime, timedelta

import pytest

from services.console.domain.faults import Fault
from services.console.domain.reading import MEASURED_EVERY, Reading, stuck

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


def reading(unread: int, newest: float | None, measured: float = 0) -> Reading:
    """Ages in seconds."""
    newest_at = None if newest is None else NOW - timedelta(seconds=newest)
    return Reading("cart.events", unread, newest_at, NOW - timedelta(seconds=measured))


@pytest.mark.parametrize(
    ("one", "behind", "state"),
    [
        (reading(0, 5), 0, "good"),
        (reading(0, 90_000), 0, "good"),
        (reading(0, None), 0, "good"),
        (reading(7, None), 0, "good"),
        (reading(7, 60), 60, "good"),
        (reading(1, 61), 61, "warn"),
        (reading(7, 600), 600, "warn"),
        (reading(7, 601), 601, "bad"),
        (reading(0, 5, measured=59), 0, "good"),
        (reading(0, 5, measured=60), 60, "good"),
        (reading(0, 5, measured=61), 61, "warn"),
        (reading(0, None, measured=601), 601, "bad"),
        (reading(7, 100, measured=700), 700, "bad"),
        (reading(7, 700, measured=100), 700, "bad"),
    ],
)
def test_what_waits_is_a_delay_and_so_is_that_nobody_measures(one: Reading, behind: float, state: str):
    assert (one.behind(NOW), one.state(NOW)) == (timedelta(seconds=behind), state)


def test_only_what_is_stuck_is_a_fault():
    assert stuck([reading(7, 600), reading(7, 601), reading(0, 5)], NOW) == [
        Fault("lag", "", "console cart.events", 601.0)
    ]
    assert timedelta(seconds=10) == MEASURED_EVERY
