"""Many carts saved in one statement: each as if alone, nobody waiting for another's, and nothing half done."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from libs.contracts.events import LineAdded
from services.cart.db import idempotency_keys, save_carts
from services.cart.db.save_cart import Swap, swap
from services.cart.domain.cart import Context
from services.cart.domain.cart_json import cart_view, lines_json
from services.cart.domain.commands import SetAttributes
from services.cart.domain.decide import decide
from services.cart.domain.line_patch import FEWEST
from services.cart.domain.shopper import Shopper
from services.cart.handlers.cart_answers import answer_with
from tests.integration.cart.saving import adding, cart_of, holding, shoppers, together
from tests.integration.cart.shop import Shop, held


async def test_all_are_saved_with_event_and_answer_as_one_by_one(shop: Shop):
    them = await shoppers(shop, 4)
    guest = await shop.guest()
    await guest.add("milk")
    token = await shop.pool.fetchval("SELECT guest_token_hash FROM carts WHERE customer_id IS NULL")
    visitor = Shopper("shop", token_hash=token)
    them.append((visitor, await cart_of(shop.pool, visitor)))
    wanted = [adding(*one, key=f"k-{number}") for number, one in enumerate(them)]
    async with shop.pool.acquire() as connection:
        assert (await swap(connection, wanted[0])).saved
    assert await together(shop.pool, wanted[1:]) == {0, 1, 2, 3}
    for (shopper, _), one in zip(them, wanted, strict=True):
        assert await cart_of(shop.pool, shopper) == one.change.cart
    rows = await shop.pool.fetch("SELECT * FROM idempotency_keys ORDER BY key")
    first, *others = [{**row, "caller": "", "key": "", "etag": "", "expires_at": None} for row in rows]
    assert all(other == first for other in others)
    assert [row["etag"] for row in rows] == [one.answer.etag for one in wanted]
    told = (await shop.events())[-5:]
    assert [event.event_id for event in told] == [one.change.event.event_id for one in wanted]


async def test_a_row_that_is_held_and_a_key_under_way_are_passed_over_at_once(shop: Shop):
    them = await shoppers(shop, 4)
    wanted = [adding(*one, key=f"k-{number}") for number, one in enumerate(them)]
    lock = wanted[2].request.lock
    async with (
        holding(shop.pool, "SELECT FROM carts WHERE cart_id = $1 FOR UPDATE", them[1][1].cart_id),
        holding(shop.pool, "SELECT pg_advisory_xact_lock($1)", lock),
    ):
        assert await together(shop.pool, wanted) == {0, 3}
    assert await shop.count("outbox") == 4 + 2
    assert await together(shop.pool, wanted) == {1, 2}, "whoever was passed over has lost nothing"
    assert await shop.count("outbox") == 4 + 4


async def test_what_is_stale_known_foreign_or_closed_is_not_saved(shop: Shop):
    them = await shoppers(shop, 6)
    wanted = [adding(*one, key=f"k-{number}") for number, one in enumerate(them)]
    assert await together(shop.pool, [wanted[0], adding(*them[5])]) == {0, 1}
    wanted[5] = adding(them[5][0], wanted[5].change.cart, key="k-0b")
    wanted.append(adding(*them[0], key="k-0"))  # stale, and answered
    async with shop.pool.acquire() as connection:
        await idempotency_keys.keep(connection, wanted[1].request, wanted[1].answer)
    await shop.pool.execute("UPDATE carts SET status = 'expired' WHERE customer_id = 'c-2'")
    await shop.pool.execute("UPDATE carts SET customer_id = 'another' WHERE customer_id = 'c-3'")
    before = await shop.count("outbox")
    assert await together(shop.pool, wanted) == {4, 5}
    assert await shop.count("outbox") == before + 2


async def test_two_names_of_one_customer_do_not_both_save_one_version(shop: Shop):
    ((shopper, cart),) = await shoppers(shop, 1)
    await shop.pool.execute("INSERT INTO identities VALUES ('shop', 'card-7', 'c-0', now())")
    card = Shopper("shop", customer_id="card-7")
    wanted = [adding(shopper, cart, sku="tea"), adding(card, cart, sku="jam")]
    saved = await together(shop.pool, wanted)
    assert len(saved) == 1
    assert await cart_of(shop.pool, shopper) == wanted[saved.pop()].change.cart
    assert await shop.count("outbox") == 2


async def test_a_silenced_cart_is_passed_over_where_its_goods_stay(shop: Shop):
    ((shopper, cart),) = await shoppers(shop, 1)
    change = decide(cart, SetAttributes({"channel": "app"}), Context(datetime.now(UTC)))
    assert change is not None
    answer, request = answer_with(cart_view(change.cart)), adding(shopper, cart).request
    one = Swap(shopper, change, lines_json(change.cart), answer, request)
    await shop.pool.execute("UPDATE carts SET silent_since = now()")
    assert await together(shop.pool, [one, one]) == set()


async def test_without_an_event_none_of_a_batch_is_saved(shop: Shop):
    them = await shoppers(shop, 3)
    await shop.pool.execute("ALTER TABLE outbox ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    with pytest.raises(asyncpg.CheckViolationError):
        await together(shop.pool, [adding(*one, key="k") for one in them])
    for shopper, cart in them:
        assert await cart_of(shop.pool, shopper) == cart
    assert await shop.count("keys") == 0


async def test_two_batches_of_the_same_carts_never_wait_for_each_other(shop: Shop):
    """In opposite order they would lock each other out, if either waited."""
    them = await shoppers(shop, 12)
    wanted = [adding(*one) for one in them]
    saved = await asyncio.gather(*(together(shop.pool, side) for side in (wanted, wanted[::-1]) * 3))
    places = [place if turn % 2 == 0 else 11 - place for turn, found in enumerate(saved) for place in found]
    left = [number for number in range(12) if number not in places]
    assert len(places) == len(set(places)), "each version is saved once"
    if left:  # two may have passed each other over
        assert await together(shop.pool, [wanted[number] for number in left]) == set(range(len(left)))
    assert await shop.count("outbox") == 24


async def test_many_shoppers_at_both_replicas_lose_nothing(shop: Shop):
    names = [f"c-{number}" for number in range(10)]

    async def shopping(name: str) -> None:
        for number in range(6):
            visitor = shop.customer(name, replica=number % 2)
            first = await visitor.add("tea", Idempotency_Key=f"k-{number}")
            again = await visitor.add("tea", Idempotency_Key=f"k-{number}")
            assert held(first)["tea"] <= held(again)["tea"]

    await asyncio.gather(*(shopping(name) for name in names), *(shopping(name + "x") for name in names[:2]))
    for name in names:
        cart = await shop.customer(name).cart()
        assert (held(cart), cart["version"]) == ({"tea": 6}, 6)
    versions: dict[UUID, list[int]] = {}
    for event in await shop.events():
        assert isinstance(event, LineAdded)
        versions.setdefault(event.cart_id, []).append(event.cart_version)
    assert list(versions.values()) == [list(range(1, 7))] * 12


async def test_rows_that_are_held_for_long_keep_nobody_else_waiting(shop: Shop):
    """Story: a few carts that an order holds, and their shoppers go on clicking; everybody else shops."""
    them = await shoppers(shop, 12)
    async with holding(shop.pool, "SELECT FROM carts WHERE customer_id < 'c-4' FOR UPDATE") as holder:
        found = await holder.fetch("SELECT customer_id FROM carts WHERE customer_id < 'c-4'")
        held_ids = [one["customer_id"] for one in found]
        waiting = [asyncio.create_task(shop.customer(name).add("tea")) for name in held_ids]
        free = [shopper.customer_id for shopper, _ in them if shopper.customer_id not in held_ids]
        async with asyncio.timeout(20):
            done = await asyncio.gather(*(shop.customer(name or "").add("tea") for name in free))
        assert [held(cart)["tea"] for cart in done] == [1] * len(free)
        assert not any(one.done() for one in waiting)
    assert [held(cart)["tea"] for cart in await asyncio.gather(*waiting)] == [1] * len(held_ids)


async def test_of_a_cart_that_moved_on_the_truth_comes_back_unless_the_key_is_known(shop: Shop):
    (anna, ben, cid) = them = await shoppers(shop, 3)
    for shopper, _ in them:
        await shop.customer(shopper.customer_id or "", replica=1).add("jam")
    wanted = [adding(*one, key=f"k-{number}") for number, one in enumerate(them)]
    async with shop.pool.acquire() as connection:
        await idempotency_keys.keep(connection, wanted[1].request, wanted[1].answer)
        outcomes = await save_carts.swap(connection, [*wanted, adding(anna[0], await cart_of(shop.pool, cid[0]))])
    assert [one.saved for one in outcomes] == [False] * 4
    truth = [await cart_of(shop.pool, shopper) for shopper, _ in them]
    assert [one.truth for one in outcomes] == [truth[0], None, truth[2], None], "nobody is shown another's"
    assert ben[1] != truth[1]


async def test_of_a_large_cart_one_line_is_written_and_the_others_stay(shop: Shop):
    them = await shoppers(shop, 2)
    skus = [f"sku-{number}" for number in range(FEWEST + 1)]
    for sku in (*skus, skus[0], skus[5], "milk", "last"):
        wanted = [adding(shopper, await cart_of(shop.pool, shopper), sku=sku) for shopper, _ in them]
        assert [one.place is None for one in wanted] == [len(wanted[0].change.cart.lines) <= FEWEST] * 2
        assert await together(shop.pool, wanted[:1]) == {0}
        async with shop.pool.acquire() as connection:
            assert (await swap(connection, wanted[1])).saved
        for shopper, change in ((one.shopper, one.change) for one in wanted):
            assert await cart_of(shop.pool, shopper) == change.cart


async def test_a_line_of_a_large_cart_is_not_put_into_a_newer_one(shop: Shop):
    ((shopper, cart),) = await shoppers(shop, 1)
    for number in range(FEWEST):
        one = adding(shopper, cart, sku=f"sku-{number}")
        assert await together(shop.pool, [one]) == {0}
        cart = one.change.cart
    first, late = adding(shopper, cart, sku="tea"), adding(shopper, cart, sku="jam")
    assert first.place == late.place == FEWEST + 1
    assert await together(shop.pool, [first]) == {0}
    assert await together(shop.pool, [late]) == set()
    async with shop.pool.acquire() as connection:
        assert not (await swap(connection, late)).saved
    assert await cart_of(shop.pool, shopper) == first.change.cart


async def test_large_carts_that_two_replicas_change_are_what_each_was_told(shop: Shop):
    async def shopping(name: str) -> None:
        for number in range(2 * FEWEST + 4):
            visitor = shop.customer(name, replica=number % 2)
            told = await visitor.add(f"sku-{number % (FEWEST + 6)}")
            assert await visitor.cart() == told

    await asyncio.gather(*(shopping(f"c-{number}") for number in range(6)))
