"""The same call twice is one call: after lost answers, on other replicas, and while it is under way."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import asyncpg
import pytest
from pydantic_core import to_json

from services.cart.db import idempotency_keys
from services.cart.db.save_cart import swap
from services.cart.domain.cart_json import cart_view
from services.cart.domain.request import WriteRequest
from services.cart.handlers import cart_saves, carts
from services.cart.jobs.housekeeping import Housekeeping
from tests.integration.cart.shop import LINE, Shop, Visitor, done, held, refused
from tests.support.eventually import eventually


async def keyed(visitor: Visitor, key: str = "k-1", body=LINE, **headers: str):
    return await visitor.ask("POST", "/cart/lines", body, Idempotency_Key=key, **headers)


async def test_the_first_answer_is_given_again_also_after_later_changes(shop: Shop):
    anna = shop.customer()
    first = await keyed(anna)
    await anna.add("milk")
    again = await keyed(shop.elsewhere(anna))
    assert again.headers["idempotency-replayed"] == f"true;status=200;etag={first.headers['etag']}"
    assert "idempotency-replayed" not in first.headers
    now = await anna.ask("GET", "/cart")
    assert held(again.json()) == {"tea": 1, "milk": 1}
    assert (again.content, again.headers["etag"]) == (now.content, now.headers["etag"])
    assert await shop.count("outbox") == 2


async def test_of_a_command_status_and_tag_are_kept_and_no_cart(shop: Shop):
    anna = shop.customer()
    cart = done(await keyed(anna))
    line = f"/cart/lines/{cart['lines'][0]['line_id']}"
    asks = [
        ("POST", "/cart/lines", LINE),
        ("PUT", line, {"quantity": 4}),
        ("PUT", line, {"quantity": 4}),
        ("PATCH", line, {"note": "a gift"}),
        ("PATCH", "/cart", {"attributes": {"channel": "app"}}),
        ("POST", f"{line}/save", None),
        ("POST", f"/cart/saved/{cart['lines'][0]['line_id']}/restore", None),
        ("DELETE", line, None),
        ("DELETE", "/cart/lines", None),
    ]
    for key, (method, path, body) in enumerate(asks):
        answer = await anna.ask(method, path, body, Idempotency_Key=f"k-{key}x")
        done(answer)
        again = await anna.ask(method, path, body, Idempotency_Key=f"k-{key}x")
        assert again.headers["idempotency-replayed"] == f"true;status=200;etag={answer.headers['etag']}"
        assert again.json() == answer.json()
    rows = await shop.pool.fetch("SELECT answer, once, status, pg_column_size(k.*) AS bytes FROM idempotency_keys AS k")
    assert {(row["answer"], row["once"], row["status"]) for row in rows} == {(b"", b"[]", 200)}
    assert max(row["bytes"] for row in rows) < 200
    assert len(rows) == len(asks) + 1


async def test_a_replay_shows_the_next_cart_where_the_first_was_ordered(shop: Shop):
    anna = shop.customer()
    first = await keyed(anna)
    await shop.server().order("o-1", customer_id="anna")
    again = await keyed(anna)
    assert again.headers["idempotency-replayed"] == f"true;status=200;etag={first.headers['etag']}"
    assert (again.json()["id"], again.headers["etag"]) == (None, '"0"')
    next_cart = await anna.add("milk")
    assert (await keyed(anna)).json()["id"] == next_cart["id"]


async def test_what_was_said_once_is_said_again_by_its_replay(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    anna, notices = shop.customer(), [{"kind": "price_taken", "after": 450}]

    def telling(*arguments):
        return replace(cart_view(*arguments), notices=to_json(notices))

    with monkeypatch.context() as once:
        once.setattr(carts, "cart_view", telling)
        first = await keyed(anna)
        assert first.json()["notices"] == notices
    await anna.add("milk")
    again = await keyed(anna)
    assert again.headers["idempotency-replayed"].endswith(f"etag={first.headers['etag']}")
    assert (again.json()["notices"], held(again.json())) == (notices, {"tea": 1, "milk": 1})
    assert "notices" not in await anna.cart()


async def test_an_answer_that_an_earlier_release_kept_whole_is_given_whole(shop: Shop):
    anna = shop.customer()
    first = await keyed(anna)
    await shop.pool.execute("UPDATE idempotency_keys SET once = NULL, answer = $1", first.content)
    await anna.add("milk")
    again = await keyed(anna)
    assert (again.content, again.headers["etag"]) == (first.content, first.headers["etag"])
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_replay_is_never_older_than_what_it_answers(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    """An equal call commits on another replica between the look at the cart and the look at the key."""
    anna, read = shop.customer(), idempotency_keys.read
    await anna.add("milk")

    async def overtaken(*arguments):
        with monkeypatch.context() as apart:
            apart.setattr(idempotency_keys, "read", read)
            done(await keyed(shop.elsewhere(anna)))
        return await read(*arguments)

    line = done(await anna.ask("GET", "/cart"))["lines"][0]
    await shop.elsewhere(anna).ask("DELETE", f"/cart/lines/{line['line_id']}")  # this replica's guess is stale
    monkeypatch.setattr(idempotency_keys, "read", overtaken)
    assert held((await keyed(anna)).json()) == {"tea": 1}


async def test_a_shopper_keeps_a_bounded_number_of_answers(shop: Shop, monkeypatch: pytest.MonkeyPatch):
    anna, ben = shop.customer(), shop.customer("ben")
    monkeypatch.setattr(cart_saves, "MAX_KEPT", 3)
    monkeypatch.setattr(cart_saves, "TRIMMED", 0)
    for number in range(6):
        await keyed(anna, f"k-{number}")
        await keyed(ben, f"k-{number}")
    assert await shop.count("keys") == 12
    monkeypatch.setattr(cart_saves, "TRIMMED", 1)
    await keyed(anna, "k-6")
    await anna.ask("DELETE", f"/cart/lines/{uuid4()}", Idempotency_Key="k-7")

    async def trimmed() -> bool:
        rows = await shop.pool.fetch("SELECT caller, key FROM idempotency_keys ORDER BY expires_at")
        assert sum(row["caller"] == "c:ben" for row in rows) == 6
        return [row["key"] for row in rows if row["caller"] == "c:anna"] == ["k-5", "k-6", "k-7"]

    assert await eventually(trimmed), "no caller waits for it"
    assert held(done(await keyed(anna, "k-6"))) == {"tea": 7}


async def test_a_retry_that_insists_on_the_old_version_gets_its_answer_and_no_conflict(shop: Shop):
    anna = shop.customer()
    first = await keyed(anna, If_Match='"0"')
    assert "idempotency-replayed" in (await keyed(anna, If_Match='"0"')).headers
    assert (await keyed(shop.elsewhere(anna), If_Match='"0"')).json() == first.json()


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
    assert "idempotency-replayed" in (await keyed(anna, body=spaced)).headers


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
    first, *others = [answer.json() for answer in answers if answer.status_code == 200]
    assert all(other == first for other in others)
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
    again = await anna.ask("DELETE", line, Idempotency_Key="k-1")
    assert again.headers["idempotency-replayed"] == f"true;status=200;etag={nothing.headers['etag']}"
    assert held(again.json()) == held(await anna.cart()) == {"tea": 1}


async def test_after_24_hours_a_key_is_free(shop: Shop):
    anna = shop.customer()
    await keyed(anna)
    left = await shop.pool.fetchval("SELECT expires_at - now() FROM idempotency_keys")
    assert 86_300 < left.total_seconds() <= 86_400
    await shop.pool.execute("UPDATE idempotency_keys SET expires_at = now()")
    assert held(done(await keyed(anna, body=LINE | {"quantity": 4}))) == {"tea": 5}
    assert "idempotency-replayed" in (await keyed(anna, body=LINE | {"quantity": 4})).headers


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
        crashing.setattr(cart_saves, "swap", cut_off)
        refused(await keyed(anna), 503, "unavailable")
    again = await keyed(shop.elsewhere(anna))
    assert "idempotency-replayed" in again.headers
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
