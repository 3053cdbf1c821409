"""What a cart's events say of what is set aside in it: whoever it is of waits for it as if they had asked for it. Pure.

That is its customer, or a guest who has left an address.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from libs.contracts.events import CartEvent

_OF_SAVED = frozenset({"saved", "owner", "contact"})


class SavedLines(NamedTuple):
    """What is aside in a cart after an event, by sku, each once: nothing in one that is closed, or nobody's.

    `begins` says whether its customer has set it aside: what staff, a bot or an import does lets nobody wait anew.
    """

    cart_id: UUID
    store_id: str
    customer_id: str | None
    version: int
    at: datetime
    skus: tuple[str, ...]
    begins: bool
    ended: str

    def watch_id(self, sku: str) -> UUID:
        """The same for every time that an item is set aside in this cart; those of a cart lie side by side."""
        return self._id(uuid5(self.cart_id, sku).bytes[8:])

    @property
    def first_id(self) -> UUID:
        """Before all ids of this cart: they are found by their key, without an index on their cart."""
        return self._id(bytes(8))

    @property
    def last_id(self) -> UUID:
        """Behind all ids of this cart."""
        return self._id(b"\xff" * 8)

    def _id(self, rest: bytes) -> UUID:
        return UUID(bytes=self.cart_id.bytes[:8] + rest)


def tells_of_saved(event: CartEvent) -> bool:
    """Whether an event says what is aside in a cart that is open, and has changed that, or whose it is, or where that
    guest can be written to.
    """
    changed = event.cart_version == 1 or not _OF_SAVED.isdisjoint(event.changed or ())
    return changed and event.lines is not None


def saved_lines(event: CartEvent) -> SavedLines | None:
    """What an event says of them; None where it leaves them as they were, or says nothing."""
    if not (event.closes or tells_of_saved(event)):
        return None
    open_and_known = not event.closes and event.recipient is not None
    aside = (line.sku for line in event.lines or () if line.saved) if open_and_known else ()
    return SavedLines(
        cart_id=event.cart_id,
        store_id=event.store_id,
        customer_id=event.recipient,
        version=event.cart_version,
        at=event.occurred_at,
        skus=tuple(dict.fromkeys(aside)),
        begins=event.origin is None,
        ended="cart_gone" if event.closes else "nothing_saved",
    )


def in_turn(told: Iterable[SavedLines]) -> Iterator[list[SavedLines]]:
    """The same in rounds that name a cart once each, so that a round can be written at once: mostly there is one."""
    rounds, turns = list[list[SavedLines]](), dict[UUID, int]()
    for one in told:
        turn = turns[one.cart_id] = turns.get(one.cart_id, -1) + 1
        if turn == len(rounds):
            rounds.append([])
        rounds[turn].append(one)
    yield from rounds
