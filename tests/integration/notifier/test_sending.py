"""What goes out, once, and what is refused."""

from datetime import timedelta

import pytest
from prometheus_client import REGISTRY

from libs.contracts.events import LowItem
from services.notifier.domain.envelope import message_id
from tests.integration.notifier.conftest import World, erased, low_stock, profile, reminder


async def test_an_abandoned_cart_becomes_one_e_mail_with_lines_and_a_link(world: World):
    await world.knows()
    request = await world.asks()
    await world.deliver()
    (message,) = world.relay.messages
    assert message["Message-ID"] == message_id(request.reminder_id, "hello@nordwind.example")
    assert world.relay.recipients == ["anna@mail.example"]
    html = world.relay.body("html")
    text = world.relay.body()
    for content in (html, text):
        assert "Stoneware mug" in content
        assert "€49.00" in content
        assert f"https://shop.example/recover/r1_{str(request.cart_id).replace('-', '')}" in content
    assert await world.ended(request) == ("sent", None)
    assert await world.told() == ["message.sent"]


async def test_a_low_stock_text_tells_the_number_of_the_moment_of_sending(world: World):
    await world.knows()
    request = await world.asks(**low_stock())
    world.carts.carts[str(request.cart_id)].available = 1
    await world.deliver()
    (text,) = world.twilio.taken
    assert "only 1 left of Stoneware mug" in text["body"]
    assert "Reply STOP to opt out" in text["body"]
    assert text["to"] == "+4915112345678"
    assert (await world.row(request))["provider_id"] == text["sid"]


async def test_a_request_that_comes_twice_is_sent_once(world: World):
    await world.knows()
    request = reminder(world.now)
    world.carts.holds(request.cart_id)
    await world.receive(request, request)
    await world.receive(request)
    await world.deliver()
    await world.receive(request)
    await world.deliver()
    assert len(world.relay.messages) == 1
    assert await world.told() == ["message.sent"]


async def test_the_customer_s_language_is_spoken(world: World):
    await world.knows(locale="pl-PL")
    await world.asks()
    await world.deliver()
    (message,) = world.relay.messages
    assert message["Subject"] == "W koszyku czekają 2 produkty"
    assert message["Content-Language"] == "pl-PL"


async def test_a_relay_that_says_later_is_asked_later(world: World):
    await world.knows()
    request = await world.asks()
    world.relay.fails("451 4.7.1 greylisted", "rcpt")
    await world.deliver()
    assert await world.ended(request) == ("pending", "smtp_451")
    await world.passes(timedelta(minutes=1))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert len(world.relay.messages) == 1


async def test_a_relay_that_is_away_is_asked_until_the_budget_ends(world: World):
    await world.knows()
    request = await world.asks()
    await world.relay.stop()
    await world.deliver()
    assert await world.ended(request) == ("pending", "smtp_unreachable")
    await world.passes(timedelta(hours=6))
    await world.deliver()
    assert await world.ended(request) == ("expired", "smtp_unreachable")
    assert await world.told() == ["message.expired"]


async def test_a_relay_set_up_wrongly_fails_nothing_for_good_raises_an_alarm_and_closes_no_address(world: World):
    await world.knows()
    request = await world.asks()
    labels = {"channel": "email", "store": "demo", "reason": "smtp_554_sender"}
    before = REGISTRY.get_sample_value("evercart_notifier_refused_us_total", labels) or 0
    for _ in range(3):
        world.relay.fails("554 5.7.1 <anna@mail.example>: Relay access denied", "rcpt")
        await world.deliver()
        assert await world.ended(request) == ("pending", "smtp_554_sender")
        await world.passes(timedelta(minutes=5))
    assert REGISTRY.get_sample_value("evercart_notifier_refused_us_total", labels) == before + 3
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_text_s_sender_set_up_wrongly_fails_nothing_for_good(world: World):
    await world.knows()
    request = await world.asks(**low_stock())
    world.twilio.fails("21606")
    await world.deliver()
    assert await world.ended(request) == ("pending", "twilio_21606")
    await world.passes(timedelta(minutes=5))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_mailbox_that_does_not_exist_fails_for_good_and_is_not_written_to_again(world: World):
    await world.knows()
    first = await world.asks()
    world.relay.fails("550 5.1.1 no such user", "rcpt")
    await world.deliver()
    second = await world.asks()
    await world.deliver()
    assert await world.ended(first) == ("failed", "smtp_550")
    assert await world.ended(second) == ("cancelled", "suppressed")
    await world.knows(version=2, email="new@mail.example")
    third = await world.asks()
    await world.deliver()
    assert await world.ended(third) == ("sent", None)


async def test_one_bad_recipient_does_not_touch_the_others(world: World):
    for name in ("anna", "bert", "cleo"):
        await world.knows(name)
    await world.knows("bert", version=2, email="bert@mail.example\r\nBcc: all@mail.example")
    requests = [await world.asks(customer_id=name) for name in ("anna", "bert", "cleo")]
    await world.deliver()
    assert [(await world.ended(r))[0] for r in requests] == ["sent", "failed", "sent"]
    assert world.relay.recipients == ["anna@mail.example", "cleo@mail.example"]


async def test_a_number_that_the_provider_has_blocked_counts_as_an_opt_out(world: World):
    await world.knows()
    first = await world.asks(**low_stock())
    world.twilio.fails("21610")
    await world.deliver()
    await world.knows("other account", phone="+4915112345678")
    second = await world.asks(**low_stock(customer_id="other account"))
    await world.deliver()
    assert await world.ended(first) == ("failed", "twilio_21610")
    assert await world.ended(second) == ("cancelled", "suppressed")


async def test_too_many_requests_at_twilio_are_slowed_down(world: World):
    await world.knows()
    request = await world.asks(**low_stock())
    world.twilio.fails("429")
    await world.deliver()
    assert await world.ended(request) == ("pending", "twilio_20429")
    await world.passes(timedelta(minutes=1))
    await world.deliver()
    assert len(world.twilio.taken) == 1


async def test_an_internal_error_at_twilio_is_not_asked_again(world: World):
    await world.knows()
    request = await world.asks(**low_stock())
    world.twilio.fails("500")
    await world.deliver()
    assert await world.ended(request) == ("unknown", "twilio_20500")
    assert await world.told() == ["message.unknown"]


async def test_connections_to_the_relay_are_kept(world: World):
    await world.knows()
    for _ in range(5):
        await world.asks(**low_stock(channel="email"))
    await world.deliver()
    assert len(world.relay.messages) == 5
    assert world.relay.sessions == 1


async def test_an_unknown_template_fails_with_its_reason(world: World):
    await world.knows()
    request = await world.asks(template="no_such_template")
    await world.deliver()
    assert await world.ended(request) == ("failed", "unknown_template")


async def test_a_store_s_own_files_go_before_those_that_ship(world: World, tmp_path):
    (tmp_path / "pirates/wording").mkdir(parents=True)
    (tmp_path / "pirates/wording/en.toml").write_text('[abandoned_cart_1]\nheading = "Ahoy, matey"\n')
    world.extra["templates_dir"], world.shop["templates"] = tmp_path, "pirates"
    await world.knows()
    await world.asks()
    await world.deliver()
    text = world.relay.body()
    assert "Ahoy, matey" in text
    assert "Return to my cart" in text


async def test_a_store_s_broken_template_keeps_its_reminders_waiting_until_it_is_repaired(world: World, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own/abandoned_cart.mjml").write_text("<mjml><mj-body>{% if %}")
    world.extra["templates_dir"], world.shop["templates"] = tmp_path, "own"
    await world.knows()
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("pending", "broken_template")
    (tmp_path / "own/abandoned_cart.mjml").unlink()
    await world.passes(timedelta(minutes=1))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_a_message_that_would_have_a_hole_waits_until_its_words_are_repaired(world: World, tmp_path, channel):
    """Story: "Your code: ." went out to a whole list: the words named a coupon, and the campaign's step had none."""
    words = tmp_path / "own/wording/en.toml"
    words.parent.mkdir(parents=True)
    hole = "Your code: {coupon}."
    words.write_text(f'[abandoned_cart_1]\nbody = "{hole}"\n[sms]\nabandoned_cart_1 = "{hole}"\n')
    world.extra["templates_dir"], world.shop["templates"] = tmp_path, "own"
    await world.knows()
    request = await world.asks(channel=channel)
    await world.deliver()
    assert await world.ended(request) == ("pending", "missing_variable")
    assert (world.relay.messages, world.twilio.taken) == ([], [])
    words.write_text("")
    await world.passes(timedelta(minutes=1))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_rendered_words_and_addresses_are_not_in_the_deliveries(world: World):
    await world.knows()
    request = await world.asks()
    await world.deliver()
    kept = str(dict(await world.row(request))) + str(await world.pool.fetch("SELECT * FROM outbox"))
    for secret in ("mail.example", "Anna", "+49", "Stoneware"):
        assert secret not in kept


async def test_erasing_a_customer_deletes_the_contact_and_cancels_what_waits(world: World):
    await world.knows()
    request = await world.asks()
    await world.receive(erased())
    assert await world.ended(request) == ("cancelled", "erased")
    assert await world.told() == ["message.cancelled"]
    assert await world.pool.fetchval("SELECT count(*) FROM contacts") == 0
    assert await world.deliver() == 0


async def test_an_older_profile_does_not_undo_a_newer_one(world: World):
    await world.receive(profile(version=2, email_consent=False), profile(version=1))
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("cancelled", "no_consent")


@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_items_that_ran_low_together_are_one_message_that_names_them(world: World, channel: str):
    await world.knows()
    together = (LowItem(sku="jug", threshold=5), LowItem(sku="pot", threshold=5))
    request = await world.asks(**low_stock(channel=channel, also_low=together))
    world.carts.holds(request.cart_id, others={"jug": 1, "pot": 2, "lid": 90})
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    said = world.relay.body("plain") if channel == "email" else world.twilio.taken[0]["body"]
    if channel == "sms":
        assert "Stoneware mug (only 3 left) and 2 more items" in said
        return
    assert [row for row in said.splitlines() if row.startswith("- ")] == [
        "- Stoneware mug (Color: Sand): Only 3 left",
        "- jug (Color: Sand): Only 1 left",
        "- pot (Color: Sand): Only 2 left",
        "- lid (Color: Sand)",
    ]
