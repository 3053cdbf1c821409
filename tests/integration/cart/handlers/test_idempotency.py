"""The same call twice is one call: after lost answers, on other replicas, and while it is under way."""

import asyncio

import asyncpg
import pytest

from services.cart.db.save_cart import swap
from services.cart.domain.request import WriteRequest
from services.cart.handlers import carts
from services.cart.jobs.housekeeping import Housekeeping
from tests.integration.cart.shop import LINE, Shop, Visitor, done, held, refused


async def keyed(visitor: Visitor, key: str = "k-1", body=LINE, **headers: str):
    return await visitor.ask("POST", "/cart/lines", body, Idempotency_Key=key, **headers)


async def test_the_first_answer_is_given_again_also_after_later_changes(shop: Shop):
    anna = shop.customer()
    first = await keyed(anna)
    await anna.add("milk")
    again = await keyed(shop.elsewhere(anna))
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"
    assert "idempotency-replayed" not in first.headers
    assert held(await anna.cart()) == {"tea": 1, "milk": 1}
    assert await shop.count("outbox") == 2


async def test_a_retry_that_insists_on_the_old_version_gets_its_answer_and_no_conflict(shop: Shop):
    anna = shop.customer()
    first = await keyed(anna, If_Match='"0"')
    assert (await keyed(anna, If_Match='"0"')).content == first.content
    assert (await keyed(shop.elsewhere(anna), If_Match='"0"')).content == first.content


async def test_a_key_with_another_payload_is_refused(shop: Shop):
    anna = shop.customer()
    await keyed(anna)
    refused(await keyed(anna, body=LINE | {"quantity": 2}), 422, "idempotency-key-reused")
    refused(await anna.ask("DELETE", "/cart/lines", Idempotency_Key="k-1"), 422, "idempotency-key-reused")
    assert held(await anna.cart()) == {"tea": 1}


async def test_the_same_payload_may_be_written_in_another_way(shop: Shop):
    anna = shop.customer()
    await keyed(anna)
    spaced = '{ "currency": "EUR", "price": 500, "title": "Tea",  "sku": "tea", "quantity": 1 }'
    assert (await keyed(anna, body=spaced)).headers["idempotency-replayed"] == "true"


async def test_a_key_belongs_to_its_caller_and_store(shop: Shop):
    people = [shop.customer("anna"), shop.customer("ben"), await shop.guest(), shop.customer("anna", store="other")]
    for person in people:
        assert "idempotency-replayed" not in (await keyed(person)).headers
    assert await shop.count("carts") == 4


async def test_a_key_in_flight_elsewhere_is_a_conflict(shop: Shop, dsn: str):
    anna, lock = shop.customer(), WriteRequest("shop", "c:anna", b"", "k-1").lock
    other = await asyncpg.connect(dsn)
    await other.execute("SELECT pg_advisory_lock($1)", lock)
    assert refused(await keyed(anna), 409, "request-in-flight")
    assert (await keyed(anna)).headers["retry-after"] == "1"
    await other.close()
    assert held(done(await keyed(anna))) == {"tea": 1}


async def test_equal_calls_at_once_are_done_once(shop: Shop):
    anna = shop.customer()
    answers = await asyncio.gather(*(keyed(shop.elsewhere(anna, n % 2)) for n in range(16)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.content for answer in answers if answer.status_code == 200}) == 1
    assert held(await anna.cart()) == {"tea": 1}
    assert await shop.count("outbox") == 1


async def test_a_refusal_is_not_kept_for_it_changed_nothing(shop: Shop):
    anna = shop.customer()
    await anna.add(more={"currency": "PLN"})
    refused(await keyed(anna), 409, "currency-mismatch")
    assert await shop.count("keys") == 0
    done(await anna.ask("DELETE", "/cart/lines"))
    assert held(done(await keyed(anna))) == {"tea": 1}


async def test_what_changed_nothing_stays_so_when_it_comes_again(shop: Shop):
    anna = shop.customer()
    cart = await anna.add("tea")
    line = f"/cart/lines/{cart['lines'][0]['line_id']}"
    done(await anna.ask("DELETE", line))
    nothing = await anna.ask("DELETE", line, Idempotency_Key="k-1")
    await anna.add("tea")
    assert (await anna.ask("DELETE", line, Idempotency_Key="k-1")).content == nothing.content
    assert held(await anna.cart()) == {"tea": 1}


async def test_after_24_hours_a_key_is_free(shop: Shop):
    anna = shop.customer()
    await keyed(anna)
    left = await shop.pool.fetchval("SELECT expires_at - now() FROM idempotency_keys")
    assert 86_300 < left.total_seconds() <= 86_400
    await shop.pool.execute("UPDATE idempotency_keys SET expires_at = now()")
    assert held(done(await keyed(anna, body=LINE | {"quantity": 4}))) == {"tea": 5}
    assert (await keyed(anna, body=LINE | {"quantity": 4})).headers["idempotency-replayed"] == "true"


async def test_expired_answers_are_swept_and_live_ones_stay(shop: Shop):
    anna = shop.customer()
    for number in range(5):
        await keyed(anna, f"k-{number}")
    await shop.pool.execute("UPDATE idempotency_keys SET expires_at = now() WHERE key < 'k-3'")
    assert await Housekeeping(shop.pool).round() == 3
    assert await shop.count("keys") == 2


async def test_a_crash_between_commit_and_answer_loses_and_repeats_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    anna = shop.customer()

    async def cut_off(*arguments):
        await swap(*arguments)
        raise asyncpg.ConnectionDoesNotExistError("the connection was closed in the middle of operation")

    with monkeypatch.context() as crashing:
        crashing.setattr(carts, "swap", cut_off)
        refused(await keyed(anna), 503, "unavailable")
    again = await keyed(shop.elsewhere(anna))
    assert again.headers["idempotency-replayed"] == "true"
    assert held(done(again)) == held(await anna.cart()) == {"tea": 1}
    assert await shop.told() == ["cart.line_added"]


async def test_calls_of_servers_are_done_once_as_well(shop: Shop):
    server = shop.server()
    for _ in range(2):
        answer = await server.ask("PUT", "/inventory/tea", {"available": 5}, Idempotency_Key="k-1")
        assert answer.json()["changed"] == 1
        await server.level("tea", 9)
    assert answer.headers["idempotency-replayed"] == "true"
    refused(
        await server.ask("PUT", "/inventory/tea", {"available": 6}, Idempotency_Key="k-1"),
        422,
        "idempotency-key-reused",
    )
    look = await shop.pool.fetchval("SELECT available FROM inventory")
    assert look == 9


async def test_an_erasure_is_replayed_without_a_body(shop: Shop):
    for _ in range(2):
        answer = await shop.server().ask("DELETE", "/customers/anna/profile", Idempotency_Key="k-1")
        assert (answer.status_code, answer.content) == (204, b"")
    assert await shop.count("outbox") == 1
