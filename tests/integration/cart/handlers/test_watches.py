"""Customers who ask to be told when an item is back, and all the ways in which that ends."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.contracts.events import MessageCancelled, MessageSent, MessageUnknown, WatchCleared, WatchEvent, WatchSet
from libs.inbox.records import Received
from libs.runtime.ids import uuid7
from services.cart.domain.watch import KEPT, MAX_WATCHES
from services.cart.feeds.messages import SentMessages
from services.cart.handlers.watches import WatchHandlers
from tests.integration.cart.handlers.test_erasure import erase
from tests.integration.cart.shop import Shop, Visitor, done, refused

RUG = {"sku": "rug", "options": {"size": "L"}}


async def watch(who: Visitor, sku: str = "rug", status: int = 201, **more: Any) -> Any:
    return done(await who.ask("POST", "/watches", {"sku": sku} | more), status)


async def waits_for(who: Visitor) -> list[str]:
    return [one["sku"] for one in done(await who.ask("GET", "/watches"))["watches"]]


async def told(shop: Shop) -> list[WatchEvent]:
    return [event for event in await shop.events() if isinstance(event, WatchEvent)]


async def ends(shop: Shop) -> list[tuple[str, str]]:
    return [(event.sku, event.reason) for event in await told(shop) if isinstance(event, WatchCleared)]


async def test_a_watch_is_shown_to_whoever_set_it_and_told_to_the_others(shop: Shop):
    anna = shop.customer()
    set_ = await watch(anna, options={"size": "L"})
    assert (set_["sku"], set_["options"]) == ("rug", {"size": "L"})
    assert done(await anna.ask("GET", "/watches")) == {"watches": [set_]}
    (event,) = await told(shop)
    assert isinstance(event, WatchSet)
    assert (str(event.watch_id), event.watch_version, event.customer_id) == (set_["watch_id"], 1, "anna")
    assert (event.sku, event.store_id) == ("rug", "shop")
    assert await waits_for(shop.customer("ben")) == []
    assert shop.touched


async def test_the_same_again_is_the_same_watch_and_keeps_its_place(shop: Shop):
    anna = shop.customer()
    first = await watch(anna, options={"size": "L"})
    await watch(anna, "lamp")
    again = await watch(anna, " rug", 200, options={"size ": "L"})
    assert again == first
    assert await waits_for(anna) == ["rug", "lamp"]
    assert len(await told(shop)) == 2


async def test_the_same_call_again_is_answered_as_before(shop: Shop):
    anna = shop.customer()
    answers = [await anna.ask("POST", "/watches", RUG, Idempotency_Key="k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[1].headers["Idempotency-Replayed"]
    assert len(await told(shop)) == 1


async def test_whoever_waits_no_more_says_so_and_others_are_told_once(shop: Shop):
    anna = shop.customer()
    rug = await watch(anna)
    await watch(anna, "lamp")
    for _ in range(2):
        done(await anna.ask("DELETE", f"/watches/{rug['watch_id']}"), 204)
    assert await waits_for(anna) == ["lamp"]
    done(await anna.ask("DELETE", "/watches"), 204)
    assert await waits_for(anna) == []
    assert await ends(shop) == [("rug", "asked"), ("lamp", "asked")]
    cleared = (await told(shop))[2]
    assert (str(cleared.watch_id), cleared.watch_version, cleared.customer_id) == (rug["watch_id"], 2, "anna")


async def test_nobody_clears_what_somebody_else_waits_for(shop: Shop):
    rug = await watch(shop.customer())
    done(await shop.customer("ben").ask("DELETE", f"/watches/{rug['watch_id']}"), 204)
    done(await shop.customer("ben").ask("DELETE", "/watches"), 204)
    done(await shop.server().ask("DELETE", f"/customers/ben/watches/{rug['watch_id']}"), 204)
    assert await waits_for(shop.customer()) == ["rug"]


async def test_a_server_does_it_for_a_customer(shop: Shop):
    server, anna = shop.server(), shop.customer()
    rug = done(await server.ask("POST", "/customers/anna/watches", RUG), 201)
    assert done(await server.ask("POST", "/customers/anna/watches", RUG)) == rug
    assert await waits_for(anna) == ["rug"]
    await watch(anna, "lamp")
    listed = done(await server.ask("GET", "/customers/anna/watches"))["watches"]
    assert [one["sku"] for one in listed] == ["rug", "lamp"]
    done(await server.ask("DELETE", f"/customers/anna/watches/{rug['watch_id']}"), 204)
    assert await waits_for(anna) == ["lamp"]
    done(await server.ask("DELETE", "/customers/anna/watches"), 204)
    assert await waits_for(anna) == []


async def test_nobody_waits_for_more_than_anybody_would(shop: Shop):
    anna = shop.customer()
    for number in range(MAX_WATCHES):
        await watch(anna, f"sku-{number}")
    problem = refused(await anna.ask("POST", "/watches", RUG), 409, "too-many-watches")
    assert problem["limit"] == MAX_WATCHES
    await watch(anna, "sku-3", 200)
    await watch(shop.customer("ben"))


async def test_two_who_ask_at_once_for_one_person_set_one_watch(shop: Shop):
    anna = shop.customer()
    asked = [(anna if n % 2 else shop.elsewhere(anna)).ask("POST", "/watches", RUG) for n in range(6)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*asked))
    assert statuses == [200] * 5 + [201]
    assert len(await told(shop)) == 1


@pytest.mark.parametrize("wrong", [{}, {"sku": ""}, {"sku": "a\x07b"}, {"sku": "a", "customer_id": "ben"}])
async def test_what_is_no_item_is_refused_whole(shop: Shop, wrong: dict[str, Any]):
    refused(await shop.customer().ask("POST", "/watches", wrong), 422, "invalid-request")
    assert await told(shop) == []


async def test_whoever_has_ordered_it_waits_no_more(shop: Shop):
    anna, server = shop.customer(), shop.server()
    for sku in ("rug", "lamp"):
        await watch(anna, sku)
        await watch(shop.customer("ben"), sku)
    line = {"sku": "rug", "quantity": 1}
    await server.order("1", customer_id="anna", lines=[line])
    assert (await waits_for(anna), await ends(shop)) == (["lamp"], [("rug", "ordered")])
    await watch(anna, "rug")
    await server.order("1", 200, customer_id="anna", lines=[line])
    assert await waits_for(anna) == ["lamp", "rug"]
    assert await waits_for(shop.customer("ben")) == ["rug", "lamp"]


async def test_an_order_from_before_it_was_set_ends_no_watch(shop: Shop):
    anna = shop.customer()
    before = (shop.clock() - timedelta(days=1)).isoformat()
    await watch(anna)
    await shop.server().order("1", customer_id="anna", lines=[{"sku": "rug", "quantity": 1}], placed_at=before)
    assert await waits_for(anna) == ["rug"]


async def test_an_order_of_a_whole_cart_ends_what_was_in_it(shop: Shop):
    anna = shop.customer()
    await anna.add("rug")
    await watch(anna)
    await shop.server().order("1", customer_id="anna", cart_id=(await anna.cart())["id"])
    assert await waits_for(anna) == []


async def test_a_watch_ends_by_itself_in_the_end(shop: Shop):
    anna, house = shop.customer(), WatchHandlers(shop.pool, shop.clock, lambda *_: shop.touched.append(1))
    await watch(anna)
    assert await house.round() == 0
    shop.clock.forward(KEPT + timedelta(minutes=1))
    shop.touched.clear()
    assert (await house.round(), await house.round()) == (1, 0)
    assert (len(shop.touched), await ends(shop)) == (1, [("rug", "expired")])


async def test_customers_who_become_one_wait_for_all_of_it_once(shop: Shop):
    anna, old = shop.customer(), shop.customer("loyal-7")
    first, _ = await watch(old, "rug"), await watch(old, "lamp")
    await watch(anna, "lamp")
    done(await shop.server().ask("POST", "/customers/loyal-7/merge", {"into": "anna"}))
    listed = done(await anna.ask("GET", "/watches"))["watches"]
    assert [one["sku"] for one in listed] == ["rug", "lamp"]
    assert listed[0] == first
    assert await waits_for(old) == ["rug", "lamp"], "it is another name of hers"
    moved = next(event for event in await told(shop) if event.watch_version == 2)
    assert isinstance(moved, WatchSet)
    assert (str(moved.watch_id), moved.customer_id) == (first["watch_id"], "anna")
    assert await ends(shop) == [("lamp", "watched_already")]


async def test_an_erasure_takes_it_and_names_nobody(shop: Shop):
    await watch(shop.customer())
    done(await shop.server().ask("PUT", "/customers/anna/identities/loyal-7"))
    exported = (await shop.server().ask("GET", "/customers/loyal-7/export")).json()["watches"]
    assert [(one["sku"], one["customer_id"]) for one in exported] == [("rug", "anna")]
    await erase(shop.server())
    assert await waits_for(shop.customer()) == []
    cleared = (await told(shop))[-1]
    assert "anna" not in json.dumps(cleared.model_dump(mode="json"))
    assert await ends(shop) == [("rug", "erased")]


async def test_a_link_that_leads_elsewhere_is_left_out(shop: Shop):
    anna = shop.customer()
    url, picture = "https://shop.test/rug", "https://img.shop.test/rug.jpg"
    own = await watch(anna, title="Rug", url=url, image_url=picture)
    assert (own["title"], own["url"], own["image_url"]) == ("Rug", url, picture)
    other = await watch(anna, "lamp", url="https://elsewhere.test/lamp", image_url="https://elsewhere.test/pixel.png")
    assert (other["url"], other["image_url"]) == (None, None)


async def sent(shop: Shop, became: Any = MessageSent, **said: Any) -> None:
    """The notifier tells what became of a message."""
    facts = {"event_id": uuid7(), "occurred_at": datetime.now(UTC), "reminder_id": uuid7(), "store_id": "shop"}
    about = {"customer_id": "anna", "campaign": "back", "kind": "back_in_stock", "step": 1, "channel": "email"}
    event = became.model_validate(facts | about | {"sku": "rug"} | said)
    feed = SentMessages(WatchHandlers(shop.pool, shop.clock, lambda *_: shop.touched.append(1)))
    assert await feed.handle([Received(event, event.topic, 0, 0, shop.clock())]) == ()


async def test_whoever_was_told_waits_no_more_and_may_ask_again(shop: Shop):
    anna = shop.customer()
    for sku in ("rug", "lamp"):
        await watch(anna, sku)
    await watch(shop.customer("ben"))
    await sent(shop)
    assert (await waits_for(anna), await waits_for(shop.customer("ben"))) == (["lamp"], ["rug"])
    assert await ends(shop) == [("rug", "told")]
    again = await watch(anna)
    await sent(shop, occurred_at=datetime.now(UTC) - timedelta(hours=1))
    assert again["watch_id"] in str(done(await anna.ask("GET", "/watches")))


async def test_a_message_that_may_have_been_sent_counts_as_sent(shop: Shop):
    await watch(shop.customer())
    await sent(shop, MessageUnknown)
    assert await waits_for(shop.customer()) == []


@pytest.mark.parametrize(
    ("became", "said"),
    [
        (MessageCancelled, {}),
        (MessageSent, {"kind": "low_stock"}),
        (MessageSent, {"sku": None}),
        (MessageSent, {"store_id": "other"}),
    ],
)
async def test_other_messages_end_nothing(shop: Shop, became: Any, said: dict[str, Any]):
    await watch(shop.customer())
    await sent(shop, became, **said)
    assert await waits_for(shop.customer()) == ["rug"]


async def test_what_went_over_to_another_customer_is_over_when_the_first_was_told(shop: Shop):
    await watch(shop.customer("loyal-7"))
    done(await shop.server().ask("POST", "/customers/loyal-7/merge", {"into": "anna"}))
    await sent(shop, customer_id="loyal-7")
    assert await waits_for(shop.customer()) == []
