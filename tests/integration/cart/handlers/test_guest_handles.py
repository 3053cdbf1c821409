"""Guests who leave a chat: it is asked as a number is, handed over, exported, erased, and counted."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import ProfileErased, ProfileSet
from services.cart.domain.customers.guest_contact import UNANSWERED_DAYS
from services.cart.domain.rate import Rate
from tests.integration.cart.handlers.test_double_opt_in import guests, look, says_yes, told
from tests.integration.cart.handlers.test_erasure import erase
from tests.integration.cart.ratelimit.test_rate_limits import Crossing
from tests.integration.cart.shop import Shop, Visitor, done

CHAT, NUMBER, MAIL = "4711000815", "+48221234567", "anna@mail.test"
BY = {name: {"channel": name, "wording": f"Remind me by {name}."} for name in ("email", "telegram", "whatsapp")}


@pytest.fixture
def taking(shop: Shop) -> Shop:
    shop.change_store(guest_contacts="single_opt_in")
    return shop


async def leave(guest: Visitor, *channels: str, **known: Any) -> None:
    body = {"handles": {"telegram": CHAT}, "consents": [BY[name] for name in channels]} | known
    assert (await guest.ask("PUT", "/cart/contact", body, Origin="https://shop.test")).status_code == 204


async def somebody(shop: Shop, *channels: str, **known: Any) -> Visitor:
    guest = await shop.guest()
    await guest.add()
    await leave(guest, *(channels or ("telegram",)), **known)
    return guest


def chats(profile: ProfileSet) -> dict[str, tuple[str, bool, bool]]:
    """Where each chat is, whether it was agreed to, and whether it is told since when."""
    return {n: (one.handle, one.consent, one.consent_at is not None) for n, one in (profile.handles or {}).items()}


async def test_a_chat_waits_for_its_own_yes_and_is_told_with_the_profile(taking: Shop):
    guest = await somebody(taking, "telegram", "whatsapp", handles={"telegram": CHAT, "whatsapp": "+48 22 1234567"})
    asked = await told(taking)
    assert chats(asked) == {"telegram": (CHAT, False, False), "whatsapp": (NUMBER, False, False)}
    assert asked.unconfirmed == ("telegram", "whatsapp")
    seen = await taking.server().look((await guest.cart())["id"])
    assert seen["recipient"]["consent"] == {"email": False, "sms": False, "telegram": False, "whatsapp": False}
    assert (await look(taking, asked.customer_id))["unconfirmed"] == ["telegram", "whatsapp"]
    await says_yes(taking, asked, "telegram")
    after = await told(taking)
    assert chats(after) == {"telegram": (CHAT, True, True), "whatsapp": (NUMBER, False, False)}
    assert after.unconfirmed == ("whatsapp",)
    row = await taking.pool.fetchrow("SELECT wording, page FROM consents WHERE channel = 'telegram'")
    assert row is not None
    assert tuple(row) == (BY["telegram"]["wording"], "https://shop.test")


async def test_what_is_left_later_replaces_the_chat_too_and_a_yes_for_the_old_one_is_none(taking: Shop):
    guest = await somebody(taking)
    asked = await told(taking)
    await leave(guest, "telegram", handles={"telegram": "4712"})
    await says_yes(taking, asked, "telegram")
    assert chats(await told(taking)) == {"telegram": ("4712", False, False)}
    await leave(guest, "email", handles={}, email=MAIL)
    after = await told(taking)
    assert (chats(after), after.email_consent) == ({}, True)
    assert [row["channel"] for row in await taking.pool.fetch("SELECT channel FROM consents")] == ["email"]


async def test_a_chat_that_does_not_answer_is_forgotten_and_the_rest_stays(taking: Shop):
    await somebody(taking, "telegram", "email", email=MAIL)
    taking.clock.forward(UNANSWERED_DAYS + timedelta(seconds=1))
    assert await guests(taking).round() == 1
    after = await told(taking)
    assert (after.email, chats(after), after.unconfirmed) == (MAIL, {}, None)


async def test_at_a_log_in_the_chat_is_the_customers_and_its_yes_counts_there(taking: Shop):
    guest = await somebody(taking)
    asked = await told(taking)
    await taking.customer().claim(guest)
    mine = await told(taking)
    assert (mine.customer_id, chats(mine), mine.unconfirmed) == (
        "anna",
        {"telegram": (CHAT, False, False)},
        ("telegram",),
    )
    answer = asked.model_copy(update={"customer_id": "anna"})
    await says_yes(taking, answer, "telegram")
    assert chats(await told(taking)) == {"telegram": (CHAT, True, True)}


async def test_an_order_makes_the_chat_the_customers_too(taking: Shop):
    guest = await somebody(taking)
    await taking.server().order("1", customer_id="anna", cart_id=(await guest.cart())["id"])
    mine = await told(taking)
    assert (mine.customer_id, chats(mine)) == ("anna", {"telegram": (CHAT, False, False)})


async def test_an_order_of_somebody_with_the_same_chat_ends_the_reminders_of_the_guests_cart(taking: Shop):
    guest, other = await somebody(taking), await somebody(taking, handles={"telegram": "4712"})
    said = {"handles": {"telegram": {"handle": CHAT}}}
    done(await taking.server().ask("PUT", "/customers/anna/profile", said))
    await taking.server().order("1", customer_id="anna")
    assert (await taking.server().look((await guest.cart())["id"]))["silent_since"] is not None
    assert (await taking.server().look((await other.cart())["id"]))["silent_since"] is None


async def test_a_chat_that_the_shop_tells_of_waits_for_no_answer_and_other_channels_do(taking: Shop):
    guest = await somebody(taking, "telegram", "whatsapp", handles={"telegram": CHAT, "whatsapp": NUMBER})
    await taking.customer().claim(guest)
    said = {"handle": CHAT, "consent": True}
    done(await taking.server().ask("PUT", "/customers/anna/handles/telegram", said))
    after = await told(taking)
    assert chats(after) == {"telegram": (CHAT, True, True), "whatsapp": (NUMBER, False, False)}
    assert after.unconfirmed == ("whatsapp",)


async def test_a_guest_with_the_chat_of_who_is_erased_is_forgotten_and_another_is_not(taking: Shop):
    said = {"handles": {"telegram": {"handle": CHAT, "consent": True}}}
    done(await taking.server().ask("PUT", "/customers/anna/profile", said))
    await somebody(taking, handles={"telegram": "4712"})
    other = (await told(taking)).customer_id
    await somebody(taking, handles={"whatsapp": CHAT}, consents=[])
    channel = (await told(taking)).customer_id
    await somebody(taking)
    same = (await told(taking)).customer_id
    await erase(taking.server())
    gone = {event.customer_id for event in await taking.events() if isinstance(event, ProfileErased)}
    assert gone == {"anna", same}
    rows = await taking.pool.fetch("SELECT customer_id FROM profiles")
    assert {row["customer_id"] for row in rows} == {other, channel}


async def test_an_export_shows_the_chat_and_what_was_agreed_to(taking: Shop):
    await taking.customer().claim(await somebody(taking))
    shown = done(await taking.server().ask("GET", "/customers/anna/export"))
    assert CHAT in str(shown)
    assert BY["telegram"]["wording"] in str(shown)


async def test_who_leaves_one_chat_often_is_told_to_wait_and_a_number_counts_once_in_one_form(pool):
    crossing = Crossing(pool, contacts=Rate(per_second=0.1, burst=2))
    stores = crossing.settings.stores
    stores["shop"] = stores["shop"].model_copy(update={"guest_contacts": "single_opt_in"})
    token = done(await crossing.visitor(0, {}).ask("POST", "/cart/token"), 201)["cart_token"]
    left = {"phone": NUMBER, "handles": {"whatsapp": NUMBER}}
    # each from an address of its own, so that only what is left counts
    for number, status in enumerate((404, 404, 429)):
        guest = crossing.visitor(0, {}, (f"203.0.113.{number}", 1))
        answer = await guest.ask("PUT", "/cart/contact", left, X_Cart_Token=token)
        assert answer.status_code == status
    assert answer.json()["limit"] == "contacts"
