"""The real path tells people of levels, prices and orders whom the backtest tells over the same facts."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid5

import pytest

from libs.contracts.events import Event, OrderPlaced, OrderShipped, ProductViewed
from services.trigger.domain.backtest import decisions
from tests.integration.trigger.conftest import Trigger, ago
from tests.unit.trigger.making import (
    NAMESPACE,
    STORE,
    added,
    campaigns,
    clicked,
    costs,
    level,
    ordered,
    prices,
    reached,
    unwatched,
    watched,
)
from tests.unit.trigger.saving import saved

PATIENT = """
campaigns:
  - name: low
    kind: low_stock
    recipients_per_unit: 1
    cool_down: 5h
    steps: [{channel: sms, template: t, lateness: 300d}]
  - {name: back, kind: back_in_stock, recipients_per_unit: 1, steps: [{channel: email, template: t, lateness: 300d}]}
  - {name: price, kind: price_drop, cool_down: 3h, steps: [{channel: email, template: t, lateness: 300d}]}
  - {name: confirmed, kind: order_confirmed, steps: [{channel: email, template: t, lateness: 300d}]}
  - name: sent
    kind: post_purchase
    after: shipped
    steps: [{delay: 90m, channel: email, template: t, lateness: 300d}]
  - {name: looked, kind: browse, steps: [{delay: 4h, channel: email, template: t, lateness: 300d}]}
  - {name: aside, kind: saved_items, steps: [{delay: 5h, channel: email, template: t, lateness: 300d}]}
  - {name: win, kind: win_back, steps: [{delay: 6h, channel: email, template: t, lateness: 300d}]}
  - name: cart
    kind: abandoned_cart
    enter: {segment: new}
    exit_on: [order.placed, {message.clicked: 3h}]
    steps: [{delay: 2h, channel: email, template: t, lateness: 300d}]
segments: {new: {orders: 0}}
"""
SKUS = ("tea", "jam", "cup")


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """Campaigns of many kinds, without lateness."""
    (tmp_path / "default.yaml").write_text(PATIENT)
    return tmp_path


class Shop:
    """What happens in a shop, drawn at random: each event with a minute or more before it, so that those who are told
    two seconds after a level fell are told before the next.
    """

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self._at = datetime.now(ago().tzinfo).replace(microsecond=0) - timedelta(days=50)
        self._versions: dict[str, int] = {}
        self._carts = dict.fromkeys("abcdefgh", 0)
        self._ordered_by: dict[str, str] = {}
        self._held: dict[str, dict[str, int]] = {}

    def events(self, number: int) -> list[Event]:
        """So many, in order of time."""
        return [event for _ in range(number) for event in self._next()]

    def _next(self) -> list[Event]:
        self._at += timedelta(minutes=self._rng.choice([1, 5, 30, 60, 90, 120, 180]))
        kinds = {"cart": 8, "level": 10, "price": 5, "buy": 1, "order": 2, "ship": 2, "reach": 1}
        kinds |= {"watch": 4, "unwatch": 1, "save": 3, "look": 3, "click": 3}
        kind = self._rng.choices(list(kinds), list(kinds.values()))[0]
        sku, who = self._rng.choice(SKUS), self._rng.choice("abcdefgh")
        match kind:
            case "level":
                return [level(self._rng.choice([0, 2, 4, 9, 9]), self._version(sku), self._at, sku)]
            case "price":
                costs_now = costs(self._rng.choice([500, 600, 800, 1000]))
                return [prices(self._version(f"price {sku}"), costs_now, at=self._at, sku=sku)]
            case "order" | "ship":
                return [self._order(who, sku, ships=kind == "ship")]
            case "reach":
                version, by_email = self._version(f"reach {who}"), self._rng.random() < 0.5
                return [reached(f"customer-{who}", version, email=by_email, occurred_at=self._at)]
            case "buy" | "cart":
                return self._of_cart(who, buys=kind == "buy")
            case _:
                return self._beside(kind, sku, who)

    def _beside(self, kind: str, sku: str, who: str) -> list[Event]:
        """What somebody does beside their cart."""
        match kind:
            case "click":
                return [clicked(f"customer-{who}", self._at)]
            case "look":
                facts = {"event_id": uuid5(NAMESPACE, f"look{self._at}"), "occurred_at": self._at}
                return [ProductViewed(**facts, store_id=STORE, customer_id=f"customer-{who}", skus=(sku,))]
            case "watch":
                name = f"{who}{sku}{self._version(f'watch {who}{sku}')}"
                return [watched(name, self._at, customer=f"customer-{who}", sku=sku)]
            case "unwatch":
                number = self._versions.get(f"watch {who}{sku}", 0)
                before = unwatched(f"{who}{sku}{number}", self._at)
                return [before.model_copy(update={"customer_id": f"customer-{who}", "sku": sku})]
            case "save":
                aside = self._rng.sample(SKUS, self._rng.randint(0, 2))
                return [
                    saved(f"aside {who}", self._version(f"aside {who}"), self._at, *aside, customer=f"customer-{who}")
                ]
        raise AssertionError(kind)

    def _of_cart(self, who: str, *, buys: bool) -> list[Event]:
        name = f"{who}{self._carts[who]}"
        if buys and self._versions.get(name):
            self._carts[who] += 1
            order = self._order(who, *self._held[name], ships=False)
            closed = ordered(name, self._version(name), self._at)
            own = {"customer_id": f"customer-{who}", "order_id": order.order_id}
            return [closed.model_copy(update=own), order]
        held = {one: self._rng.randint(1, 2) for one in self._rng.sample(SKUS, self._rng.randint(1, 3))}
        self._held[name] = held
        told = added(name, self._version(name), self._at, held)
        return [told.model_copy(update={"customer_id": f"customer-{who}"})]

    def _version(self, of: str) -> int:
        self._versions[of] = self._versions.get(of, 0) + 1
        return self._versions[of]

    def _order(self, who: str, *skus: str, ships: bool) -> OrderPlaced | OrderShipped:
        if ships and self._ordered_by:
            order_id, who = self._rng.choice(sorted(self._ordered_by.items()))
        else:
            order_id, ships = f"order-{len(self._ordered_by) + 1}", False
            self._ordered_by[order_id] = who
        facts = {"occurred_at": self._at, "store_id": STORE, "customer_id": f"customer-{who}", "order_id": order_id}
        if ships:
            event_id = uuid5(NAMESPACE, f"{order_id}{self._at}")
            return OrderShipped(event_id=event_id, happened_at=self._at, status="shipped", **facts)
        return OrderPlaced(event_id=uuid5(NAMESPACE, order_id), skus=skus, total=5000, currency="EUR", **facts)


async def work(trigger: Trigger, until: datetime) -> None:
    """All that is due before a moment up to which everything was read."""
    await trigger.read_until(until)
    while await trigger.timers.fire() or await trigger.timers.fire_occasions() or await trigger.timers.fan_out():
        continue


@pytest.mark.parametrize("seed", range(4))
async def test_the_real_path_and_the_backtest_tell_the_same_people_the_same(trigger: Trigger, seed: int) -> None:
    events = Shop(seed).events(120)
    for event in events:
        await work(trigger, event.occurred_at)
        await trigger.receive(event)
    until = events[-1].occurred_at + timedelta(hours=12)
    await work(trigger, until + timedelta(microseconds=1))
    rows = await trigger.pool.fetch("SELECT reminder_id, customer_id, campaign, outcome, reason, price FROM decisions")
    expected = {d.reminder_id: d for d in decisions(events, campaigns(PATIENT), until)}
    # steps that were voided in time have no decision live
    live = {r["reminder_id"]: (r["customer_id"], r["campaign"], r["outcome"], r["reason"], r["price"]) for r in rows}
    told = {key: (d.customer_id, d.campaign, d.outcome, d.reason, d.price) for key, d in expected.items()}
    assert live == {key: one for key, one in told.items() if key in live}
    assert {key for key, d in expected.items() if d.outcome == "would_send"} <= live.keys()
    assert {d.campaign for d in expected.values()} == {
        "low",
        "back",
        "price",
        "confirmed",
        "sent",
        "win",
        "cart",
        "looked",
        "aside",
    }
    assert any(d.campaign == "back" and d.cart_id is None for d in expected.values()), "somebody who waits"
