"""Moments as the text of an array."""

from datetime import datetime

import pytest

from services.trigger.db.columns import columns, moments
from tests.unit.trigger.making import T0


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "{}"),
        ([None], "{null}"),
        ([T0, None], '{"2026-03-01T12:00:00Z",null}'),
        ([datetime.fromisoformat("2026-03-01T12:00:00.000001+02:00")], '{"2026-03-01T12:00:00.000001+02:00"}'),
    ],
)
def test_they_are_written_as_postgresql_reads_them(values: list[datetime | None], text: str) -> None:
    assert moments(values) == text


def test_rows_are_columns_in_their_order() -> None:
    assert columns([T0, T0.replace(day=2)], "day", "year") == [[1, 2], [2026, 2026]]
