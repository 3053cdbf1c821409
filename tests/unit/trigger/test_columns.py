"""Values as the text of an array."""

from datetime import datetime

import pytest

from services.trigger.db.columns import array, arrays, columns
from tests.unit.trigger.making import T0


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ([], "{}"),
        ([None], "{null}"),
        ([T0, None], '{"2026-03-01T12:00:00Z",null}'),
        ([datetime.fromisoformat("2026-03-01T12:00:00.000001+02:00")], '{"2026-03-01T12:00:00.000001+02:00"}'),
        ([1, None, -(2**62)], "{1,null,-4611686018427387904}"),
        ([True, False], "{true,false}"),
        (["tea", "", "null", "żółw, {a}"], '{"tea","","null","żółw, {a}"}'),
        (["tea", None, 'a "b"\\\n'], '{"tea",null,"a \\"b\\"\\\\\n"}'),
    ],
)
def test_they_are_written_as_postgresql_reads_them(values: list[object], text: str) -> None:
    assert array(values) == text


def test_rows_are_columns_in_their_order() -> None:
    assert columns([T0, T0.replace(day=2)], "day", "year") == [[1, 2], [2026, 2026]]
    assert arrays([T0, T0.replace(day=2)], "day", "year") == ["{1,2}", "{2026,2026}"]
