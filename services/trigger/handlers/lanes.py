"""A large batch in parts, for two connections: while the database works on one the next is decided on. Pure."""

from collections.abc import Sequence
from typing import cast

from libs.contracts.by_type import types_among
from libs.contracts.events import CartEvent, Event
from libs.inbox.records import Received

LANES = 2
Part = list[Received[Event]]


def apart(received: Sequence[Received[Event]]) -> tuple[Part, list[Part]]:
    """What comes first, for it is about no cart alone, and then the lanes, which share no cart; all in their order."""
    of_carts = types_among([one.event for one in received], CartEvent)
    first, lanes = Part(), [Part() for _ in range(LANES)]
    for one in received:
        if type(one.event) in of_carts:
            lanes[cast("CartEvent", one.event).cart_id.int % LANES].append(one)
        else:
            first.append(one)
    return first, [lane for lane in lanes if lane]
