"""Addresses are people: what holds of one holds however it is spelled, and whichever customers have it."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from services.notifier.db import deliveries, suppressions
from services.notifier.db.erase_customer import carry_over
from tests.integration.notifier.conftest import LEASE, World, low_stock
from tests.integration.notifier.stand_ins import STORE
from tests.support.eventually import eventually

SPELLINGS = ("Anna@FUßBALL.example", "anna@xn--fuball-cta.example")


@pytest.mark.parametrize("bounced", SPELLINGS)
@pytest.mark.parametrize("known", SPELLINGS)
async def test_an_address_is_closed_in_both_its_spellings(world: World, bounced: str, known: str):
    await world.knows(email=known)
    async with world.pool.acquire() as connection:
        await suppressions.suppress_address(connection, STORE, "email", bounced, "bounced")
        await suppressions.suppress_address(connection, STORE, "email", "anna@fussball.example", "bounced")
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "suppressed")


async def test_somebody_else_s_bounce_closes_nothing(world: World):
    await world.knows(email="anna@fußball.example")
    async with world.pool.acquire() as connection:
        await suppressions.suppress_address(connection, STORE, "email", "anna@fussball.example", "bounced")
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert world.relay.recipients == ["anna@xn--fuball-cta.example"]


HOUR = timedelta(hours=1)
INBOX = ("family@mail.example", "Family@Mail.Example")


async def share(world: World, *customers: str, **known) -> None:
    """Customers of one inbox, who spell it in their own ways, and of one number."""
    for version, customer in enumerate(customers, start=1):
        await world.knows(customer, version=version, email=INBOX[version % 2], **known)


async def test_ten_customers_with_one_inbox_get_one_mail_under_a_cap(world: World):
    """mautic#1892: one address, two contacts, two mails."""
    world.shop["email_cap_hours"] = 16
    customers = [f"c{n}" for n in range(10)]
    await share(world, *customers)
    requests = []
    for customer in customers:
        requests.append(await world.asks(customer_id=customer, **low_stock(channel="email")))
        await world.deliver()
    ends = [await world.ended(one) for one in requests]
    assert Counter(ends) == {("sent", None): 1, ("expired", "frequency_cap"): 9}
    assert len(world.relay.messages) == 1


async def test_a_cap_of_a_number_holds_for_all_who_have_it(world: World):
    world.shop["sms_cap_hours"] = 4
    await share(world, "anna", "bert")
    first = await world.asks(**low_stock())
    await world.deliver()
    second = await world.asks(customer_id="bert", **low_stock())
    await world.deliver()
    assert (await world.ended(first), await world.ended(second)) == (("sent", None), ("pending", "frequency_cap"))


async def test_two_customers_of_one_inbox_at_once_get_one_mail(world: World):
    """Both find the cap unused in their first check: the lock is the address's."""
    world.shop["email_cap_hours"] = 4
    await share(world, "anna", "bert")
    about = low_stock(channel="email")
    requests = [await world.asks(customer_id=who, cart_id=uuid4(), **about) for who in ("anna", "bert")]
    world.carts.before_answer = lambda: eventually(lambda: world.carts.asked >= 2)  # by one call, or by two
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 10, uuid4(), LEASE)
    await asyncio.gather(*(world.delivery().deliver(one) for one in claimed))
    assert len(world.relay.messages) == 1
    ends = [await world.ended(one) for one in requests]
    assert sorted(ends) == [("pending", "frequency_cap"), ("sent", None)]


async def test_an_address_keeps_its_cap_when_the_customer_who_was_written_to_has_another(world: World):
    world.shop["email_cap_hours"] = 4
    await share(world, "anna", "bert")
    await world.asks(**low_stock(channel="email"))
    await world.deliver()
    await world.knows(version=9, email="anna@mail.example")
    second = await world.asks(customer_id="bert", **low_stock(channel="email"))
    await world.deliver()
    assert await world.ended(second) == ("pending", "frequency_cap")


async def test_one_cap_holds_over_all_campaigns_kinds_and_what_a_shop_hands_over(world: World):
    """Story: the cap counted within a campaign, and three campaigns made three mails (mautic#6729)."""
    world.shop["email_cap_hours"] = 4
    await world.knows()
    sent = await world.asks(campaign="cart")
    await world.deliver()
    more = [
        await world.asks(campaign="last_chance", step=2),
        await world.asks(**low_stock(channel="email", campaign="stock")),
        await world.asks(campaign="spring", kind="win_back", template="win_back"),
        await world.asks(campaign="own", kind="shop_marketing", template="win_back"),
    ]
    await world.deliver()
    assert await world.ended(sent) == ("sent", None)
    assert [await world.ended(one) for one in more] == [("pending", "frequency_cap")] * 4
    assert len(world.relay.messages) == 1


async def test_a_message_of_an_older_release_counts_for_its_customer(world: World):
    """It wrote down nobody's address."""
    world.shop["email_cap_hours"] = 4
    await world.knows()
    await world.asks(**low_stock(channel="email"))
    await world.deliver()
    await world.pool.execute("UPDATE deliveries SET recipient = NULL")
    second = await world.asks(**low_stock(channel="email"))
    await world.deliver()
    assert await world.ended(second) == ("pending", "frequency_cap")


async def test_other_people_s_caps_are_their_own(world: World):
    world.shop["email_cap_hours"] = 4
    await world.knows("anna", email="an.na@mail.example")
    await world.knows("bert", email="anna@mail.example", phone=None)
    for who in ("anna", "bert"):
        await world.asks(customer_id=who, **low_stock(channel="email"))
        await world.deliver()
    assert world.relay.recipients == ["an.na@mail.example", "anna@mail.example"], "dots are left alone"


async def test_quiet_hours_are_those_of_the_place_that_was_told_last_of_the_address(world: World):
    world.now = datetime(2026, 3, 10, 12, tzinfo=UTC)
    world.shop["quiet_hours"] = "21:00-09:00"
    await world.knows("anna", version=1, email=INBOX[0], timezone="Europe/Berlin")
    await world.knows("bert", version=2, email=INBOX[1], timezone="Asia/Tokyo")  # 21:00 there
    await world.knows("cleo", version=3, email=INBOX[0])
    for who in ("anna", "bert", "cleo"):
        request = await world.asks(customer_id=who, **low_stock(channel="email"))
        await world.pool.execute("UPDATE deliveries SET expires_at = now() + interval '9 days'")
        await world.deliver()
        assert (await world.row(request))["reason"] == "quiet_hours"


def quiet(world: World, hours: float, customer: str = "anna") -> dict[str, Any]:
    return {"customer_id": customer, "quiet_since": world.now - hours * HOUR}


async def test_of_reminders_that_wait_at_once_the_latest_quiet_cart_s_goes(world: World):
    await share(world, "anna", "bert", "cleo")
    oldest = await world.asks(**quiet(world, 48), step=3)
    latest = await world.asks(**quiet(world, 1, "bert"))
    middle = await world.asks(**quiet(world, 24, "cleo"), step=2)
    await world.deliver()
    assert await world.ended(latest) == ("sent", None)
    assert await world.ended(oldest) == await world.ended(middle) == ("cancelled", "newer_cart")
    assert sorted(await world.told()) == ["message.cancelled", "message.cancelled", "message.sent"]


async def test_which_is_taken_up_first_makes_no_difference(world: World):
    await share(world, "anna", "bert")
    older = await world.asks(**quiet(world, 2))
    newer = await world.asks(**quiet(world, 1, "bert"))
    async with world.pool.acquire() as connection:
        claimed = await deliveries.claim(connection, 10, uuid4(), LEASE)
    for one in sorted(claimed, key=lambda one: one.reminder_id == older.reminder_id):
        await world.delivery().deliver(one)
    assert (await world.ended(newer), await world.ended(older)) == (("sent", None), ("cancelled", "newer_cart"))


async def test_a_newer_cart_that_comes_later_is_not_awaited(world: World):
    await share(world, "anna", "bert")
    older = await world.asks(**quiet(world, 2))
    await world.deliver()
    newer = await world.asks(**quiet(world, 1, "bert"))
    await world.deliver()
    assert (await world.ended(older), await world.ended(newer)) == (("sent", None), ("sent", None))


async def test_what_was_put_off_gives_way_to_a_newer_cart(world: World):
    world.shop["email_cap_hours"] = 4
    await share(world, "anna", "bert", "cleo")
    await world.asks(**quiet(world, 3, "cleo"))
    await world.deliver()
    older = await world.asks(**quiet(world, 2))
    await world.deliver()
    assert await world.ended(older) == ("pending", "frequency_cap")
    newer = await world.asks(**quiet(world, 1, "bert"))
    await world.passes(5 * HOUR)
    await world.deliver()
    assert (await world.ended(newer), await world.ended(older)) == (("sent", None), ("cancelled", "newer_cart"))


async def test_stock_alerts_are_no_reminders_of_carts(world: World):
    await share(world, "anna", "bert")
    alert = await world.asks(**low_stock(channel="email"))
    older = await world.asks(**quiet(world, 2))
    other = await world.asks(customer_id="bert", **low_stock(channel="email"))
    await world.deliver()
    assert [await world.ended(one) for one in (alert, older, other)] == [("sent", None)] * 3


@pytest.mark.parametrize("unwilling", ["no consent", "unsubscribed", "another address", "another channel"])
async def test_only_what_may_be_sent_to_the_same_address_comes_first(world: World, unwilling: str):
    await share(world, "anna", "bert")
    if unwilling == "no consent":
        await world.knows("bert", version=9, email=INBOX[0], email_consent=False)
    elif unwilling == "unsubscribed":
        await world.pool.execute("INSERT INTO suppressions VALUES ('demo', 'email', 'customer:bert', 'unsubscribed')")
    elif unwilling == "another address":
        await world.knows("bert", version=9, email="bert@mail.example")
    older = await world.asks(**quiet(world, 2))
    await world.asks(**quiet(world, 1, "bert"), channel="sms" if unwilling == "another channel" else "email")
    await world.deliver()
    assert await world.ended(older) == ("sent", None)


async def test_two_who_unsubscribed_at_one_address_are_erased_together(world: World):
    await share(world, "anna", "bert")
    for who in ("anna", "bert"):
        async with world.pool.acquire() as connection:
            await suppressions.suppress_customer(connection, STORE, who, "email", "unsubscribed")
    async with world.pool.acquire() as connection:
        await carry_over(connection, STORE, ["anna", "bert"])
    assert await world.pool.fetchval("SELECT count(*) FROM suppressions WHERE subject LIKE 'address:%'") == 1
