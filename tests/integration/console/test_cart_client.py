"""The console's call is one that the cart service takes: with the scopes of the settings page, once, and as staff."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from libs.contracts.events import CartEvent
from libs.postgres.pool import open_pool
from services.cart.main import MIGRATIONS
from services.console.clients.cart import Cart
from services.console.clients.service import ServiceClient, ServiceError
from services.console.domain.cart_edits import CartEdit, edit_of, fault_of, open_cart, version_of
from tests.integration.cart.shop import Shop, done, held

SCOPES = ("carts:read", "carts:write", "customers:read")


@pytest.fixture
async def shop(make_database: Callable[[Path], str]) -> AsyncIterator[Shop]:
    pool = await open_pool(make_database(MIGRATIONS), size=4)
    shop = Shop.open(pool, replicas=1)
    yield shop
    await shop.close()
    await pool.close()


async def client(shop: Shop, *scopes: str) -> Cart:
    made = done(await shop.server().ask("POST", "/keys", {"name": "console", "scopes": scopes}), 201)
    keys = {"shop": SecretStr(made["secret"])}
    return Cart(ServiceClient("cart", "http://cart.test", keys, shop.clients[0]))


async def edited(cart: Cart, **form: Any) -> CartEdit:
    """What the form on the page of now asks for."""
    carts = await cart.carts("shop", "anna")
    return edit_of({"version": version_of(open_cart(carts))} | form, carts, "EUR")


async def test_support_puts_in_sets_and_takes_out_what_the_customer_sees(shop: Shop):
    cart, anna = await client(shop, *SCOPES), shop.customer()
    await cart.change("shop", "anna", await edited(cart, sku="tea", quantity="2", title="Tea", price="4.50"), "k-1")
    await cart.change("shop", "anna", await edited(cart, sku="tea", quantity="1"), "k-2")
    seen = await anna.cart()
    assert (held(seen), seen["total"]) == ({"tea": 3}, 1350)
    line = seen["lines"][0]["line_id"]
    await cart.change("shop", "anna", await edited(cart, line=line, quantity="5"), "k-3")
    assert held(await anna.cart()) == {"tea": 5}
    await cart.change("shop", "anna", await edited(cart, line=line, do="remove"), "k-4")
    assert held(await anna.cart()) == {}
    assert {event.origin for event in await shop.events() if isinstance(event, CartEvent)} == {"staff"}


async def test_two_clicks_are_one_and_an_old_page_changes_nothing(shop: Shop):
    cart, anna = await client(shop, *SCOPES), shop.customer()
    edit = await edited(cart, sku="tea", quantity="2", title="Tea", price="4.50")
    for _ in range(2):
        await cart.change("shop", "anna", edit, "k-1")
    with pytest.raises(ServiceError) as refused:
        await cart.change("shop", "anna", edit, "k-2")
    error = refused.value
    assert fault_of(error.status, error.members, "add", silent=error.silent).key == "stale"
    assert held(await anna.cart()) == {"tea": 2}


async def test_a_key_that_may_not_write_is_told_so(shop: Shop):
    cart = await client(shop, "carts:read")
    with pytest.raises(ServiceError) as refused:
        await cart.change("shop", "anna", await edited(cart, sku="t", quantity="1", title="T", price="1"), "k-1")
    error = refused.value
    assert fault_of(error.status, error.members, "add", silent=error.silent).key == "no_scope"
