"""What the last look shows: the cart service's answer about one cart, or about one customer. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from libs.contracts.own_hosts import leads_to_web


class SnapshotLine(BaseModel):
    """A line of the cart; `price` and `total` in minor units."""

    model_config = ConfigDict(frozen=True)

    line_id: UUID | None = None
    sku: str
    title: str
    options: Mapping[str, str] = Field(default_factory=dict)
    price: int
    quantity: int
    total: int
    image_url: str | None = None
    url: str | None = None
    currency: str | None = None
    """Of a line that is set aside; the others are in the cart's."""


class SnapshotCart(BaseModel):
    """The cart as it is now; without `id` where the customer has none."""

    model_config = ConfigDict(frozen=True)

    id: UUID | None
    store_id: str
    customer_id: str | None
    status: Literal["active", "ordered", "merged", "expired"]
    version: int
    currency: str | None
    lines: tuple[SnapshotLine, ...]
    units: int
    total: int
    saved: tuple[SnapshotLine, ...] = ()
    """What is set aside for later, the newest last."""


class SnapshotRecipient(BaseModel):
    """Whether the cart's customer can be reached and has agreed, by channel; of which version of the profile.

    `unconfirmed` channels wait for the address to say yes; only a look at a customer tells them.
    """

    model_config = ConfigDict(frozen=True)

    profile_version: int
    reach: Mapping[str, bool]
    consent: Mapping[str, bool]
    unconfirmed: tuple[str, ...] = ()


class SnapshotOrder(BaseModel):
    """An order of the customer as it stands now: its `lines` are what is still in it, titled where a cart knew them.

    `tracking_url` is where its parcel is followed. `total` is in minor units of `currency`.
    """

    model_config = ConfigDict(frozen=True)

    order_id: str
    status: str
    placed_at: datetime
    currency: str | None = None
    total: int | None = None
    lines: tuple[SnapshotLine, ...] = ()
    tracking_url: str | None = None


class _ShownItem(BaseModel):
    """A product as a page told of it; an older cart service tells less."""

    model_config = ConfigDict(frozen=True)

    sku: str
    title: str | None = None
    url: str | None = None
    image_url: str | None = None

    @property
    def called(self) -> str:
        """What to call it."""
        return self.title or self.sku

    @property
    def line(self) -> SnapshotLine:
        """The item as a message shows goods: one unit, of which no price is known."""
        known = {"sku": self.sku, "image_url": self.image_url, "url": self.url}
        return SnapshotLine(**known, title=self.called, price=0, quantity=1, total=0)


class WatchedItem(_ShownItem):
    """An item that the customer has asked to be told of, as they saw it."""


class ViewedItem(_ShownItem):
    """A product that the customer looked at."""


class CartSnapshot(BaseModel):
    """The cart service's answer: the cart, the level of each of its skus (None: not tracked), the way back to it.

    A look at a customer shows their active cart or an empty one, the order that was asked for, if it is theirs, when
    they last ordered (`ordered_at`), and the level of an item that was asked for among the others.

    `recipient` is None where the customer has no profile, or none any more. An answer without it is unreadable.
    `prices` are what the store has told that lines cost now, by their ids; an older cart service does not tell them.
    `goods_version` is the cart's version when its goods last changed; an older cart service does not tell it. Since
    `silent_since` its customer has ordered, and its goods have not changed.
    """

    model_config = ConfigDict(frozen=True)

    cart: SnapshotCart
    inventory: Mapping[str, int | None]
    prices: Mapping[UUID, int] = Field(default_factory=dict)
    recipient: SnapshotRecipient | None
    recovery_url: str
    as_of: datetime
    goods_version: int | None = None
    recipient_id: str | None = None
    """Whom to write to about a guest's cart; an older cart service tells nothing of it."""
    silent_since: datetime | None = None
    order: SnapshotOrder | None = None
    watched: WatchedItem | None = None
    """The item that was asked for, if they still wait for it."""
    viewed: tuple[ViewedItem, ...] = ()
    """What they looked at of what was asked for, in its order, and have not ordered since."""
    ordered_at: datetime | None = None

    @property
    def tracking_url(self) -> str | None:
        """Where the parcel of the order is followed, if that leads to the web."""
        url = self.order.tracking_url if self.order else None
        return url if url is not None and leads_to_web(url) else None

    @property
    def sellable(self) -> tuple[SnapshotLine, ...]:
        """The lines that can be ordered: what is sold out is not advertised."""
        return self.left_of(self.cart.lines)

    def left_of(self, lines: tuple[SnapshotLine, ...]) -> tuple[SnapshotLine, ...]:
        """Those of the lines that can be ordered."""
        return tuple(line for line in lines if self.units_left(line.sku) != 0)

    def units_left(self, sku: str) -> int | None:
        """How many units of an item there are; None where nobody counts them, or nobody asked."""
        level = self.inventory.get(sku)
        return None if level is None else max(0, level)
