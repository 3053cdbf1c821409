"""Events as the cart service would tell them, with only what a test is about to say."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID, uuid5

from libs.contracts.codec import decode
from libs.contracts.events import (
    CartClaimed,
    CartCleared,
    CartDetailsSet,
    CartEvent,
    CartExpired,
    CartMergedAway,
    CartOrdered,
    CartReopened,
    CartSilenced,
    CheckoutStarted,
    LevelSet,
    LineAdded,
    LineRemoved,
    MessageClicked,
    PriceSet,
    ReachSet,
    ReminderRequested,
    ToldPrice,
    WatchCleared,
    WatchSet,
)
from libs.files.yaml_file import parse
from libs.runtime.ids import uuid7
from services.trigger.domain import episodes
from services.trigger.domain.campaigns import ActiveCampaign, CampaignFile, StoreCampaigns
from services.trigger.domain.carts import CartState
from services.trigger.domain.decision import Decision
from services.trigger.domain.kinds.registry import KINDS
from services.trigger.domain.participation import Participants
from services.trigger.handlers.tell_decisions import rows_of

NAMESPACE = UUID("9b0f7a0e-0000-4000-8000-000000000000")
T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STORE = "shop"

THREE_STEPS = """
campaigns:
  - name: abandoned_cart
    kind: abandoned_cart
    steps:
      - {delay: 1h, channel: email, template: abandoned_cart, lateness: 6h}
      - {delay: 24h, channel: sms, template: abandoned_cart, lateness: 12h}
      - {delay: 48h, channel: email, template: abandoned_cart, lateness: 24h}
  - name: low_stock
    kind: low_stock
    steps:
      - {channel: sms, template: low_stock}
"""


def campaigns(text: str = THREE_STEPS, since: datetime | None = None) -> StoreCampaigns:
    """The campaigns of a file, switched on at `since` or for ever."""
    if since is None:
        return StoreCampaigns.always(parse(text, "test.yaml", CampaignFile))
    return StoreCampaigns(tuple(ActiveCampaign(c, since) for c in parse(text, "test.yaml", CampaignFile).campaigns))


def after(**delay: float) -> datetime:
    """A moment after T0, in the words of timedelta."""
    return T0 + timedelta(**delay)


def cart_id(name: str) -> UUID:
    """The id of the cart that a test calls by this name."""
    return uuid5(NAMESPACE, name)


def _facts(
    name: str, version: int, at: datetime, holds: Mapping[str, int], customer: str | None, total: int | None
) -> dict[str, object]:
    return {
        "event_id": uuid5(NAMESPACE, f"{name}|{version}"),
        "occurred_at": at,
        "cart_id": cart_id(name),
        "store_id": STORE,
        "customer_id": f"customer-{name}" if customer == "" else customer,
        "cart_version": version,
        "currency": "EUR",
        "total": sum(holds.values()) * 1000 if total is None else total,
        "units": sum(holds.values()),
        "holds": dict(holds),
    }


def added(
    name: str = "a",
    version: int = 1,
    at: datetime = T0,
    holds: Mapping[str, int] | None = None,
    *,
    customer: str | None = "",
    total: int | None = None,
) -> LineAdded:
    """One unit came to the cart `name`; `customer` None is a guest, by default the cart has a customer of its own."""
    holds = {"tea": 1} if holds is None else holds
    sku = next(iter(holds))
    line = {"line_id": uuid5(cart_id(name), sku), "sku": sku, "added": 1, "quantity": holds[sku]}
    return LineAdded.model_validate(_facts(name, version, at, holds, customer, total) | line)


def reached(customer: str = "customer-a", version: int = 1, **told: Any) -> ReachSet:
    """The notifier tells how a customer can be reached: by both channels where nothing else is said."""
    event_id = uuid5(NAMESPACE, f"reach|{customer}|{version}")
    facts = {"event_id": event_id, "occurred_at": T0, "store_id": STORE, "customer_id": customer}
    return ReachSet.model_validate(facts | {"reach_version": version, "email": True, "sms": True} | told)


def watched(name: str, at: datetime = T0, version: int = 1, customer: str | None = None, sku: str = "tea") -> WatchSet:
    """Somebody (by default `customer-<name>`) waits for an item, since then."""
    return WatchSet(
        event_id=uuid7(),
        occurred_at=at,
        watch_id=uuid5(NAMESPACE, f"watch {name}"),
        watch_version=version,
        store_id=STORE,
        customer_id=customer or f"customer-{name}",
        sku=sku,
        set_at=at,
    )


def unwatched(name: str, at: datetime = T0, version: int = 2, reason: str = "asked") -> WatchCleared:
    """Nobody waits any more by that watch."""
    before = watched(name, at, version)
    return WatchCleared.model_validate(before.model_dump() | {"event_id": uuid7(), "reason": reason})


def clicked(customer: str = "customer-a", at: datetime = T0, campaign: str = "cart", **more: Any) -> MessageClicked:
    """The notifier tells that a link of a message was followed."""
    facts = {"event_id": uuid5(NAMESPACE, f"click|{customer}|{at}"), "occurred_at": at, "store_id": STORE}
    told = {"reminder_id": uuid5(NAMESPACE, f"{campaign}|{customer}|{at}"), "customer_id": customer}
    message = {"campaign": campaign, "kind": "abandoned_cart", "step": 1, "channel": "sms"}
    return MessageClicked.model_validate(facts | told | message | more)


def removed(
    name: str = "a", version: int = 2, at: datetime = T0, holds: Mapping[str, int] | None = None
) -> LineRemoved:
    """A line was taken out; what is left in `holds`."""
    line = {"line_id": uuid5(cart_id(name), "gone"), "sku": "gone", "previous": 1}
    return LineRemoved.model_validate(_facts(name, version, at, holds or {}, "", None) | line)


def cleared(name: str = "a", version: int = 2, at: datetime = T0) -> CartCleared:
    """Everything was taken out."""
    return CartCleared.model_validate(_facts(name, version, at, {}, "", None))


def claimed(name: str = "a", version: int = 2, at: datetime = T0, customer: str = "anna") -> CartClaimed:
    """A guest's cart became a customer's."""
    return CartClaimed.model_validate(_facts(name, version, at, {"tea": 1}, customer, None))


def noted(name: str = "a", version: int = 2, at: datetime = T0, goods: int = 1, **more: Any) -> CartDetailsSet:
    """A note was written on a line: the goods are those of version `goods`."""
    facts = _facts(name, version, at, more.get("holds", {"tea": 1}), more.get("customer", ""), None)
    return CartDetailsSet.model_validate(facts | {"goods_version": goods, "changed": ("notes",)})


def paying(name: str = "a", version: int = 2, at: datetime = T0, goods: int = 1, **more: Any) -> CheckoutStarted:
    """The shopper began to pay for the goods of version `goods`."""
    facts = _facts(name, version, at, more.get("holds", {"tea": 1}), more.get("customer", ""), None)
    words = {"goods_version": goods, "changed": ("checkout",), "origin": more.get("origin")}
    return CheckoutStarted.model_validate(facts | words)


def silenced(
    name: str = "a", version: int = 1, at: datetime = T0, goods: int | None = None, **more: Any
) -> CartSilenced:
    """The customer has ordered something: the cart is as it was, and so is its version."""
    facts = _facts(name, version, at, more.get("holds", {"tea": 1}), more.get("customer", ""), None)
    words = {"goods_version": goods or version, "silent": True, "order_id": "order-of-something"}
    return CartSilenced.model_validate(facts | words)


def rest(name: str = "a", version: int = 1, at: datetime = T0, **more: Any) -> LineAdded:
    """What an order left: a cart that is silent from the start."""
    return added(name, version, at, **more).model_copy(update={"silent": True})


def reopened(
    name: str = "a", version: int = 1, at: datetime = T0, holds: Mapping[str, int] | None = None
) -> CartReopened:
    """What an order had taken is in the cart again."""
    facts = _facts(name, version, at, holds or {"tea": 1}, "", None)
    return CartReopened.model_validate(facts | {"order_id": "order-of-it", "from_cart_id": cart_id("taken")})


def ordered(name: str = "a", version: int = 2, at: datetime = T0) -> CartOrdered:
    """The cart was ordered."""
    return CartOrdered.model_validate(_facts(name, version, at, {}, "", None) | {"order_id": f"order-{name}"})


def closed_otherwise(kind: str, name: str = "a", version: int = 2, at: datetime = T0) -> CartEvent:
    """The cart ended as `merged_away` or `expired`."""
    facts = _facts(name, version, at, {}, "", None)
    if kind == "expired":
        return CartExpired.model_validate(facts)
    return CartMergedAway.model_validate(facts | {"into_cart_id": cart_id("other")})


def level(available: int, version: int, at: datetime = T0, sku: str = "tea", **more: int) -> LevelSet:
    """The level of an item was set."""
    return LevelSet(
        event_id=uuid5(NAMESPACE, f"{sku}|{version}"),
        occurred_at=at,
        store_id=STORE,
        sku=sku,
        available=available,
        level_version=version,
        threshold=more.get("threshold"),
        rearm_above=more.get("rearm_above"),
    )


def prices(version: int, *told: ToldPrice, at: datetime = T0, sku: str = "tea") -> PriceSet:
    """The prices of an item were set."""
    return PriceSet(
        event_id=uuid5(NAMESPACE, f"price|{sku}|{version}"),
        occurred_at=at,
        store_id=STORE,
        sku=sku,
        price_version=version,
        prices=told,
    )


def costs(price: int, previous: int | None = None, currency: str = "EUR", **options: str) -> ToldPrice:
    """One of them."""
    return ToldPrice(currency=currency, price=price, previous=previous, options=options)


def wake(state: CartState, campaigns: StoreCampaigns, read_until: datetime, now: datetime) -> episodes.Awoken:
    """As the trigger does for a customer of whom nothing is known."""
    return episodes.wake(state, campaigns, read_until, now, Participants())


def requested(decided: Decision, now: datetime = T0) -> ReminderRequested:
    """What a notifier reads of a decision."""
    rows = rows_of([decided._replace(outcome="would_send")], now, lambda _: "")
    event = decode(rows.keys[0], json.loads(rows.headers[0]), rows.values[0])
    assert isinstance(event, ReminderRequested)
    return event


def kind_names() -> list[str]:
    """The names of all kinds, as campaign files say them."""
    models: tuple[Any, ...] = KINDS
    return [name for model in models for name in get_args(model.model_fields["kind"].annotation)]
