"""Of a batch those of some types are taken, whatever class of them they are."""

from libs.contracts.by_type import of_types, types_among
from libs.contracts.events import CartEvent, CartOrdered, Event, LineAdded, OrderPlaced
from tests.unit.trigger.making import T0, added, after, ordered

BATCH: list[Event] = [added("a", 1, T0), ordered("a", 2, after(hours=1)), added("b", 1, after(hours=2))]


def test_those_of_a_type_come_in_their_order_with_those_derived_from_it() -> None:
    assert of_types(BATCH, CartEvent) == BATCH
    assert of_types(BATCH, LineAdded) == [BATCH[0], BATCH[2]]
    found: list[LineAdded | CartOrdered] = of_types(BATCH, LineAdded, CartOrdered)
    assert found == BATCH


def test_of_what_is_not_there_nothing_comes() -> None:
    assert of_types(BATCH, OrderPlaced) == []
    assert of_types([], CartEvent) == []


def test_the_classes_are_told() -> None:
    assert types_among(BATCH, CartEvent) == {LineAdded, CartOrdered}
    assert types_among(BATCH, CartOrdered, OrderPlaced) == {CartOrdered}
    assert types_among([], CartEvent) == frozenset()
