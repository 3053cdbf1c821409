"""Who waits for which item while recorded events pass by, as the table `watches` has it live. Pure.

Whoever has asked for it, or has set it aside. That somebody was told, recorded events say of other messages than those
that are tried: here whoever is told waits no more.
"""

from collections import OrderedDict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from libs.contracts.events import CartEvent, Event, WatchCleared, WatchSet
from services.trigger.domain.saved_lines import SavedLines, saved_lines

T = TypeVar("T")
KEPT = timedelta(days=40)
"""So long it is remembered that a watch is over, as live."""
TOLD = "told"
"""Why a watch is over whose customer was told."""


@dataclass(slots=True)
class TracedWatch:
    """Somebody waits for an item since then; `saved_in` is the cart in which they have set it aside."""

    watch_id: UUID
    item: tuple[str, str]
    customer_id: str
    version: int
    set_at: datetime
    saved_in: UUID | None = None
    over: bool = False
    told: bool = False


class TracedWatches:
    """All that are not over, and those that were not long ago."""

    def __init__(self) -> None:
        self._known: dict[UUID, TracedWatch] = {}
        self._of_item: dict[tuple[str, str], dict[UUID, None]] = {}
        self._of_cart: dict[UUID, dict[UUID, None]] = {}
        self._over: OrderedDict[UUID, datetime] = OrderedDict()

    def learn(self, event: Event) -> None:
        """Takes in what an event says of those who wait."""
        if isinstance(event, WatchSet):
            self._set(event)
        elif isinstance(event, WatchCleared):
            known = self._known.get(event.watch_id)
            if event.reason != TOLD and known is not None and known.version < event.watch_version:
                self._end(known, event.watch_version, event.occurred_at)
        elif isinstance(event, CartEvent) and (aside := saved_lines(event)) is not None:
            self._set_aside(aside)

    def of(self, item: tuple[str, str], until: datetime) -> Iterator[TracedWatch]:
        """Those that wait for an item since a moment or earlier; in no order."""
        for watch_id in self._of_item.get(item, ()):
            watch = self._known[watch_id]
            if not watch.told and watch.set_at <= until:
                yield watch

    def note_told(self, item: tuple[str, str], customers: Collection[str], until: datetime) -> None:
        """Customers are told of an item: what they waited for by then waits no more."""
        for watch in self.of(item, until):
            watch.told |= watch.customer_id in customers

    def _set(self, event: WatchSet) -> None:
        known = self._known.get(event.watch_id)
        if event.customer_id is None:
            return
        if known is None:
            item = (event.store_id, event.sku)
            self._begin(TracedWatch(event.watch_id, item, event.customer_id, event.watch_version, event.set_at))
        elif known.version < event.watch_version:
            known.customer_id, known.version = event.customer_id, event.watch_version

    def _set_aside(self, cart: SavedLines) -> None:
        here = self._of_cart.get(cart.cart_id, ())
        for watch in [self._known[watch_id] for watch_id in here]:
            if watch.version < cart.version and watch.item[1] not in cart.skus:
                self._end(watch, cart.version, cart.at)
        for sku in cart.skus if cart.begins else ():
            self._begin_aside(cart, sku, cart.customer_id or "")

    def _begin_aside(self, cart: SavedLines, sku: str, customer_id: str) -> None:
        watch_id = cart.watch_id(sku)
        known = self._known.get(watch_id)
        if known is not None and (
            known.version >= cart.version or not (known.over or known.customer_id != customer_id)
        ):
            return
        self._over.pop(watch_id, None)
        item = (cart.store_id, sku)
        self._begin(TracedWatch(watch_id, item, customer_id, cart.version, cart.at, cart.cart_id))

    def _begin(self, watch: TracedWatch) -> None:
        self._known[watch.watch_id] = watch
        self._of_item.setdefault(watch.item, {})[watch.watch_id] = None
        if watch.saved_in is not None:
            self._of_cart.setdefault(watch.saved_in, {})[watch.watch_id] = None

    def _end(self, watch: TracedWatch, version: int, at: datetime) -> None:
        watch.version = version
        if watch.over:
            return
        watch.over = True
        _take_out(self._of_item, watch.item, watch.watch_id)
        if watch.saved_in is not None:
            _take_out(self._of_cart, watch.saved_in, watch.watch_id)
        self._forget(at - KEPT)
        self._over[watch.watch_id] = at

    def _forget(self, before: datetime) -> None:
        while self._over and self._over[first := next(iter(self._over))] < before:
            del self._over[first], self._known[first]


def _take_out(of: dict[T, dict[UUID, None]], key: T, watch_id: UUID) -> None:
    del of[key][watch_id]
    if not of[key]:
        del of[key]
