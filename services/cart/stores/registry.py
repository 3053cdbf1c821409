"""The stores of this installation, as every part of the service finds them."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from services.cart.domain.limits import WIDEST, Limits
from services.cart.domain.retention import Lifetime, Spans
from services.cart.domain.store import Store

Source = Literal["file", "environment", "api"]
PRECEDENCE: tuple[Source, ...] = ("api", "environment", "file")
"""Who says what a store is, where several do: a later one goes before an earlier one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One store: settings, web origins whose pages may call, what a cart may hold, and who says so."""

    store_id: str
    store: Store
    origins: frozenset[str]
    limits: Limits
    source: Source


Listener = Callable[[Collection[Entry]], None]


class StoreRegistry:
    """Stores by id. What it says is of now: look again for each request, and keep nothing of it. `versions` are those
    of the stores that came from the API, `origins` the web origins of all stores, `unusable` the stores that are kept
    but can't be read here.
    """

    def __init__(self, stores: Mapping[str, Store]) -> None:
        self._said: dict[Source, Mapping[str, Store]] = {}
        self._entries: dict[str, Entry] = {}
        self.versions: dict[str, int] = {}
        self.unusable: set[str] = set()
        self.origins = frozenset[str]()
        self._listeners: list[Listener] = []
        self.put("environment", stores)

    def get(self, store_id: str) -> Entry | None:
        """A store; None where there is none of this id."""
        return self._entries.get(store_id)

    def of_path(self, path: str) -> Entry | None:
        """The store that a path of the API is about."""
        parts = path.split("/", 4)
        return self._entries.get(parts[3]) if len(parts) > 3 and parts[1:3] == ["v1", "stores"] else None

    def subscribe(self, listener: Listener) -> None:
        """Calls the listener with all stores, now and whenever one has changed."""
        self._listeners.append(listener)
        listener(self._entries.values())

    def ids(self) -> Collection[str]:
        """The ids of all stores."""
        return self._entries.keys()

    def fixed(self, store_id: str) -> bool:
        """Whether a file or the environment says what this store is, so that nobody else can."""
        return any(store_id in self._said.get(source, ()) for source in PRECEDENCE[1:])

    def limits(self, store_id: str) -> Limits:
        """What a store's carts may hold; the widest where the store has gone meanwhile."""
        entry = self._entries.get(store_id)
        return entry.limits if entry is not None else WIDEST

    def reserves(self, store_id: str) -> bool:
        """Whether the store holds anything back for carts."""
        entry = self._entries.get(store_id)
        return entry is not None and entry.store.reservation_minutes > 0

    def lifetimes(self) -> dict[str, Lifetime]:
        """How long each store's carts live."""
        return {store_id: entry.store.expiry.lifetime() for store_id, entry in self._entries.items()}

    def retentions(self) -> dict[str, Spans]:
        """How long each store keeps what is over."""
        return {store_id: entry.store.retention.spans() for store_id, entry in self._entries.items()}

    def without_views(self) -> list[str]:
        """The stores that keep nothing of what their customers look at."""
        return [store_id for store_id, entry in self._entries.items() if entry.store.views == "off"]

    def said(self, source: Source) -> Mapping[str, Store]:
        """What one source says."""
        return self._said.get(source, {})

    def put(self, source: Source, stores: Mapping[str, Store]) -> None:
        """These are the stores of a source from now on. One that stays as it is stays the same entry."""
        self._said[source] = dict(stores)
        entries = {
            store_id: self._entry(store_id, store, source)
            for source in PRECEDENCE
            for store_id, store in self.said(source).items()
        }
        self.origins = frozenset[str]().union(*(entry.origins for entry in entries.values()))
        self._entries = entries
        for listener in self._listeners:
            listener(entries.values())

    def _entry(self, store_id: str, store: Store, source: Source) -> Entry:
        known = self._entries.get(store_id)
        if known is not None and (known.store, known.source) == (store, source):
            return known
        return Entry(store_id, store, frozenset(store.origins), store.allowed(), source)
