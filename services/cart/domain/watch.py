"""Watches: somebody waits for an item to be back, until they are told once, order it, or wait no more. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from pydantic import Field

from libs.contracts.events import WatchCleared, WatchSet
from services.cart.domain.cart import Context
from services.cart.domain.commands import Body, HttpUrl, Title, like
from services.cart.domain.customers.guest_contact import GuestContact
from services.cart.domain.errors import Refusal
from services.cart.domain.goods import GoodsName, Options

MAX_WATCHES = 50
"""Of one person: more than anybody waits for."""
KEPT = timedelta(days=180)
"""Who has waited for so long has bought it elsewhere."""

Why = Literal["asked", "told", "ordered", "expired", "watched_already", "erased"]


class SetWatch(Body):
    """Asks to be told, once, when an item is back. The same item again is the same watch, and keeps its place.

    The message calls it by its `title` (its sku where there is none), shows its picture, and leads to its `url` where
    those are the shop's.
    """

    model_config = like(
        {
            "sku": "tea-100",
            "options": {"size": "100 g"},
            "title": "Mountain tea",
            "url": "https://shop.example/products/tea-100",
            "image_url": "https://shop.example/tea-100.jpg",
        }
    )

    sku: GoodsName
    options: Options = Field(default_factory=dict)
    title: Title | None = None
    url: HttpUrl | None = None
    image_url: HttpUrl | None = None


class SetOwnWatch(SetWatch):
    """The same by a shopper. A guest says where to write, with what they agreed to, unless they have before."""

    contact: GuestContact | None = Field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Watch:
    """Who waits for what, and since when; `version` counts what became of it."""

    watch_id: UUID
    store_id: str
    customer_id: str
    sku: str
    options: dict[str, str]
    version: int
    set_at: datetime
    title: str | None = None
    url: str | None = None
    image_url: str | None = None

    @property
    def until(self) -> datetime:
        """When it ends by itself."""
        return self.set_at + KEPT

    def is_for(self, sku: str, options: dict[str, str]) -> bool:
        """Whether it is for these goods."""
        return (self.sku, self.options) == (sku, options)

    def set_event(self, context: Context) -> WatchSet:
        """That they wait."""
        return WatchSet(
            event_id=context.new_id(),
            occurred_at=context.now,
            watch_id=self.watch_id,
            watch_version=self.version,
            store_id=self.store_id,
            customer_id=self.customer_id,
            sku=self.sku,
            set_at=self.set_at,
        )

    def cleared_event(self, reason: Why, context: Context) -> WatchCleared:
        """That they wait no more; names nobody who is erased."""
        return WatchCleared(
            event_id=context.new_id(),
            occurred_at=context.now,
            watch_id=self.watch_id,
            watch_version=self.version + 1,
            store_id=self.store_id,
            customer_id=None if reason == "erased" else self.customer_id,
            sku=self.sku,
            set_at=self.set_at,
            reason=reason,
        )


def one_more(watches: int) -> None:
    """Raises `Refusal` too-many-watches for somebody who waits for so many items already."""
    if watches >= MAX_WATCHES:
        detail = f"One may wait for at most {MAX_WATCHES} items."
        raise Refusal("too-many-watches", detail, limit=MAX_WATCHES)


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What goes over to a customer, and what ends instead."""

    moved: tuple[Watch, ...]
    ended: tuple[Watch, ...]


def take_over(watches: Sequence[Watch], own: Sequence[Watch], customer_id: str) -> TakenOver:
    """Watches of somebody who turns out to be a customer with watches of their `own`: the longest waiting first, as
    many as one may have; what the customer waits for already ends.
    """
    room, moved, ended = MAX_WATCHES - len(own), list[Watch](), list[Watch]()
    for watch in sorted(watches, key=lambda one: (one.set_at, one.watch_id)):
        if len(moved) < room and not any(one.is_for(watch.sku, watch.options) for one in own):
            moved.append(replace(watch, customer_id=customer_id, version=watch.version + 1))
        else:
            ended.append(watch)
    return TakenOver(tuple(moved), tuple(ended))
