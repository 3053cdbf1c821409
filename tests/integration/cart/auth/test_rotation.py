"""The secret that signs tokens and links is replaced, and nobody notices.

Story: the secret stood in a log; replacing it would have emptied every guest's cart and broken every link that was out.
"""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from pydantic import SecretStr, ValidationError

from libs.postgres.pool import Pool
from services.cart.settings import CartSettings
from services.cart.stores.secrets import BrokenSealError, Seal
from tests.integration.cart.shop import LINE, TOKEN_SECRET, Shop, Visitor, done, held, refused, settings

NEW = "n" * 32


async def opened(pool: Pool, *secrets: str) -> Shop:
    return Shop.open(pool, 1, token_secret=SecretStr(json.dumps(secrets)))


async def test_what_the_old_secret_signed_is_good_until_it_is_taken_out(pool: Pool):
    old = await opened(pool, TOKEN_SECRET)
    guest, server = await old.guest(), old.server()
    cart = await guest.add("tea")
    recovery = (await server.look(cart["id"]))["recovery_url"].rpartition("/")[2]
    shared = done(await guest.ask("POST", "/cart/share"), 201)["share_token"]

    both = await opened(pool, NEW, TOKEN_SECRET)
    again = Visitor(both.clients[0], guest.headers)
    assert held(await again.cart()) == {"tea": 1}
    for path in (f"/v1/recovery/{recovery}", f"/v1/shared/{shared}"):
        done(await both.clients[0].get(path))
    newer = await both.guest()

    only = await opened(pool, NEW)
    refused(await Visitor(only.clients[0], guest.headers).ask("GET", "/cart"), 401, "unauthorized")
    refused(await only.clients[0].get(f"/v1/recovery/{recovery}"), 404, "unknown-link")
    done(await Visitor(only.clients[0], newer.headers).ask("GET", "/cart"))
    for shop in (old, both, only):
        await shop.close()


ASKS = [
    ("customer", "POST", "/cart/lines", LINE),
    ("guest", "POST", "/cart/lines", LINE),
    ("server", "POST", "/orders", {"order_id": "10042", "customer_id": "ben", "lines": []}),
    ("server", "PUT", "/customers/anna/profile", {"email": "anna@shop.test"}),
]


@pytest.mark.parametrize(("who", "method", "path", "body"), ASKS, ids=["customer", "guest", "orders", "profile"])
async def test_a_call_that_comes_again_under_the_new_secret_is_the_same(
    pool: Pool, who: str, method: str, path: str, body: dict[str, Any]
):
    """Story: the secret was replaced while phones were in tunnels; what they sent again was refused as another call."""
    old, both, newest = [await opened(pool, *secrets) for secrets in ((TOKEN_SECRET,), (NEW, TOKEN_SECRET), (NEW,))]
    who_calls = {"customer": old.customer(), "guest": await old.guest(), "server": old.server()}[who]

    async def sent(shop: Shop, key: str, **more: Any) -> httpx.Response:
        return await Visitor(shop.clients[0], who_calls.headers).ask(method, path, body | more, Idempotency_Key=key)

    first = await sent(old, "k-1")
    assert first.is_success
    again = await sent(both, "k-1")
    assert "Idempotency-Replayed" in again.headers
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    different = {"quantity": 2} if body is LINE else {"customer_id": "carl"} if "orders" in path else {"locale": "de"}
    refused(await sent(both, "k-1", **different), 422, "idempotency-key-reused")
    new = await sent(both, "k-2")
    if who != "guest":  # whose token the old secret has signed
        assert "Idempotency-Replayed" in (await sent(newest, "k-2")).headers
        refused(await sent(newest, "k-1"), 422, "idempotency-key-reused")
    assert "Idempotency-Replayed" not in new.headers
    for shop in (old, both, newest):
        await shop.close()


async def test_who_was_erased_under_the_old_secret_stays_erased(pool: Pool):
    """An order from before the erasure that comes late must not bring the customer back."""
    placed_at = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    old = await opened(pool, TOKEN_SECRET)
    done(await old.server().ask("POST", "/customers/anna/erasure"), 202)
    both = await opened(pool, NEW, TOKEN_SECRET)
    await both.server().order("10042", customer_id="anna", placed_at=placed_at)
    assert await pool.fetchval("SELECT customer_id FROM orders") is None
    for shop in (old, both):
        await shop.close()


def test_sealed_secrets_of_stores_open_with_the_old_one_too():
    sealed = Seal(b"o" * 32).close("shop", {"jwt_key": "x"})
    assert Seal(b"n" * 32, b"o" * 32).open("shop", sealed) == {"jwt_key": "x"}
    with pytest.raises(BrokenSealError):
        Seal(b"o" * 32).open("shop", Seal(b"n" * 32, b"o" * 32).close("shop", {}))


@pytest.mark.parametrize("wrong", ["short", "[]", '["%s", "short"]' % ("x" * 32), "[broken", '{"a": 1}'])
def test_each_of_them_is_long_enough(wrong: str):
    known = settings().model_dump()
    with pytest.raises(ValidationError):
        CartSettings.model_validate(known | {"token_secret": wrong})


def test_one_secret_is_written_as_before():
    plain = settings().model_copy().model_dump() | {"token_secret": "s" * 32}
    assert [one.get_secret_value() for one in CartSettings.model_validate(plain).token_secret] == ["s" * 32]
