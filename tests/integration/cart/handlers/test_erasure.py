"""A customer is erased: all of it is gone or says nothing of them, the others are asked, and a receipt is kept."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from libs.contracts.events import CartErased, CustomerErased, ErasureCompleted, ErasureRequested, Place, ProfileErased
from libs.inbox.records import Received
from libs.runtime.ids import uuid7
from services.cart.domain.erasure import OTHERS
from services.cart.handlers import erasure as erasing_module
from services.cart.handlers.erasure import ErasureHandlers
from tests.integration.cart.shop import SECRET_KEY, TOKEN_SECRET, Shop, Visitor, done, held, refused

CONTACT = {"email": "anna@mail.test", "phone": "+4915112345678", "name": "Anna Secret", "locale": "de"}


async def erase(server: Visitor, customer_id: str = "anna", **headers: str) -> str:
    answer = done(await server.ask("POST", f"/customers/{customer_id}/erasure", **headers), 202)
    return str(answer["erasure_id"])


async def receipt(server: Visitor, erasure_id: str) -> Any:
    return done(await server.ask("GET", f"/erasures/{erasure_id}"))


def rows(receipt: Any, service: str = "cart") -> dict[str, Any]:
    return {one["place"]: one["rows"] for one in receipt["places"] if one["service"] == service}


def of(shop: Shop) -> ErasureHandlers:
    """What the processes behind the API do."""
    return ErasureHandlers(shop.pool, shop.clock, lambda *_: None, TOKEN_SECRET.encode())


async def answer(shop: Shop, erasure_id: str, *services: str, found: int = 1) -> None:
    """Other services have done their part."""
    events = [
        CustomerErased(
            event_id=uuid7(),
            occurred_at=shop.clock(),
            erasure_id=UUID(erasure_id),
            store_id="shop",
            service=service,
            places=(Place(place="table things", done="deleted", rows=found),),
        )
        for service in services
    ]
    await of(shop).collect([Received(e, e.topic, 0, n, shop.clock()) for n, e in enumerate(events)])


async def everything(shop: Shop) -> str:
    """Every row of every table but the outbox, as text."""
    tables = await shop.pool.fetch("SELECT relname FROM pg_stat_user_tables WHERE relname <> 'outbox'")
    found = [await shop.pool.fetch(f'SELECT t::text AS row FROM "{one["relname"]}" AS t') for one in tables]
    return "\n".join(row["row"] for table in found for row in table)


async def a_life(shop: Shop) -> tuple[Visitor, Visitor]:
    """Anna gathers as a guest and at the till, logs in, orders, comes back, undoes, and looks at what she is told."""
    server, anna, guest = shop.server(), shop.customer("anna"), await shop.guest()
    done(await server.ask("PUT", "/customers/anna/profile", CONTACT, Idempotency_Key="p"))
    done(await server.ask("PUT", "/customers/anna/identities/card-7", Idempotency_Key="i"))
    await guest.add("tea", Idempotency_Key="g")
    await anna.add("jam", Idempotency_Key="a")
    done(await anna.ask("PATCH", "/cart", {"attributes": {"for": "anna@mail.test"}}))
    receipt = (await anna.claim(guest, Idempotency_Key="c"))["merge"]
    assert receipt["claimed"]
    await server.order("o-1", customer_id="anna", total=500, currency="EUR")
    parcel = {"type": "shipped", "tracking_url": "https://parcels.example/anna"}
    done(await server.ask("POST", "/orders/o-1/events", parcel), 201)
    await shop.customer("card-7").add("tea", more={"options": {"engraving": "Anna Secret"}})
    return server, anna


async def test_nothing_here_names_an_erased_customer(shop: Shop):
    server, anna = await a_life(shop)
    erasure_id = await erase(server, "card-7", Idempotency_Key="e")
    pending = await receipt(server, erasure_id)
    assert (pending["status"], pending["waiting_for"]) == ("pending", ["console", "notifier", "trigger"])
    await answer(shop, erasure_id, *OTHERS)
    over = await receipt(server, erasure_id)
    assert (over["status"], over["waiting_for"]) == ("done", [])
    left = await everything(shop) + json.dumps(over)
    for secret in ("anna", "card-7", "+4915112345678", "Secret"):
        assert secret not in left
    assert rows(over) | {"table carts": 3, "table merges": 1, "table orders": 1, "table identities": 1} == rows(over)
    assert rows(over)["table profiles"] == 1
    assert rows(over)["table idempotency_keys"] == 5
    assert {"topic cart.events", "topic customer.profiles", "topic customer.erasures"} < set(rows(over))
    assert rows(over, "trigger") == {"table things": 1}
    assert (await anna.cart())["id"] is None


async def test_the_others_are_told_what_closes_carts_and_whom_to_forget(shop: Shop):
    server, anna = shop.server(), shop.customer("anna")
    cart = await anna.add("tea")
    erasure_id = await erase(server)
    closed, *tombstones, request = (await shop.events())[-3:]
    assert isinstance(closed, CartErased)
    assert (str(closed.cart_id), closed.cart_version, closed.customer_id, closed.holds) == (cart["id"], 2, None, {})
    assert [(type(one), one.key()) for one in tombstones] == [(ProfileErased, "shop:anna")]
    assert isinstance(request, ErasureRequested)
    assert (str(request.erasure_id), request.customer_ids, request.key()) == (erasure_id, ("anna",), erasure_id)
    assert request.occurred_at >= closed.occurred_at


async def test_whoever_comes_back_under_the_same_id_is_new(shop: Shop):
    server, anna = shop.server(), shop.customer("anna")
    first = await anna.add("tea")
    erasure_id = await erase(server)
    shop.clock.forward(timedelta(seconds=1))
    again = await anna.add("jam")
    assert (held(again), again["version"]) == ({"jam": 1}, 1)
    assert again["id"] != first["id"]
    done(await server.ask("PUT", "/customers/anna/profile", CONTACT))
    await of(shop).round()
    await answer(shop, erasure_id, *OTHERS)
    assert held(await anna.cart()) == {"jam": 1}
    assert await shop.count("profiles") == 1
    versions = [e.profile_version for e in await shop.events() if hasattr(e, "profile_version")]
    assert versions == sorted(set(versions)), "a profile that comes later has a greater version than the erasure"


async def test_the_same_order_again_after_an_erasure_is_the_same_order(shop: Shop):
    server = shop.server()
    await shop.customer("anna").add("tea")
    first = await server.order("o-1", customer_id="anna")
    await erase(server)
    assert await server.order("o-1", 200, customer_id="anna") == first
    assert "anna" not in await everything(shop) or await pending_only(shop)


async def test_an_order_from_before_the_erasure_stays_nobody_s_however_late_it_comes(shop: Shop):
    """Told again by another system with more, or told for the first time only now: neither brings the name back."""
    server, placed_at = shop.server(), shop.clock().isoformat()
    await server.order("o-1", customer_id="anna", placed_at=placed_at)
    shop.clock.forward(timedelta(seconds=1))
    await erase(server)
    await server.order("o-1", 200, customer_id="anna", currency="EUR", total=500, placed_at=placed_at)
    await server.order("o-2", customer_id="anna", placed_at=placed_at)
    assert await shop.pool.fetchval("SELECT count(*) FROM orders WHERE customer_id IS NOT NULL") == 0
    shop.clock.forward(timedelta(seconds=1))
    await server.order("o-3", customer_id="anna")
    assert await shop.pool.fetchval("SELECT customer_id FROM orders WHERE order_id = 'o-3'") == "anna"


async def pending_only(shop: Shop) -> bool:
    """Whether the only row that still names her is that of the erasure under way."""
    await shop.pool.execute("DELETE FROM erasures")
    return "anna" not in await everything(shop)


async def test_a_customer_of_thousands_of_carts_is_erased_in_batches(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(erasing_module, "BATCH", 2)
    server, anna = shop.server(), shop.customer("anna")
    for number in range(5):
        await anna.add("tea")
        await server.order(f"o-{number}", customer_id="anna")
    await anna.add("tea")
    erasure_id = await erase(server)
    assert await shop.count("active") == 0, "what may be reminded of goes first"
    assert await shop.count("carts") == 4
    await answer(shop, erasure_id, *OTHERS)
    assert (await receipt(server, erasure_id))["status"] == "pending"
    await of(shop).round()
    over = await receipt(server, erasure_id)
    assert over["status"] == "done"
    assert (rows(over)["table carts"], rows(over)["table orders"]) == (6, 5)
    assert "anna" not in await everything(shop)


async def test_answers_that_come_twice_or_late_are_counted_once(shop: Shop):
    server = shop.server()
    erasure_id = await erase(server, "nobody-we-know")
    await answer(shop, erasure_id, "trigger", found=3)
    await answer(shop, erasure_id, "trigger", found=0)
    assert (await receipt(server, erasure_id))["waiting_for"] == ["console", "notifier"]
    await answer(shop, erasure_id, "notifier", "notifier")
    await answer(shop, erasure_id, "notifier")
    await answer(shop, erasure_id, "console", "console")
    over = await receipt(server, erasure_id)
    assert (over["status"], rows(over, "trigger")) == ("done", {"table things": 3})
    assert sum(isinstance(event, ErasureCompleted) for event in await shop.events()) == 1
    await answer(shop, str(uuid7()), "trigger")


async def test_services_that_do_not_answer_are_asked_again_each_day(shop: Shop):
    erasure_id = await erase(shop.server())
    await of(shop).round()
    shop.clock.forward(timedelta(hours=25))
    await of(shop).round()
    await of(shop).round()
    asked = [event for event in await shop.events() if isinstance(event, ErasureRequested)]
    assert [str(event.erasure_id) for event in asked] == [erasure_id] * 2
    assert asked[0].occurred_at == asked[1].occurred_at, "what is later is somebody new, however late they answer"


async def test_an_erasure_is_for_those_who_may_and_in_their_own_store(shop: Shop):
    server, anna = shop.server(), shop.customer("anna")
    refused(await anna.ask("POST", "/customers/anna/erasure"), 403, "forbidden")
    erasure_id = await erase(server)
    other = shop.server(key="sk_test_of_the_other_store_0123", store="other")
    refused(await other.ask("GET", f"/erasures/{erasure_id}"), 404, "unknown-erasure")
    refused(await server.ask("GET", f"/erasures/{uuid7()}"), 404, "unknown-erasure")
    assert SECRET_KEY not in json.dumps(await receipt(server, erasure_id))


async def test_an_erasure_in_one_store_leaves_the_other_alone(shop: Shop):
    anna = shop.customer("anna", store="other")
    await anna.add("tea")
    await erase(shop.server())
    assert held(await anna.cart()) == {"tea": 1}


async def test_the_same_call_again_is_the_same_erasure(shop: Shop):
    server = shop.server()
    assert await erase(server, Idempotency_Key="once") == await erase(server, Idempotency_Key="once")
    assert await erase(server) != await erase(server)
