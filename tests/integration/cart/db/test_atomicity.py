"""A change, its event and its answer commit together or not at all."""

from uuid import UUID

import asyncpg
import pytest

from services.cart.db import save_cart
from tests.integration.cart.shop import LINE, Shop, done, held, refused
from tests.integration.cart.swapping import swap_arguments


async def test_without_its_event_a_change_is_not_made(shop: Shop):
    anna = shop.customer()
    await anna.add("tea")
    await shop.pool.execute("ALTER TABLE outbox ADD CONSTRAINT full_disk CHECK (false) NOT VALID")
    for replica in (0, 1):
        answer = await shop.elsewhere(anna, replica).ask("POST", "/cart/lines", LINE, Idempotency_Key="k-1")
        refused(answer, 500, "internal-error")
    refused(
        await shop.server().ask("POST", "/orders", {"order_id": "o-1", "customer_id": "anna"}), 500, "internal-error"
    )
    refused(await shop.customer("ben").ask("POST", "/cart/lines", LINE), 500, "internal-error")
    assert (await anna.cart())["version"] == 1
    assert [await shop.count(table) for table in ("carts", "outbox", "keys", "orders")] == [1, 1, 0, 0]
    await shop.pool.execute("ALTER TABLE outbox DROP CONSTRAINT full_disk")
    answer = await anna.ask("POST", "/cart/lines", LINE, Idempotency_Key="k-1")
    assert held(done(answer)) == {"tea": 2}


async def test_what_goes_wrong_is_logged_without_what_was_in_the_request(shop: Shop, caplog: pytest.LogCaptureFixture):
    await shop.pool.execute("ALTER TABLE profiles ADD CONSTRAINT none CHECK (false) NOT VALID")
    body = {"email": "anna@shop.test", "name": "Anna Karenina"}
    answer = await shop.server().ask("PUT", "/customers/anna/profile", body)
    refused(answer, 500, "internal-error")
    for text in (answer.text, caplog.text):
        assert "anna@" not in text
        assert "Karenina" not in text


async def test_an_event_is_there_the_moment_that_the_change_is_answered(shop: Shop):
    anna = shop.customer()
    for number in range(1, 4):
        await anna.add()
        assert await shop.count("outbox") == number
        assert len(shop.touched) == number


async def test_a_swap_of_another_version_writes_nothing(shop: Shop):
    anna = shop.customer()
    cart = await anna.add()
    await shop.customer(replica=1).add("milk")
    row = await shop.pool.fetchrow(save_cart.SWAP, *swap_arguments(UUID(cart["id"]), version=2, key="k-1"))
    assert row is not None
    assert (row["free"], row["saved"]) == (True, False)
    assert await shop.count("outbox") == 2
    assert await shop.count("keys") == 0


@pytest.mark.parametrize(
    "wrong",
    [
        "UPDATE carts SET customer_id = NULL",
        "UPDATE carts SET guest_token_hash = decode(repeat('00', 32), 'hex')",
        "UPDATE carts SET units = 0",
        "UPDATE carts SET lines = '{}'",
        "UPDATE carts SET status = 'merged'",
        "UPDATE carts SET status = 'ordered'",
        "UPDATE carts SET status = 'lost'",
        "UPDATE carts SET total = -1",
    ],
)
async def test_bad_rows_are_impossible(shop: Shop, wrong: str):
    await shop.customer().add()
    with pytest.raises((asyncpg.CheckViolationError, asyncpg.InvalidParameterValueError)):
        await shop.pool.execute(wrong)


async def test_a_second_active_cart_of_a_customer_is_impossible(shop: Shop):
    await shop.customer("anna").add()
    await shop.customer("ben").add()
    with pytest.raises(asyncpg.UniqueViolationError):
        await shop.pool.execute("UPDATE carts SET customer_id = 'ben'")
