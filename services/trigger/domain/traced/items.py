"""Levels and prices of items while recorded events pass by, and who is told of them, as the tables have it live. Pure.

What a level, a price and a holder come to is decided by the functions that decide live; here is only what their
statements know (`db/fan_outs.py`): who holds the item, what they were told, what they bought.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from libs.contracts.events import CartEvent, Event, LevelSet, LowItem, PriceSet, WatchCleared, WatchSet
from services.trigger.domain.campaigns import StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import Decision
from services.trigger.domain.fan_outs import ALSO_MOST, FanOut, Holder
from services.trigger.domain.kinds.protocols import TellingCampaign
from services.trigger.domain.pages import Page, decide_page
from services.trigger.domain.participation import Participants
from services.trigger.domain.price_levels import Priced, PriceState, apply_prices
from services.trigger.domain.stock_levels import Crossing, Item, StockState
from services.trigger.domain.traced.facts import TracedFacts
from services.trigger.domain.traced.holders import HeldCart, TracedHolders
from services.trigger.domain.traced.watches import TracedWatch, TracedWatches

KEPT = timedelta(days=90)
"""For so long it is known what somebody was told, as live."""
_NOBODY = UUID(int=0)


class _ToldOf(NamedTuple):
    """What somebody was, or was not, told of an item; `named` are those that were named with it."""

    sku: str
    due_at: datetime
    sent: bool
    reason: str
    price: int | None
    named: frozenset[str] = frozenset()


class TracedItems:
    """Keeps only what some campaign of the store watches."""

    def __init__(self, campaigns: Callable[[str], StoreCampaigns], facts: TracedFacts) -> None:
        self._campaigns, self._facts = campaigns, facts
        self._levels: dict[Item, StockState] = {}
        self._prices: dict[Priced, PriceState] = {}
        self._holders = TracedHolders()
        self._watches = TracedWatches()
        self._open: dict[UUID, Crossing] = {}
        self._told: dict[tuple[str, str, str], list[_ToldOf]] = {}

    def cart_changed(self, after: CartState, event: CartEvent) -> None:
        """Takes in what an event says of a cart, beside the state that follows from it."""
        campaigns = self._campaigns(after.store_id)
        if campaigns.watches_items:
            self._holders.cart_changed(after, event, campaigns.is_held)
        if campaigns.on_stock:
            self._watches.learn(event)

    def learn(self, event: Event) -> Iterator[Crossing]:
        """Takes an event in; the crossings that are to be told from when they begin."""
        if isinstance(event, LevelSet):
            found = self._of_level(event)
        elif isinstance(event, PriceSet) and self._campaigns(event.store_id).on_prices:
            found = self._of_prices(event)
        else:
            if isinstance(event, WatchSet | WatchCleared) and self._campaigns(event.store_id).on_stock:
                self._watches.learn(event)
            return
        for crossing, since in found:
            if crossing is not None and crossing.occurred_at >= since and crossing.crossing_id not in self._open:
                self._open[crossing.crossing_id] = crossing
                yield crossing

    def _of_level(self, event: LevelSet) -> Iterator[tuple[Crossing | None, datetime]]:
        for campaign, since in self._campaigns(event.store_id).on_stock:
            item = (event.store_id, event.sku, campaign.name)
            self._levels[item], crossing = campaign.apply_level(self._levels.get(item), event)
            yield crossing, since

    def _of_prices(self, event: PriceSet) -> Iterator[tuple[Crossing | None, datetime]]:
        item = (event.store_id, event.sku)
        before = self._prices.get(item)
        self._prices[item], fallen = apply_prices(before, event)
        for campaign, since in self._campaigns(event.store_id).on_prices if self._prices[item] is not before else ():
            yield campaign.apply_prices(event, fallen), since

    def decide(self, crossing: Crossing, at: datetime, participants: Participants) -> tuple[Decision, ...]:
        """What is decided on those who hold an item, when they begin to be told."""
        campaigns = self._campaigns(crossing.store_id)
        found, fan_out = campaigns.telling(crossing.campaign), self._fan_out(crossing, at)
        page = Page()
        if found is not None and found[0].why_over(fan_out) is None:
            people = list(self._people(fan_out, found[0]))
            customers = {holder.customer_id for holder in people}
            facts = self._facts.of_people(fan_out.store_id, customers, campaigns.wanted_by(fan_out.campaign))
            page = decide_page(found[0], fan_out, people, participants, facts)
        del self._open[crossing.crossing_id]
        for one in page.decisions:
            self._note(one)
        if fan_out.waiting_since is not None:
            self._watches.note_told((fan_out.store_id, fan_out.sku), page.told_by, fan_out.occurred_at)
        return page.decisions

    def _fan_out(self, crossing: Crossing, at: datetime) -> FanOut:
        item = self._levels.get((crossing.store_id, crossing.sku, crossing.campaign))
        price = self._prices.get((crossing.store_id, crossing.sku))
        return FanOut(
            crossing_id=crossing.crossing_id,
            store_id=crossing.store_id,
            campaign=crossing.campaign,
            sku=crossing.sku,
            level=crossing.level,
            level_version=crossing.level_version,
            occurred_at=crossing.occurred_at,
            remaining=crossing.recipients,
            threshold=crossing.threshold,
            cursor_touched_at=crossing.occurred_at,
            cursor_cart_id=_NOBODY,
            rearmed=item is not None and item.armed,
            now=at,
            fallen=crossing.fallen,
            superseded=bool(crossing.fallen) and price is not None and price.version > crossing.level_version,
            waiting_since=crossing.waiting_since,
            level_now=item.level if item is not None else None,
        )

    def _people(self, fan_out: FanOut, campaign: TellingCampaign) -> Iterator[Holder]:
        """Those who hold the item, in the order in which they are told."""
        since = fan_out.occurred_at - campaign.look_back
        held = self._holders.of(fan_out.store_id, fan_out.sku, since)
        if fan_out.waiting_since is None:
            low = self._low_together(fan_out, campaign.together)
            for touched_at, cart in sorted(held, key=_when, reverse=True):
                yield self._holder(fan_out, campaign, touched_at, cart, low)
            return
        waiting = [self._holder(fan_out, campaign, *one) for one in held if one[0] <= fan_out.waiting_since]
        watches = self._watches.of((fan_out.store_id, fan_out.sku), fan_out.occurred_at)
        waiting += [self._watching(fan_out, watch) for watch in watches]
        for holder in sorted(waiting, key=lambda one: (one.touched_at, one.place.bytes)):
            told = self._told_of(fan_out, holder.customer_id)
            if not any(t.sent and t.sku == fan_out.sku and t.due_at >= fan_out.waiting_since for t in told):
                yield holder

    def _watching(self, fan_out: FanOut, watch: TracedWatch) -> Holder:
        return Holder(
            cart_id=None,
            watch_id=watch.watch_id,
            customer_id=watch.customer_id,
            touched_at=watch.set_at,
            cart_version=None,
            reach=self._facts.reach.get((fan_out.store_id, watch.customer_id)),
            bought=self._has_bought(fan_out, watch.customer_id, watch.set_at),
        )

    def _holder(
        self,
        fan_out: FanOut,
        campaign: TellingCampaign,
        touched_at: datetime,
        cart: HeldCart,
        low: Iterable[LowItem] = (),
    ) -> Holder:
        at, together, since = fan_out.occurred_at, campaign.together, fan_out.occurred_at - campaign.look_back
        told = self._told_of(fan_out, cart.customer_id)
        of_this = [one for one in told if one.sku == fan_out.sku]
        waits = fan_out.waiting_since is not None
        counts = [t for t in told if t.sent and (t.sku == fan_out.sku or (not waits and fan_out.sku in t.named))]
        near = [one for one in told if one.sent and together is not None and abs(one.due_at - at) <= together]
        known = {sku for one in near for sku in (one.sku, *one.named)}
        near = [one for one in near if one.sku != fan_out.sku]
        return Holder(
            cart_id=cart.cart_id,
            customer_id=cart.customer_id,
            touched_at=touched_at,
            cart_version=cart.goods_version,
            told_together=any(fan_out.sku in one.named for one in near),
            also_low=tuple(
                i for i in low if i.sku in cart.held and cart.held[i.sku].since >= since and i.sku not in known
            ),
            cooling_down=any(at - campaign.cool_down < one.due_at <= at for one in counts),
            currency=cart.currency,
            seen_price=None if waits else cart.held[fan_out.sku].seen_price,
            total=cart.total,
            origin=cart.origin,
            reach=self._facts.reach.get((fan_out.store_id, cart.customer_id)),
            told_price=min((t.price for t in of_this if t.sent and t.price is not None), default=None),
            bought=self._has_bought(fan_out, cart.customer_id, min(touched_at, at - campaign.bought_within)),
        )

    def _has_bought(self, fan_out: FanOut, customer_id: str, since: datetime) -> bool:
        orders = self._facts.bought((fan_out.store_id, customer_id))
        return any(order.counts and order.placed_at >= since and fan_out.sku in skus for order, skus in orders)

    def _low_together(self, fan_out: FanOut, together: timedelta | None) -> list[LowItem]:
        """What else runs low with it, the earliest first; nothing where each item is a message of its own."""
        if together is None:
            return []
        found: dict[str, tuple[datetime, int | None]] = {}
        for one in self._open.values():
            if (one.store_id, one.campaign) != (fan_out.store_id, fan_out.campaign) or one.sku == fan_out.sku:
                continue
            item = self._levels.get((one.store_id, one.sku, one.campaign))
            if (item is not None and item.armed) or abs(one.occurred_at - fan_out.occurred_at) > together:
                continue
            first, threshold = found.get(one.sku, (one.occurred_at, None))
            highest = max((t for t in (threshold, one.threshold) if t is not None), default=None)
            found[one.sku] = (min(first, one.occurred_at), highest)
        ordered = sorted(found.items(), key=lambda one: (one[1][0], one[0]))[:ALSO_MOST]
        return [LowItem(sku=sku, threshold=threshold) for sku, (_, threshold) in ordered]

    def _told_of(self, fan_out: FanOut, customer_id: str) -> list[_ToldOf]:
        told = self._told.get((fan_out.store_id, fan_out.campaign, customer_id), ())
        return [one for one in told if one.due_at > fan_out.occurred_at - KEPT]

    def _note(self, one: Decision) -> None:
        """What was decided on somebody is known for as long as live."""
        who = (one.store_id, one.campaign, one.customer_id or "")
        named = frozenset(item.sku for item in one.also_low)
        of_item = _ToldOf(one.sku or "", one.due_at, one.outcome == "would_send", one.reason, one.price, named)
        kept = [told for told in self._told.get(who, ()) if told.due_at > one.due_at - KEPT]
        self._told[who] = [*kept, of_item]


def _when(one: tuple[datetime, HeldCart]) -> tuple[datetime, bytes]:
    return one[0], one[1].cart_id.bytes
