"""The goods that are still in an order."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.cart.domain.cart import Line
from services.cart.domain.orders.fulfilment import ALL
from services.cart.domain.orders.remaining import remaining_lines

AT = datetime(2026, 3, 10, tzinfo=UTC)


def _line(sku: str, quantity: int, number: int = 1) -> Line:
    return Line(
        line_id=UUID(int=number), sku=sku, options={}, title=sku, price=5, quantity=quantity, total=quantity * 5,
        image_url=None, url=None,
        device=None, added_at=AT, updated_at=AT,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        ({"tea": 3, "jam": 1}, [("tea", 2), ("tea", 1), ("jam", 1)]),
        ({"tea": 2, "jam": 1}, [("tea", 2), ("jam", 1)]),
        ({"tea": 1}, [("tea", 1)]),
        ({"tea": 9, "salt": 4}, [("tea", 2), ("tea", 1)]),
        ({"tea": 0, "jam": 0}, []),
        ({ALL: 1}, [("tea", 2), ("tea", 1), ("jam", 1)]),
        ({ALL: 0}, []),
    ],
)
def test_of_each_line_of_its_carts_as_much_is_shown_as_the_order_still_holds(left, expected):
    known = [_line("tea", 2), _line("tea", 1, 2), _line("jam", 1, 3)]
    shown = remaining_lines(left, known)
    assert [(one.sku, one.quantity) for one in shown] == expected
    assert all(one.total == one.quantity * 5 for one in shown)
