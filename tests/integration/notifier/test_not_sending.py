"""The last look, consent and time: what must not go out does not, and says why."""

from datetime import timedelta

import pytest

from libs.runtime.clock import utc_now
from libs.runtime.ids import uuid7
from tests.integration.notifier.conftest import World, erased, low_stock, profile


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "ordered"}, "ordered"),
        ({"status": "merged"}, "cart_changed"),
        ({"status": "expired"}, "cart_gone"),
        ({"quantity": 0}, "emptied"),
        ({"version": 4}, "cart_changed"),
        ({"customer_id": "bert"}, "cart_gone"),
        ({"customer_id": None}, "cart_gone"),
    ],
)
async def test_an_abandoned_cart_that_is_not_as_it_was_cancels_the_reminder(world: World, change, reason):
    await world.knows()
    request = await world.asks()
    world.carts.holds(request.cart_id, **change)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", reason)
    assert world.relay.messages == []
    assert await world.told() == ["message.cancelled"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "ordered"}, "ordered"),
        ({"sku": "jug"}, "not_in_cart"),
        ({"available": 0}, "sold_out"),
        ({"available": 6}, "restocked"),
        ({"available": None}, "level_unknown"),
    ],
)
async def test_a_shortage_that_is_none_any_more_is_not_told(world: World, change, reason):
    await world.knows()
    request = await world.asks(**low_stock())
    world.carts.holds(request.cart_id, **change)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", reason)
    assert world.twilio.taken == []


@pytest.mark.parametrize(
    ("exit_on", "ended"),
    [
        (None, ("cancelled", "ordered")),
        (("order.placed",), ("cancelled", "ordered")),
        ((), ("sent", None)),
        (("cart.emptied",), ("sent", None)),
    ],
)
async def test_an_order_elsewhere_ends_a_reminder_unless_its_campaign_says_otherwise(world: World, exit_on, ended):
    """Story: a renewal of a subscription ended the reminder of a full cart, though the shop had said that none does."""
    await world.knows()
    request = await world.asks(exit_on=exit_on)
    world.carts.holds(request.cart_id, silent_since=utc_now())
    await world.deliver()
    assert await world.ended(request) == ended


async def test_a_reminder_that_no_order_ends_is_not_sent_of_other_goods_or_of_a_cart_that_was_ordered(world: World):
    await world.knows()
    changed, bought = await world.asks(exit_on=()), await world.asks(exit_on=(), channel="sms")
    world.carts.holds(changed.cart_id, version=4, silent_since=utc_now())
    world.carts.holds(bought.cart_id, status="ordered")
    await world.deliver()
    assert [await world.ended(one) for one in (changed, bought)] == [
        ("cancelled", "cart_changed"),
        ("cancelled", "ordered"),
    ]


async def test_a_shortage_is_told_although_the_cart_has_changed_otherwise(world: World):
    await world.knows()
    request = await world.asks(**low_stock())
    world.carts.holds(request.cart_id, version=9)
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_cart_that_nobody_knows_cancels_the_reminder(world: World):
    await world.knows()
    request = await world.asks()
    world.carts.carts.clear()
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "cart_gone")


async def test_while_the_cart_service_is_down_it_waits_and_then_sends(world: World):
    await world.knows()
    request = await world.asks()
    world.carts.down = True
    await world.deliver()
    assert await world.ended(request) == ("pending", "cart_unavailable")
    world.carts.down = False
    await world.passes(timedelta(minutes=1))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_cart_service_that_stays_down_past_the_budget_ends_the_reminder(world: World):
    await world.knows()
    request = await world.asks()
    world.carts.down = True
    await world.deliver()
    await world.passes(timedelta(hours=6))
    await world.deliver()
    assert await world.ended(request) == ("expired", "cart_unavailable")
    assert world.relay.messages == []


async def test_a_wrong_key_is_waited_out_and_not_taken_for_an_answer(world: World):
    await world.knows()
    request = await world.asks()
    world.extra["cart_key"] = "sk_wrong"
    await world.deliver()
    assert await world.ended(request) == ("pending", "cart_unavailable")


async def test_a_reminder_past_its_budget_expires_unsent(world: World):
    await world.knows()
    request = await world.asks()
    await world.passes(timedelta(hours=6))
    await world.deliver()
    assert await world.ended(request) == ("expired", "too_late")
    assert world.carts.asked == 0


async def test_consent_withdrawn_after_the_request_counts(world: World):
    await world.knows()
    request = await world.asks()
    await world.knows(version=2, email_consent=False)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "no_consent")


async def test_consent_withdrawn_during_the_last_look_counts(world: World):
    await world.knows()
    request = await world.asks()
    world.carts.before_answer = lambda: world.receive(profile(version=2, email_consent=False))
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "no_consent")
    assert world.relay.messages == []


async def test_a_customer_erased_during_the_last_look_is_not_written_to(world: World):
    await world.knows()
    request = await world.asks()
    world.carts.before_answer = lambda: world.receive(erased())
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "erased")
    assert world.relay.messages == []
    assert await world.told() == ["message.cancelled"]


async def test_an_address_changed_during_the_last_look_is_the_one_that_is_written_to(world: World):
    await world.knows()
    request = await world.asks()

    async def moves() -> None:
        world.carts.before_answer = None
        await world.receive(profile(version=2, email="new@mail.example", locale="de"))

    world.carts.before_answer = moves
    await world.deliver()
    assert await world.ended(request) == ("pending", "contact_changed")
    await world.passes(timedelta(seconds=1))
    await world.deliver()
    assert world.relay.recipients == ["new@mail.example"]
    assert world.relay.messages[0]["Content-Language"] == "de"


async def test_consent_for_e_mail_is_none_for_text_messages(world: World):
    await world.knows(sms_consent=False)
    request = await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "no_consent")


async def test_a_customer_without_a_number_gets_no_text_message(world: World):
    await world.knows(phone=None)
    request = await world.asks(**low_stock())
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "no_contact")


async def test_a_profile_that_is_still_on_its_way_is_waited_for(world: World):
    world.extra["contact_grace_seconds"] = 10
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("pending", "no_contact")
    await world.knows()
    await world.passes(timedelta(seconds=11))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_reminder_of_a_store_that_nobody_has_described_waits_until_its_time_has_passed(world: World):
    request = await world.asks(store_id="elsewhere")
    await world.deliver()
    assert await world.ended(request) == ("pending", "unknown_store")
    await world.passes(timedelta(hours=6))
    await world.deliver()
    assert await world.ended(request) == ("expired", "unknown_store")


@pytest.mark.parametrize(("channel", "missing"), [("email", "email_from"), ("sms", "sms_from")])
async def test_a_store_without_a_sender_sends_nothing_on_that_channel(world: World, channel: str, missing: str):
    world.shop[missing] = None
    await world.knows()
    request = await world.asks(channel=channel)
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "no_sender")
    assert world.carts.asked == 0


@pytest.mark.parametrize(
    ("novel", "reason"), [({"kind": "birthday"}, "unknown_kind"), ({"channel": "pigeon"}, "unknown_channel")]
)
async def test_a_kind_or_channel_of_a_newer_release_fails_with_its_reason(world: World, novel, reason):
    await world.knows()
    request = await world.asks(**novel)
    other = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("failed", reason)
    assert await world.ended(other) == ("sent", None)
    assert sorted(await world.told()) == ["message.failed", "message.sent"]


async def test_a_cap_puts_the_second_message_off_and_does_not_drop_it(world: World):
    world.shop["email_cap_hours"] = 4
    await world.knows()
    first = await world.asks()
    await world.deliver()
    second = await world.asks()
    await world.deliver()
    assert await world.ended(first) == ("sent", None)
    assert await world.ended(second) == ("pending", "frequency_cap")
    await world.passes(timedelta(hours=5))
    await world.deliver()
    assert await world.ended(second) == ("sent", None)


async def test_a_cap_beyond_the_budget_ends_the_reminder_under_its_name(world: World):
    world.shop["email_cap_hours"] = 16
    await world.knows()
    await world.asks()
    await world.deliver()
    second = await world.asks()
    await world.deliver()
    assert await world.ended(second) == ("expired", "frequency_cap")


@pytest.mark.parametrize("kind", ["abandoned_cart", "abandoned_checkout"])
async def test_a_cart_gets_one_text_message(world: World, kind: str):
    world.shop["sms_cap_hours"] = 24
    cart_id = uuid7()
    await world.knows()
    await world.asks(channel="sms", cart_id=cart_id)
    await world.deliver()
    second = await world.asks(channel="sms", cart_id=cart_id, step=2, kind=kind)
    await world.deliver()
    assert await world.ended(second) == ("cancelled", "one_sms_per_cart")


async def test_a_text_waits_for_the_hours_that_the_law_lets_it_go(world: World, tmp_path):
    """Story: shops were sued for texts at eight in the morning, of which their own quiet hours knew nothing."""
    rules = tmp_path / "laws.toml"
    local = (world.now + timedelta(hours=2)).replace(minute=0, second=0, microsecond=0)
    opens, closes = (local + timedelta(hours=hours) for hours in (0, 1))
    hours = f"{opens:%H:%M}-{closes:%H:%M}" if opens.hour < closes.hour else "00:00-00:01"
    rules.write_text(
        f"reviewed = 2026-12-01\n[[laws]]\ncountry = 'IS'\nhours = '{hours}'\nsource = 'a test'"  # UTC all year
    )
    world.extra["laws"] = rules
    await world.knows(phone="+3545812345")
    request = await world.asks(**low_stock(), expires_at=world.now + timedelta(days=2))
    mail = await world.asks()
    await world.deliver()
    assert [await world.ended(one) for one in (request, mail)] == [("pending", "legal_hours"), ("sent", None)]
    assert world.twilio.taken == []
