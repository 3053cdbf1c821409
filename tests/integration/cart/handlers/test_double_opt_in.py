"""An address that a guest leaves counts once it has said yes: unconfirmed, confirmed, expired, and what comes then."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.codec import encode
from libs.contracts.events import ConsentConfirmed, ProfileErased, ProfileSet
from libs.contracts.topics import CUSTOMER_CONSENTS
from libs.inbox.records import Received, Wire
from libs.runtime.clock import utc_now
from libs.runtime.ids import uuid7
from services.cart.api.schemas.consents import Consents
from services.cart.db import guest_contacts, profiles
from services.cart.domain.customers.guest_contact import UNANSWERED_DAYS, Agreement
from services.cart.domain.customers.opt_in import OptIns
from services.cart.domain.rate import Rate
from services.cart.feeds.consents import ConsentAnswers
from services.cart.handlers.guest_contacts import GuestContactHandlers
from tests.integration.cart.handlers.test_erasure import erase
from tests.integration.cart.ratelimit.test_rate_limits import Crossing
from tests.integration.cart.shop import Shop, Visitor, done, refused
from tests.support.answers import as_documented
from tests.support.eventually import eventually

MAIL, PHONE = "anna@mail.test", "+48601234567"
EMAIL = {"channel": "email", "wording": "Write to me about my cart."}
TEXT = {"channel": "sms", "wording": "Text me about my cart."}
WAITS = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND locktype = 'advisory')"
QUESTION = "Do you want reminders about your cart?"


@pytest.fixture
def asking(shop: Shop) -> Shop:
    shop.change_store(guest_contacts="double_opt_in")
    return shop


async def somebody(shop: Shop, *consents: dict[str, str], **left: Any) -> Visitor:
    """A guest with a cart who has left an address."""
    guest = await shop.guest()
    await guest.add()
    await leave(guest, *consents, **left)
    return guest


async def leave(guest: Visitor, *consents: dict[str, str], **left: Any) -> None:
    body = {"email": MAIL, "consents": list(consents or (EMAIL,))} | left
    assert (await guest.ask("PUT", "/cart/contact", body)).status_code == 204


async def told(shop: Shop) -> ProfileSet:
    """The newest profile."""
    return [event for event in await shop.events() if isinstance(event, ProfileSet)][-1]


def state(profile: ProfileSet) -> tuple[bool, bool, tuple[str, ...] | None]:
    return profile.email_consent, profile.sms_consent, profile.unconfirmed


def guests(shop: Shop) -> GuestContactHandlers:
    return GuestContactHandlers(shop.pool, shop.clock, lambda *_: None)


async def says_yes(shop: Shop, asked: ProfileSet, channel: str = "email") -> None:
    """The address of a profile answers, and the notifier tells of it; whatever is told twice counts once."""
    answer = ConsentConfirmed(
        event_id=uuid7(),
        occurred_at=utc_now(),
        store_id=asked.store_id,
        customer_id=asked.customer_id,
        channel=channel,
        profile_version=asked.profile_version,
        wording=QUESTION,
        confirmed_at=shop.clock(),
    )
    feed = ConsentAnswers(shop.pool, shop.clock, lambda *_: None, shop.books[0], OptIns.read())
    record = encode(answer, "/evercart/notifier")
    event = feed.read(Wire(record.topic, record.key, record.headers, record.value))
    received = Received(event, CUSTOMER_CONSENTS.name, 0, 1, utc_now())
    assert await feed.handle([received, received]) == ()


async def look(shop: Shop, who: str) -> Any:
    return done(await shop.server().ask("GET", f"/customers/{who}/look"))["recipient"]


async def test_until_the_address_says_yes_its_consent_does_not_count(asking: Shop):
    guest = await somebody(asking)
    profile = await told(asking)
    assert (profile.email, state(profile)) == (MAIL, (False, False, ("email",)))
    seen = await asking.server().look((await guest.cart())["id"])
    assert seen["recipient"]["consent"] == {"email": False, "sms": False}
    assert (await look(asking, profile.customer_id))["unconfirmed"] == ["email"]


async def test_the_yes_goes_out_with_the_profile_once_and_is_kept_with_the_question(asking: Shop):
    await somebody(asking)
    asked = await told(asking)
    await says_yes(asking, asked)
    after = [event for event in await asking.events() if isinstance(event, ProfileSet)]
    assert [state(one) for one in after] == [(False, False, ("email",)), (True, False, None)]
    assert after[-1].email_consent_at == asking.clock()
    row = await asking.pool.fetchrow("SELECT wording, confirmed_wording, confirmed_at FROM consents")
    assert row is not None
    assert tuple(row) == (EMAIL["wording"], QUESTION, asking.clock())
    assert (await look(asking, asked.customer_id))["consent"] == {"email": True, "sms": False}


async def test_servers_are_told_what_somebody_agreed_to_and_what_proves_it(asking: Shop):
    """Story: support could see that somebody had agreed, and neither to which words nor where."""
    await somebody(asking, EMAIL, TEXT, phone=PHONE)
    asked, server = await told(asking), asking.server()
    await says_yes(asking, asked)
    answer = await server.ask("GET", f"/customers/{asked.customer_id}/consents")
    assert as_documented(answer.content, Consents)
    email, sms = done(answer)["consents"]
    assert (email["channel"], email["counts"], email["asked"]) == ("email", True, True)
    assert (email["wording"], email["confirmed_wording"]) == (EMAIL["wording"], QUESTION)
    assert (sms["channel"], sms["counts"], sms["wording"], sms["confirmed_at"]) == ("sms", False, TEXT["wording"], None)
    assert MAIL not in answer.text
    assert PHONE not in answer.text
    assert done(await server.ask("GET", "/customers/nobody/consents")) == {"consents": []}


@pytest.mark.parametrize(
    ("policy", "left", "waits"),
    [
        ("single_opt_in", {}, None),
        ("single_opt_in", {"locale": "de"}, ("email",)),
        ("single_opt_in", {"timezone": "Europe/Berlin"}, ("email",)),
        ("single_opt_in", {"country": "DE", "region": "BE"}, ("email",)),
        ("double_opt_in", {"locale": "pl"}, ("email",)),
        ("single_opt_in", {"phone": PHONE, "consents": [EMAIL, TEXT]}, ("sms",)),
        ("double_opt_in", {"email": None, "phone": PHONE, "consents": [TEXT]}, ("sms",)),
        ("double_opt_in", {"consents": []}, None),
    ],
)
async def test_who_is_asked(shop: Shop, policy: str, left: dict[str, Any], waits: tuple[str, ...] | None):
    shop.change_store(guest_contacts=policy)
    await somebody(shop, **left)
    assert (await told(shop)).unconfirmed == waits


async def test_a_number_is_kept_as_profiles_keep_it_and_texts_wait_for_its_own_yes(asking: Shop):
    await somebody(asking, EMAIL, TEXT, phone="+48 601 234 567")
    asked = await told(asking)
    assert (asked.phone, asked.unconfirmed) == (PHONE, ("email", "sms"))
    await says_yes(asking, asked, "sms")
    assert state(await told(asking)) == (False, True, ("email",))
    await says_yes(asking, asked)
    assert state(await told(asking)) == (True, True, None)


async def test_a_yes_counts_for_the_address_that_was_asked_and_for_no_other(asking: Shop):
    """Story: the guest's typing error was somebody's address, and their yes let us write to whatever came after it."""
    guest = await somebody(asking)
    asked = await told(asking)
    await leave(guest, email="right@mail.test")
    await says_yes(asking, asked)
    assert state(await told(asking)) == (False, False, ("email",))
    await says_yes(asking, await told(asking))
    assert state(await told(asking)) == (True, False, None)


async def test_the_same_address_again_is_the_same_question_and_after_a_yes_none(asking: Shop):
    guest = await somebody(asking)
    asked = await told(asking)
    await leave(guest, name="Anna")
    assert state(await told(asking)) == (False, False, ("email",))
    await says_yes(asking, asked)
    await leave(guest, name="Anna B")
    profile = await told(asking)
    assert (profile.name, state(profile)) == ("Anna B", (True, False, None))
    await leave(guest, consents=[])
    assert state(await told(asking)) == (False, False, None)


async def test_an_answer_that_nobody_waits_for_changes_nothing(asking: Shop):
    await somebody(asking)
    asked = await told(asking)
    before = len(await asking.events())
    await says_yes(asking, asked, "sms")
    await says_yes(asking, asked.model_copy(update={"customer_id": "guest:nobody"}))
    await says_yes(asking, asked.model_copy(update={"store_id": "other"}))
    assert len(await asking.events()) == before


async def test_who_does_not_answer_is_forgotten_and_a_late_yes_is_none(asking: Shop):
    await somebody(asking)
    asked = await told(asking)
    keeper = guests(asking)
    assert await keeper.round() == 0
    asking.clock.forward(UNANSWERED_DAYS + timedelta(seconds=1))
    assert (await keeper.round(), await keeper.round()) == (1, 0)
    assert [e.customer_id for e in await asking.events() if isinstance(e, ProfileErased)] == [asked.customer_id]
    await says_yes(asking, asked)
    for table in ("profiles", "consents", "guest_recipients"):
        assert await asking.pool.fetchval(f"SELECT count(*) FROM {table}") == 0


async def test_of_two_addresses_the_silent_one_is_forgotten(asking: Shop):
    await somebody(asking, EMAIL, TEXT, phone=PHONE)
    await says_yes(asking, await told(asking))
    asking.clock.forward(UNANSWERED_DAYS + timedelta(seconds=1))
    keeper = guests(asking)
    assert (await keeper.round(), await keeper.round()) == (1, 0)
    profile = await told(asking)
    assert (profile.email, profile.phone, state(profile)) == (MAIL, None, (True, False, None))
    assert [row["channel"] for row in await asking.pool.fetch("SELECT channel FROM consents")] == ["email"]


async def test_what_has_said_yes_is_not_forgotten_by_time(asking: Shop):
    await somebody(asking)
    await says_yes(asking, await told(asking))
    asking.clock.forward(UNANSWERED_DAYS * 2)
    assert await guests(asking).round() == 0


@pytest.mark.parametrize("how", ["log-in", "order"])
@pytest.mark.parametrize("answered", ["before", "after", "never"])
async def test_as_it_stands_it_becomes_the_customers_once(asking: Shop, how: str, answered: str):
    guest = await somebody(asking)
    asked = await told(asking)
    if answered == "before":
        await says_yes(asking, asked)
    if how == "log-in":
        await asking.customer().claim(guest)
    else:
        await asking.server().order("1", customer_id="anna", cart_id=(await guest.cart())["id"])
    handed = await told(asking)
    assert (handed.customer_id, handed.email) == ("anna", MAIL)
    assert state(handed) == ((True, False, None) if answered == "before" else (False, False, ("email",)))
    assert (handed.email_consent_at is None) is (answered != "before")
    assert await asking.count("profiles") == 1
    if answered == "after":
        await says_yes(asking, handed)
        assert (await told(asking)).customer_id == "anna"
        assert state(await told(asking)) == (True, False, None)
    before = len(await asking.events())
    await says_yes(asking, asked)
    assert len(await asking.events()) == before


async def test_what_the_shop_says_of_a_customer_ends_the_waiting(asking: Shop):
    await asking.customer().claim(await somebody(asking))
    waiting = await told(asking)
    done(await asking.server().ask("PUT", "/customers/anna/profile", {"email": MAIL}))
    assert (await told(asking)).unconfirmed is None
    await says_yes(asking, waiting)
    assert state(await told(asking)) == (False, False, None)


async def test_what_the_shop_says_ends_a_waiting_that_a_log_in_brings_meanwhile(asking: Shop):
    """Story: the shop told of an address as the guest logged in, and the stranger's yes let us write to the shop's."""
    async with asking.pool.acquire() as connection, connection.transaction():
        await profiles.lock(connection, "shop", "anna")
        call = asyncio.create_task(asking.server().ask("PUT", "/customers/anna/profile", {"email": "own@mail.test"}))
        await eventually(lambda: asking.pool.fetchval(WAITS))
        agreed = Agreement("email", "Write to me.", None, asking.clock(), 1)
        await guest_contacts.agree(connection, "shop", "anna", [agreed])
    done(await call)
    assert await asking.pool.fetchval("SELECT count(*) FROM consents") == 0


async def test_who_leaves_another_address_just_then_is_not_forgotten(asking: Shop, monkeypatch: pytest.MonkeyPatch):
    guest = await somebody(asking)
    asking.clock.forward(UNANSWERED_DAYS + timedelta(seconds=1))
    read = guest_contacts.page

    async def page(*arguments: Any) -> Any:
        found = await read(*arguments)
        await leave(guest, email="right@mail.test")
        return found

    monkeypatch.setattr(guest_contacts, "page", page)
    await guests(asking).round()
    assert (await told(asking)).email == "right@mail.test"
    assert await asking.count("profiles") == 1


async def test_a_merge_of_customers_takes_the_question_along(asking: Shop):
    await asking.customer("card-7").claim(await somebody(asking))
    done(await asking.server().ask("POST", "/customers/card-7/merge", {"into": "anna"}))
    handed = await told(asking)
    assert (handed.customer_id, state(handed)) == ("anna", (False, False, ("email",)))
    await says_yes(asking, handed.model_copy(update={"customer_id": "card-7"}))
    assert (await told(asking)).customer_id == "anna"
    assert state(await told(asking)) == (True, False, None)


@pytest.mark.parametrize("answered", [True, False])
@pytest.mark.parametrize("shares", ["email", "phone"])
async def test_an_erasure_reaches_all_of_it_and_an_export_shows_it(asking: Shop, answered: bool, shares: str):
    await somebody(asking, EMAIL, TEXT, phone=PHONE)
    asked, server = await told(asking), asking.server()
    if answered:
        await says_yes(asking, asked)
    known = {"email": MAIL.upper()} if shares == "email" else {"phone": PHONE}
    done(await server.ask("PUT", "/customers/anna/profile", known))
    exported = done(await server.ask("GET", "/customers/anna/export"))
    found = {one["channel"]: one for one in exported["consents"]}
    assert found["email"]["customer_id"] == asked.customer_id
    assert found["email"]["asked"] is True
    assert found["email"]["confirmed_wording"] == (QUESTION if answered else None)
    assert found["sms"]["confirmed_at"] is None
    await erase(server)
    for table in ("profiles", "consents", "guest_recipients"):
        assert await asking.pool.fetchval(f"SELECT count(*) FROM {table}") == 0
    await says_yes(asking, asked, "sms")
    assert await asking.count("profiles") == 0


async def test_who_leaves_many_numbers_is_told_to_wait_and_so_is_who_leaves_one_from_many_places(pool):
    """Story: a program had a stranger's telephone asked from every machine that it had."""
    crossing = Crossing(pool, contacts=Rate(per_second=0.01, burst=2))
    stores = crossing.settings.stores
    stores["shop"] = stores["shop"].model_copy(update={"guest_contacts": "double_opt_in"})

    async def leaves(visitor: Visitor, phone: str) -> int:
        token = done(await visitor.ask("POST", "/cart/token"), 201)["cart_token"]
        return (await visitor.ask("PUT", "/cart/contact", {"phone": phone}, X_Cart_Token=token)).status_code

    one_place = crossing.visitor(0, {})
    assert [await leaves(one_place, f"+4860123456{n}") for n in range(3)] == [404, 404, 429]
    places = [crossing.visitor(0, {}, (f"198.51.{n}.7", 4711)) for n in range(3)]
    assert [await leaves(place, "+48601000000") for place in places] == [404, 404, 429]


async def test_a_consent_without_its_address_is_refused_whole(asking: Shop):
    guest = await asking.guest()
    await guest.add()
    refused(await guest.ask("PUT", "/cart/contact", {"email": MAIL, "consents": [TEXT]}), 422, "invalid-request")
    assert await asking.count("profiles") == 0
