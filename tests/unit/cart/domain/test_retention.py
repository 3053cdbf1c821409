"""When a cart that nobody touches is over, by the lifetime of its store."""

from datetime import timedelta

import pytest

from services.cart.domain.retention import Lifetime, is_over
from tests.unit.cart.carts import NOON

DAY = timedelta(days=1)


def test_a_store_that_says_nothing_keeps_closed_carts_for_400_days() -> None:
    assert Lifetime() == Lifetime(90 * DAY, 30 * DAY, DAY, 400 * DAY)


@pytest.mark.parametrize(
    ("guest", "empty", "days"), [(False, False, 9), (True, False, 4), (False, True, 2), (True, True, 2)]
)
def test_each_kind_of_cart_lives_for_its_own_time_to_the_very_instant(guest: bool, empty: bool, days: int) -> None:
    lifetime = Lifetime(9 * DAY, 4 * DAY, 2 * DAY)
    end = NOON + days * DAY
    assert not is_over(lifetime, guest=guest, empty=empty, touched=NOON, now=end)
    assert is_over(lifetime, guest=guest, empty=empty, touched=NOON, now=end + timedelta(microseconds=1))


def test_an_empty_cart_never_outlives_a_full_one() -> None:
    lifetime = Lifetime(customer=9 * DAY, guest=DAY, empty=5 * DAY)
    assert lifetime.of(guest=True, empty=True) == DAY
    assert lifetime.of(guest=False, empty=True) == 5 * DAY
