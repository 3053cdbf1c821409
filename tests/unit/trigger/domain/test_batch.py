"""What a batch of events means for the carts in it."""

from datetime import timedelta

from services.trigger.domain.batch import held_since
from tests.unit.trigger.making import T0, after


def test_an_item_is_held_since_its_own_units_last_changed() -> None:
    first = held_since({}, {"tea": 1, "cup": 2}, T0)
    then = held_since(first, {"tea": 1, "cup": 3, "pot": 1}, after(hours=1))
    assert then == {"tea": (1, T0), "cup": (3, after(hours=1)), "pot": (1, after(hours=1))}
    assert held_since(then, {"tea": 0}, T0 + timedelta(hours=2)) == {}
