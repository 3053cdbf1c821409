"""A guest whose address is forgotten waits for nothing any more, whatever the way in which it goes."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import WatchCleared, WatchSet
from services.cart.domain.cart import Context
from services.cart.domain.customers.guest_contact import UNANSWERED_DAYS
from services.cart.handlers import guest_contacts
from tests.integration.cart.handlers.test_double_opt_in import EMAIL, MAIL, PHONE, TEXT, asking, guests, says_yes
from tests.integration.cart.handlers.test_double_opt_in import told as profile_told
from tests.integration.cart.handlers.test_erasure import erase
from tests.integration.cart.handlers.test_watches import ends, told, waits_for
from tests.integration.cart.shop import Shop, Visitor, done, refused

__all__ = ["asking"]


async def waiting(shop: Shop, *consents: dict[str, str], **more: Any) -> Visitor:
    """A guest who waits for two items and has left an address that has yet to answer."""
    guest = await shop.guest()
    contact = {"email": MAIL, "consents": list(consents or (EMAIL,))} | more
    done(await guest.ask("POST", "/watches", {"sku": "rug", "contact": contact}), 201)
    done(await guest.ask("POST", "/watches", {"sku": "lamp"}), 201)
    return guest


async def left(shop: Shop) -> list[int]:
    """Of all tables in which something of a guest stands."""
    tables = ("watches", "profiles", "consents", "guest_recipients")
    return [await shop.pool.fetchval(f"SELECT count(*) FROM {table}") for table in tables]


@pytest.mark.parametrize("cart", ["none", "before", "after"])
async def test_who_does_not_answer_waits_no_more_and_may_ask_again_with_an_address(asking: Shop, cart: str) -> None:
    guest = await asking.guest()
    if cart == "before":
        await guest.add()
    contact = {"email": MAIL, "consents": [EMAIL]}
    for sku, by in (("rug", {"contact": contact}), ("lamp", {})):
        done(await guest.ask("POST", "/watches", {"sku": sku} | by), 201)
    if cart == "after":
        await guest.add()
        done(await guest.ask("PUT", "/cart/contact", contact), 204)
    asking.clock.forward(UNANSWERED_DAYS + timedelta(seconds=1))
    assert (await guests(asking).round(), await guests(asking).round()) == (1, 0)
    assert await ends(asking) == [("rug", "erased"), ("lamp", "erased")]
    assert [one.customer_id for one in await told(asking) if isinstance(one, WatchCleared)] == [None, None]
    assert (await waits_for(guest), await left(asking)) == ([], [0, 0, 0, 0])
    refused(await guest.ask("POST", "/watches", {"sku": "rug"}), 403, "contact-required")
    done(await guest.ask("POST", "/watches", {"sku": "rug", "contact": contact}), 201)
    assert await left(asking) == [1, 1, 1, 1]


async def test_who_is_reached_by_another_address_that_has_answered_goes_on_waiting(asking: Shop) -> None:
    guest = await waiting(asking, EMAIL, TEXT, phone=PHONE)
    await says_yes(asking, await profile_told(asking))
    asking.clock.forward(UNANSWERED_DAYS + timedelta(seconds=1))
    assert await guests(asking).round() == 1
    assert (await waits_for(guest), await ends(asking)) == (["rug", "lamp"], [])


async def test_an_erasure_before_the_address_answers_ends_it_too(asking: Shop) -> None:
    guest, server = await waiting(asking), asking.server()
    done(await server.ask("PUT", "/customers/anna/profile", {"email": MAIL}))
    await erase(server)
    assert (await waits_for(guest), (await left(asking))[0]) == ([], 0)
    assert await ends(asking) == [("rug", "erased"), ("lamp", "erased")]


@pytest.mark.parametrize("again", [False, True])
async def test_who_asks_while_the_address_is_forgotten_waits_with_an_address_or_not_at_all(
    asking: Shop, again: bool
) -> None:
    guest = await waiting(asking)
    [recipient] = {one.customer_id for one in await told(asking) if isinstance(one, WatchSet)}
    asking.clock.forward(UNANSWERED_DAYS + timedelta(seconds=1))
    asks = {"sku": "pot"} | ({"contact": {"email": MAIL, "consents": [EMAIL]}} if again else {})
    async with asking.pool.acquire() as connection, connection.transaction():
        await guest_contacts._forget_unanswered(connection, "shop", recipient or "", Context(asking.clock()))
        call = asyncio.ensure_future(guest.ask("POST", "/watches", asks))
        while not await connection.fetchval(
            "SELECT count(*) FROM pg_locks JOIN pg_database AS d ON d.oid = database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted"
        ):
            assert not call.done(), "it has to wait for what becomes of the address"
            await asyncio.sleep(0.01)
    if again:
        done(await call, 201)
        assert await left(asking) == [1, 1, 1, 1], "and can be forgotten again"
    else:
        refused(await call, 403, "contact-required")
        assert await left(asking) == [0, 0, 0, 0]
