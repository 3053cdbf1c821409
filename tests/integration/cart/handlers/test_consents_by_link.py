"""A consent that a customer gives at a message's link: kept with its proof, counted, or asked first, and once."""

from typing import Any

import pytest

from libs.contracts.codec import encode
from libs.contracts.events import ConsentGiven, ProfileSet
from libs.contracts.topics import CUSTOMER_CONSENTS
from libs.inbox.records import Received, Wire
from libs.runtime.clock import utc_now
from libs.runtime.ids import uuid7
from services.cart.domain.customers.opt_in import OptIns
from services.cart.feeds.consents import ConsentAnswers
from tests.integration.cart.handlers.test_double_opt_in import MAIL, PHONE, QUESTION, says_yes, state, told
from tests.integration.cart.shop import Shop, done

WORDING = "May the shop write to you here?"
BOTH: dict[str, Any] = {"email": MAIL, "phone": PHONE, "locale": "pl"}


async def known(shop: Shop, **more: Any) -> ProfileSet:
    """Anna, who has ordered and agreed to nothing."""
    done(await shop.server().ask("PUT", "/customers/anna/profile", BOTH | more))
    return await told(shop)


async def agrees(shop: Shop, profile: ProfileSet, channel: str = "email", **more: Any) -> None:
    """What the notifier tells, twice, as it comes from Kafka."""
    values: dict[str, Any] = {
        "event_id": uuid7(),
        "occurred_at": utc_now(),
        "store_id": profile.store_id,
        "customer_id": profile.customer_id,
        "channel": channel,
        "profile_version": profile.profile_version,
        "reminder_id": uuid7(),
        "page": "preference_centre",
        "wording": WORDING,
        "given_at": shop.clock(),
    }
    feed = ConsentAnswers(shop.pool, shop.clock, lambda *_: None, shop.books[0], OptIns.read())
    record = encode(ConsentGiven(**values | more), "/evercart/notifier")
    event = feed.read(Wire(record.topic, record.key, record.headers, record.value))
    received = Received(event, CUSTOMER_CONSENTS.name, 0, 1, utc_now())
    assert await feed.handle([received, received]) == ()


async def profiles(shop: Shop) -> list[ProfileSet]:
    return [event for event in await shop.events() if isinstance(event, ProfileSet)]


async def test_where_nobody_wants_it_confirmed_it_counts_at_once_and_is_kept_with_its_words(shop: Shop):
    await agrees(shop, await known(shop))
    assert [state(one) for one in await profiles(shop)] == [(False, False, None), (True, False, None)]
    row = await shop.pool.fetchrow("SELECT customer_id, channel, wording, page, agreed_at, asked_version FROM consents")
    assert row is not None
    assert tuple(row) == ("anna", "email", WORDING, "preference_centre", shop.clock(), None)
    profile = done(await shop.server().ask("GET", "/customers/anna/profile"))
    assert (profile["email_consent"], profile["sms_consent"]) == (True, False)
    export = done(await shop.server().ask("GET", "/customers/anna/export"))
    assert WORDING in str(export)


@pytest.mark.parametrize(
    ("policy", "channel", "more"),
    [("double_opt_in", "email", {}), ("off", "email", {"locale": "de"}), ("off", "sms", {})],
)
async def test_where_store_or_country_want_it_the_address_is_asked_first(
    shop: Shop, policy: str, channel: str, more: dict[str, Any]
):
    shop.change_store(guest_contacts=policy)
    await agrees(shop, await known(shop, **more), channel)
    asked = await told(shop)
    assert state(asked) == (False, False, (channel,))
    await says_yes(shop, asked, channel)
    assert state(await told(shop)) == (channel == "email", channel == "sms", None)
    row = await shop.pool.fetchrow("SELECT wording, confirmed_wording, confirmed_at FROM consents")
    assert row is not None
    assert tuple(row) == (WORDING, QUESTION, shop.clock())


async def test_what_speaks_of_a_profile_of_before_of_nobody_or_of_no_store_is_nothing(shop: Shop):
    old = await known(shop)
    new = await known(shop, email="new@mail.test")
    await agrees(shop, old)
    await agrees(shop, new, customer_id="nobody")
    await agrees(shop, new, store_id="none")
    assert len(await profiles(shop)) == 2
    assert await shop.pool.fetchval("SELECT count(*) FROM consents") == 0


async def test_two_channels_are_agreed_to_one_after_the_other_and_neither_forgets_the_other(shop: Shop):
    await agrees(shop, await known(shop))
    await agrees(shop, await told(shop), "sms")
    asked = await told(shop)
    assert state(asked) == (True, False, ("sms",))
    await says_yes(shop, asked, "sms")
    assert state(await told(shop)) == (True, True, None)
    assert await shop.pool.fetchval("SELECT count(*) FROM consents") == 2


async def test_under_another_name_it_is_the_customers(shop: Shop):
    done(await shop.server().ask("PUT", "/customers/anna/identities/card-7"))
    await agrees(shop, await known(shop), customer_id="card-7")
    assert state(await told(shop)) == (True, False, None)


async def test_what_the_shop_says_after_it_holds(shop: Shop):
    shop.change_store(guest_contacts="double_opt_in")
    await agrees(shop, await known(shop))
    await known(shop)
    assert state(await told(shop)) == (False, False, None), "nobody is asked any more"
    assert await shop.pool.fetchval("SELECT count(*) FROM consents") == 0
