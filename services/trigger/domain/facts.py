"""What is known beside a cart when its steps are decided on: its customer's orders and abandonments, its goods. Pure.

Only campaigns that say so go by it, and only for them it is loaded.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from libs.contracts.events import LevelSet
from libs.contracts.topics import CART_EVENTS, CUSTOMER_REACH, INVENTORY_LEVELS, MESSAGE_EVENTS, PRICE_LEVELS
from services.trigger.domain.carts import CartState
from services.trigger.domain.orders import Customer, CustomerOrder
from services.trigger.domain.segments import LONGEST_ABANDONED, Segment

TOLD_ON = (CART_EVENTS, INVENTORY_LEVELS, PRICE_LEVELS, CUSTOMER_REACH)
"""Where carts, orders, watches, levels, prices and reach are told: a rebuild goes by these."""
TRIED_ON = (*TOLD_ON, MESSAGE_EVENTS)
"""Where all is told that campaigns are tried on: what became of messages, too."""
Episode = tuple[UUID, int]
"""A cart, and its version when its goods last changed."""
NO_EPISODE = frozenset({"cart_changed", "ordered", "emptied", "cart_gone", "anonymous", "origin_other"})
NO_EPISODE |= {"origin_staff", "origin_bot", "origin_import"}
NO_EPISODE |= {"below_minimum", "above_maximum", "currency_not_listed", "next_step_due", "guest"}
"""Reasons of steps by which nothing was abandoned: their time never came, nobody was there, or the cart was not one of
the campaign, which then may have no timer at all.
"""

CLICKED = "clicked"
"""The reason of a step for somebody who has clicked on a message of its campaign shortly before."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which facts the campaigns of a store go by."""

    orders: bool = False
    abandoned: bool = False
    items: bool = False
    clicks: bool = False

    def __bool__(self) -> bool:
        return self.orders or self.abandoned or self.items or self.clicks


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """What is known of an item: units that can be sold, and the shop's category.

    `available` is None where nobody tells it, or where it may be ordered whatever is left.
    """

    available: int | None = None
    category: str | None = None


UNKNOWN_ITEM = ItemFacts()


class Click(NamedTuple):
    """On a message of a campaign, and when."""

    campaign: str
    at: datetime


class About(NamedTuple):
    """Whom facts are asked of, and of which goods. `episode` is the cart that they abandon with it, where they do."""

    store_id: str
    customer_id: str | None
    skus: Collection[str] = ()
    episode: Episode | None = None


def item_facts(level: LevelSet) -> ItemFacts:
    """What a level tells of its item."""
    return ItemFacts(None if level.backorder else level.available, level.category)


@dataclass(slots=True)
class Facts:
    """What is known while decisions are taken.

    `segments` are those of each store. `orders` and `abandoned` are by customer; the latter says when each episode came
    to its first step. `holds` are the skus of a cart in an episode, `items` are by store and sku. `clicks` are
    by customer.
    """

    segments: Mapping[str, Mapping[str, Segment]] = field(default_factory=dict)
    orders: Mapping[Customer, Collection[CustomerOrder]] = field(default_factory=dict)
    abandoned: dict[Customer, dict[Episode, datetime]] = field(default_factory=dict)
    holds: Mapping[Episode, Collection[str]] = field(default_factory=dict)
    items: Mapping[tuple[str, str], ItemFacts] = field(default_factory=dict)
    clicks: Mapping[Customer, Collection[Click]] = field(default_factory=dict)

    def of_cart(self, cart: CartState) -> About:
        """What is asked of a cart that is abandoned: of its customer, and of what is in it."""
        episode = (cart.cart_id, cart.goods_version)
        return About(cart.store_id, cart.customer_id, self.holds.get(episode, ()), episode)

    def goods(self, about: About) -> list[ItemFacts]:
        """What is known of each of the goods."""
        return [self.items.get((about.store_id, sku), UNKNOWN_ITEM) for sku in about.skus]

    def is_in(self, about: About, segment: str, at: datetime) -> bool:
        """Whether a customer is in a segment at a moment; the cart that they abandon counts."""
        customer = (about.store_id, about.customer_id or "")
        abandoned = self._abandoned_before(about)
        this = [at] if about.episode is not None else []
        found = self.segments.get(about.store_id, {}).get(segment)
        return found is not None and found.has(self.orders.get(customer, ()), [*abandoned, *this], at)

    def times_abandoned(self, about: About, at: datetime) -> int:
        """How many other carts a customer had abandoned by then, in as long as that is known."""
        return sum(at - LONGEST_ABANDONED <= first <= at for first in self._abandoned_before(about))

    def _abandoned_before(self, about: About) -> list[datetime]:
        others = self.abandoned.get((about.store_id, about.customer_id or ""), {})
        return [first for episode, first in others.items() if episode != about.episode]

    def has_clicked(self, about: About, campaign: str, since: datetime, until: datetime) -> bool:
        """Whether a customer clicked on a message of a campaign between two moments, both of them included."""
        clicks = self.clicks.get((about.store_id, about.customer_id or ""), ())
        return any(one.campaign == campaign and since <= one.at <= until for one in clicks)

    def note(self, cart: CartState, due_at: datetime, reason: str) -> None:
        """Remembers that an episode came to a step, whatever was decided."""
        episodes = self.abandoned.get((cart.store_id, cart.customer_id or ""))
        if episodes is not None and reason not in NO_EPISODE:
            episode = (cart.cart_id, cart.goods_version)
            episodes[episode] = min(due_at, episodes.get(episode, due_at))


NO_FACTS = Facts()
"""Where no campaign goes by any: nothing is noted in it."""
