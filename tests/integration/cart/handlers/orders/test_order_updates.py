"""What becomes of an order: once on record, whoever tells it and in whatever order, and told on."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import OrderEvent, OrderShipped
from tests.integration.cart.shop import OTHER_KEY, Shop, done, held, refused


def bought(**units: int) -> list[dict[str, Any]]:
    return [{"sku": sku, "quantity": quantity} for sku, quantity in units.items()]


async def update(shop: Shop, kind: str, status: int = 201, order_id: str = "o-1", **more: Any) -> Any:
    shop.clock.forward(timedelta(minutes=1))
    return done(await shop.server().ask("POST", f"/orders/{order_id}/events", {"type": kind} | more), status)


async def updates(shop: Shop) -> list[tuple[str, str, str | None]]:
    found = [event for event in await shop.events() if isinstance(event, OrderEvent)]
    assert len({event.key() for event in found}) <= 1
    return [(event.type.removeprefix("order."), event.status, event.mismatch) for event in found]


async def test_an_order_is_shipped_delivered_and_sent_back_in_part(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea", 2)
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2, gift=1))
    await update(shop, "shipped", lines=bought(tea=1))
    assert (await update(shop, "cancelled", lines=bought(tea=1)))["status"] == "shipped"
    await update(shop, "shipped")
    assert (await update(shop, "delivered"))["status"] == "delivered"
    await update(shop, "returned", lines=bought(gift=1))
    history = await update(shop, "returned")
    assert [fact["type"] for fact in history["events"]] == [
        "shipped",
        "cancelled",
        "shipped",
        "delivered",
        "returned",
        "returned",
    ]
    assert history["status"] == "returned"
    assert done(await shop.server().ask("GET", "/orders/o-1")) == history
    assert (await anna.cart())["id"] is None
    assert (await shop.server().look(cart["id"]))["cart"]["status"] == "ordered"
    assert [status for _, status, _ in await updates(shop)] == [
        "shipped",
        "shipped",
        "shipped",
        "delivered",
        "delivered",
        "returned",
    ]
    placed, *others = [e for e in await shop.events() if e.type.startswith("order.")]
    assert {event.key() for event in others} == {placed.key()}


async def test_a_cancelled_order_reopens_nothing(shop: Shop):
    anna = shop.customer()
    await anna.add("tea")
    await shop.server().order("o-1", customer_id="anna")
    await anna.add("jam")
    assert (await update(shop, "cancelled"))["status"] == "cancelled"
    assert held(await anna.cart()) == {"jam": 1}


@pytest.mark.parametrize(
    ("before", "told", "mismatch"),
    [
        (["delivered"], {"type": "cancelled"}, "status"),
        (["cancelled"], {"type": "shipped"}, "status"),
        (["shipped"], {"type": "cancelled"}, "status"),
        (["returned"], {"type": "delivered"}, "status"),
        ([], {"type": "cancelled", "lines": bought(tea=3)}, "quantity"),
        ([], {"type": "returned", "lines": bought(cap=1)}, "quantity"),
    ],
)
async def test_what_cannot_happen_is_refused_and_changes_nothing(
    shop: Shop, before: list[str], told: dict[str, Any], mismatch: str
):
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    for kind in before:
        await update(shop, kind)
    was = await updates(shop)
    shop.clock.forward(timedelta(minutes=1))
    problem = refused(await shop.server().ask("POST", "/orders/o-1/events", told), 409, "order-mismatch")
    assert problem["mismatch"] == mismatch
    assert await updates(shop) == was


async def test_the_same_again_changes_nothing(shop: Shop):
    await shop.server().order("o-1", customer_id="anna")
    first = await update(shop, "shipped", occurred_at="2026-03-01T10:00:00Z")
    assert await update(shop, "shipped", 200, occurred_at="2026-03-01T10:00:00Z") == first
    assert await update(shop, "shipped", 200, occurred_at="2026-03-01T10:00:07Z") == first
    same = {"type": "shipped", "occurred_at": "2026-03-01T10:00:00+00:00", "lines": bought(tea=1)}
    refused(await shop.server().ask("POST", "/orders/o-1/events", same), 409, "update-conflict")
    assert len(await updates(shop)) == 1


async def test_equal_updates_at_once_are_one(shop: Shop):
    await shop.server().order("o-1", customer_id="anna")
    body = {"type": "shipped", "occurred_at": "2026-03-01T10:00:00Z"}
    asked = [shop.server(replica=n % 2).ask("POST", "/orders/o-1/events", body) for n in range(8)]
    assert sorted(answer.status_code for answer in await asyncio.gather(*asked)) == [200] * 7 + [201]
    assert len(await updates(shop)) == 1


async def test_an_order_that_nobody_told_of_is_not_found(shop: Shop):
    server = shop.server()
    refused(await server.ask("GET", "/orders/o-1"), 404, "unknown-order")
    refused(await server.ask("POST", "/orders/o-1/events", {"type": "shipped"}), 404, "unknown-order")
    await server.order("o-1")
    other = shop.server(OTHER_KEY, "other")
    refused(await other.ask("GET", "/orders/o-1"), 404, "unknown-order")
    refused(await server.ask("POST", "/orders/o-1/events", {"type": "eaten"}), 422, "invalid-request")
    assert await updates(shop) == []


async def test_an_order_id_may_hold_a_slash(shop: Shop):
    await shop.server().order("2026/7", customer_id="anna")
    assert (await update(shop, "shipped", order_id="2026%2F7"))["order_id"] == "2026/7"
    assert done(await shop.server().ask("GET", "/orders/2026%2F7"))["status"] == "shipped"


PARCEL = "https://parcels.example/42"


async def parcel(shop: Shop) -> str | None:
    seen = done(await shop.server().ask("GET", "/customers/anna/look?order_id=o-1"))["order"]
    return None if seen is None else str(seen["tracking_url"] or "")


async def test_where_a_parcel_is_followed_is_told_on_and_seen(shop: Shop):
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    assert await parcel(shop) == ""
    history = await update(shop, "shipped", tracking_url=PARCEL)
    assert [fact["tracking_url"] for fact in history["events"]] == [PARCEL]
    (shipped,) = [event for event in await shop.events() if isinstance(event, OrderShipped)]
    assert shipped.tracking_url == PARCEL
    assert await parcel(shop) == PARCEL
    await update(shop, "delivered")
    assert await parcel(shop) == PARCEL


async def test_a_parcel_that_can_be_followed_only_later_is_told_with_the_same_fact(shop: Shop):
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    await update(shop, "shipped")
    history = await update(shop, "shipped", 200, tracking_url=PARCEL)
    assert [fact["tracking_url"] for fact in history["events"]] == [PARCEL]
    assert (await update(shop, "shipped", 200, tracking_url=f"{PARCEL}0")) == history, "the first link stays"
    assert (await update(shop, "shipped", 200)) == history
    assert await updates(shop) == [("shipped", "shipped", None)]


async def test_a_link_that_is_none_is_refused_and_changes_nothing(shop: Shop):
    await shop.server().order("o-1", customer_id="anna", lines=bought(tea=2))
    for told in (
        {"type": "shipped", "tracking_url": "https://anna:pw@parcels.example"},
        {"type": "delivered", "tracking_url": PARCEL},
    ):
        refused(await shop.server().ask("POST", "/orders/o-1/events", told), 422, "invalid-request")
    assert await updates(shop) == []
