"""Where further channels reach a customer: kept with the profile, told with it, and yes or no in a look."""

from typing import Any

from libs.contracts.events import ProfileSet
from tests.integration.cart.shop import Shop, Visitor, done, refused

ANNA: dict[str, Any] = {"email": "anna@shop.example", "locale": "pl", "email_consent": True}
WANTED = {"handle": "4711000815", "consent": True}


async def put(server: Visitor, **handles: Any) -> None:
    done(await server.ask("PUT", "/customers/anna/profile", ANNA | {"handles": handles}))


async def handles(server: Visitor) -> Any:
    return done(await server.ask("GET", "/customers/anna/profile"))["handles"]


async def told(shop: Shop) -> ProfileSet:
    return [event for event in await shop.events() if isinstance(event, ProfileSet)][-1]


async def test_handles_are_kept_told_and_read(shop: Shop):
    server = shop.server()
    await put(server, whatsapp={"handle": "+48 22 123 45 67"}, telegram=WANTED)
    kept = await handles(server)
    assert (kept["whatsapp"]["handle"], kept["whatsapp"]["consent_at"]) == ("+48221234567", None)
    assert kept["telegram"]["consent_at"] is not None
    event = await told(shop)
    assert event.handles is not None
    assert {name: (one.handle, one.consent) for name, one in event.handles.items()} == {
        "whatsapp": ("+48221234567", False),
        "telegram": ("4711000815", True),
    }


async def test_a_shop_that_says_nothing_of_handles_takes_none_away_and_one_that_says_none_does(shop: Shop):
    server = shop.server()
    await put(server, telegram=WANTED)
    before = await handles(server)
    done(await server.ask("PUT", "/customers/anna/profile", ANNA | {"locale": "de"}))
    assert await handles(server) == before
    await put(server, telegram=WANTED)
    assert await handles(server) == before
    await put(server)
    assert (await handles(server), (await told(shop)).handles) == ({}, None)


async def test_a_chat_is_tied_to_a_customer_whose_profile_is_known_and_to_nobody_else(shop: Shop):
    server = shop.server()
    refused(await server.ask("PUT", "/customers/anna/handles/telegram", WANTED), 404, "unknown-customer")
    await put(server, whatsapp={"handle": "+48221234567", "consent": True})
    done(await server.ask("PUT", "/customers/anna/handles/telegram", WANTED))
    assert set(await handles(server)) == {"whatsapp", "telegram"}
    assert (await told(shop)).email == "anna@shop.example"
    for channel in ("email", "sms", "Telegram", "x" * 33):
        assert (await server.ask("PUT", f"/customers/anna/handles/{channel}", WANTED)).status_code == 422


async def test_a_look_says_yes_and_no_of_each_channel_and_no_handle(shop: Shop):
    server, anna = shop.server(), shop.customer("anna")
    await put(server, telegram=WANTED, whatsapp={"handle": "+48221234567"})
    cart = await anna.add("tea")
    for path in (f"/carts/{cart['id']}", "/customers/anna/look"):
        answer = await server.ask("GET", path)
        recipient = done(answer)["recipient"]
        assert recipient["reach"] == {"email": True, "sms": False, "telegram": True, "whatsapp": True}
        assert recipient["consent"] == {"email": True, "sms": False, "telegram": True, "whatsapp": False}
        assert "4711000815" not in answer.text


async def test_handles_go_with_the_customer_and_are_erased_with_them(shop: Shop):
    server = shop.server()
    done(await server.ask("PUT", "/customers/card-7/profile", ANNA | {"handles": {"telegram": WANTED}}))
    done(await server.ask("POST", "/customers/card-7/merge", {"into": "anna"}))
    assert set(await handles(server)) == {"telegram"}
    done(await server.ask("DELETE", "/customers/anna/profile"), 204)
    assert await shop.count("profiles") == 0
