"""Open streams of carts in this process: who looks at which cart, and what they were shown last.

A subscription is one shopper on one device name; its streams share one reading of the cart. Only the latest state is
kept, so a slow reader costs no memory and skips what is history by then.
"""

import asyncio
from collections import Counter as Counts
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from services.cart.domain.cart_json import CartView, State, skus_in
from services.cart.domain.shopper import Shopper
from services.cart.live.names import GOOD, Good, name_of
from services.cart.live.send_budget import SendBudget

log = structlog.get_logger(__name__)

MAX_STREAMS = 4000
MAX_STREAMS_OF_STORE = 3000
MAX_STREAMS_OF_ADDRESS = 400
"""As many as an office or a mobile network's gateway has shoppers at once, and less than fills a process."""
MAX_STREAMS_OF_ONE = 32
"""Of one shopper on all devices."""
READS_AT_ONCE = 4
"""Readings share the pool with commands: a storm of changes must not take all of its connections."""

OPEN = Gauge("evercart_cart_streams_open", "Streams of carts that are open in this process")
READS = Counter("evercart_cart_stream_looks_total", "Carts that were read for open streams")

ReadCart = Callable[[], Awaitable[CartView]]


class FullError(Exception):
    """No more streams here, or in this store, from this address, of this shopper."""


class Subscription:
    """What one shopper's streams are shown. `read` reads the cart."""

    def __init__(self, subscriptions: "Subscriptions", shopper: Shopper, device: str, read: ReadCart) -> None:
        self._subscriptions, self._read, self.shopper, self.device = subscriptions, read, shopper, device
        self.streams = 0
        self.closed = False
        self.etag: str | None = None
        self.state: State | None = None
        self.goods: tuple[str, ...] = ()
        self.frame = b""
        self.names: tuple[str, ...] = (name_of(shopper),)
        self._one_at_a_time = asyncio.Lock()
        self._news = asyncio.Event()
        self._reading: asyncio.Task[None] | None = None
        self._stale = False

    async def read(self) -> None:
        """Reads the cart; readings follow each other, so that an older state never covers a newer one."""
        async with self._one_at_a_time, self._subscriptions.reads:
            READS.inc()
            view = await self._read()
        if self.state is None or self.state[:2] != view.state[:2]:
            self.goods = _goods(view)
        self.state = view.state
        if view.etag != self.etag:
            self.etag, self.frame = view.etag, self._subscriptions.shared(self, _frame(view))
            self._subscriptions.rename(self, view.cart_id)
            self._tell()

    def may_hold(self, names: set[str]) -> bool:
        """Whether any of these goods is, or is just becoming, part of what is shown here."""
        return self._one_at_a_time.locked() or not names.isdisjoint(self.goods)

    def wake(self) -> None:
        """Something may have changed: reads, and once more if it is told so meanwhile."""
        self._stale = True
        if self._reading is None and not self.closed:
            self._reading = asyncio.create_task(self._keep_reading())

    async def _keep_reading(self) -> None:
        try:
            while self._stale:
                self._stale = False
                await self.read()
        except Exception as error:  # noqa: BLE001 - the streams stay open, and the next catch-up reads again
            log.warning("stream.look_failed", error=type(error).__name__)
        finally:
            self._reading = None

    async def news(self, seen: str | None) -> None:
        """Returns when there is another state than the one `seen`, or when the subscription closes."""
        while self.etag == seen and not self.closed:
            await self._news.wait()

    def close(self) -> None:
        """Sends everybody home."""
        self.closed = True
        self._tell()

    def _tell(self) -> None:
        told, self._news = self._news, asyncio.Event()
        told.set()


class Subscriptions:
    """All subscriptions of the process, found by the names under which changes are announced."""

    def __init__(self) -> None:
        self.occupied = asyncio.Event()
        self.reads = asyncio.Semaphore(READS_AT_ONCE)
        self._subscriptions: dict[tuple[Shopper, str], Subscription] = {}
        self._by_name: dict[str, set[Subscription]] = {}
        self._goods: set[str] = set()
        self.doubt = asyncio.Event()
        self._taken = Counts[str]()
        self.budget = SendBudget()
        self._closed = False

    def enter(self, shopper: Shopper, device: str, read: ReadCart, address: str = "") -> Subscription:
        """The subscription of this shopper and device, for one more stream to an `address` (empty: nobody knows).

        Raises `FullError`.
        """
        seats = _seats(shopper, address)
        if self._closed or any(self._taken[seat] >= most for seat, most in seats.items()):
            raise FullError
        subscription = self._subscriptions.get((shopper, device))
        if subscription is None:
            subscription = self._subscriptions[shopper, device] = Subscription(self, shopper, device, read)
            self._by_name.setdefault(subscription.names[0], set()).add(subscription)
        subscription.streams += 1
        self._taken.update(seats.keys())
        OPEN.inc()
        self.occupied.set()
        return subscription

    def leave(self, subscription: Subscription, address: str = "") -> None:
        """One stream less."""
        subscription.streams -= 1
        for seat in _seats(subscription.shopper, address):
            self._taken[seat] -= 1
            if not self._taken[seat]:
                del self._taken[seat]
        OPEN.dec()
        if subscription.streams:
            return
        subscription.closed = True
        del self._subscriptions[subscription.shopper, subscription.device]
        for name in subscription.names:
            self._forget(name, subscription)
        if not self._subscriptions:
            self.occupied.clear()

    def shared(self, subscription: Subscription, frame: bytes) -> bytes:
        """The frame, as one that another device of the shopper is shown already where they are equal."""
        others = self._by_name.get(subscription.names[0], ())
        return next((other.frame for other in others if other.frame == frame), frame)

    def rename(self, subscription: Subscription, cart_id: UUID | None) -> None:
        """A subscription is also called by the cart that it shows: an order or a merge may know no more than that."""
        if subscription.closed:
            return
        for name in subscription.names[1:]:
            self._forget(name, subscription)
        subscription.names = (subscription.names[0],) if cart_id is None else (subscription.names[0], name_of(cart_id))
        for name in subscription.names[1:]:
            self._by_name.setdefault(name, set()).add(subscription)

    def wake(self, names: Iterable[str]) -> None:
        """These have changed, here or at another replica. Goods are only noted: the listener asks for many at once."""
        for name in names:
            for subscription in self._by_name.get(name, ()):
                subscription.wake()
            if name.startswith(GOOD) and self._subscriptions:
                self._goods.add(name)
                self.doubt.set()

    def in_doubt(self) -> list[Subscription]:
        """The subscriptions where something may be told of the goods that have changed since this was asked last."""
        names, self._goods = self._goods, set()
        self.doubt.clear()
        return [subscription for subscription in self.all() if subscription.may_hold(names)] if names else []

    def all(self) -> list[Subscription]:
        """The subscriptions that have a stream."""
        return list(self._subscriptions.values())

    def close(self) -> None:
        """Ends every stream, and lets no more in: the process is going down."""
        self._closed = True
        for subscription in self.all():
            subscription.close()

    def _forget(self, name: str, subscription: Subscription) -> None:
        found = self._by_name.get(name)
        if found is not None:
            found.discard(subscription)
            if not found:
                del self._by_name[name]


def _seats(shopper: Shopper, address: str) -> dict[str, int]:
    """What a stream takes one of, and how many there are of each."""
    seats = {
        "": MAX_STREAMS,
        f"store:{shopper.store_id}": MAX_STREAMS_OF_STORE,
        name_of(shopper): MAX_STREAMS_OF_ONE,
    }
    return seats | ({f"address:{address}": MAX_STREAMS_OF_ADDRESS} if address else {})


def _goods(view: CartView) -> tuple[str, ...]:
    """Every good is also one of many."""
    skus = skus_in(view.lines)
    return tuple(name_of(Good(view.store_id, sku)) for sku in (None, *skus)) if skus else ()


def _frame(view: CartView) -> bytes:
    # JSON has no line ends outside of its white space, and there is none in ours
    return b"event: cart\nid: %s\ndata: %s\n\n" % (view.etag.encode(), view.json())
