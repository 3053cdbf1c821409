"""A store with several providers: the next one gets a reminder where the first surely took nothing; never both do."""

from collections.abc import AsyncIterator

import pytest

from libs.contracts.events import ReminderRequested
from services.notifier.handlers import last_word
from tests.integration.notifier.conftest import World, carried, low_stock
from tests.integration.notifier.http_cases import HTTP
from tests.integration.notifier.http_stand_ins import SECRET, Postmark, Vonage


@pytest.fixture
async def postmark(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Postmark]:
    made = Postmark()
    monkeypatch.setenv("NOTIFIER_POSTMARK_BASE_URL", made.server.url)
    monkeypatch.setenv("NOTIFIER_POSTMARK_SERVER_TOKEN", SECRET)
    world.shop |= {"email_provider": "postmark", "email_fail_over": ["smtp"]}
    await world.knows()
    yield made
    await made.stop()


async def goes(world: World, request: ReminderRequested | None = None) -> tuple[str, str | None]:
    request = request or await world.asks()
    await world.deliver()
    return await world.ended(request)


async def test_a_letter_goes_by_the_first_of_a_store_s_order(world: World, postmark: Postmark):
    assert await goes(world) == ("sent", None)
    assert (len(postmark.taken), len(world.relay.messages)) == (1, 0)
    assert await carried(world) == [("message.sent", "postmark")]


@pytest.mark.parametrize("why", ["down", "ours"])
async def test_a_letter_goes_by_the_next_where_the_first_surely_took_nothing(
    world: World, postmark: Postmark, why: str
):
    postmark.fails(*HTTP["postmark"].answers[why])
    request = await world.asks()
    assert await goes(world, request) == ("sent", None)
    assert (len(postmark.taken), len(world.relay.messages)) == (0, 1)
    assert world.relay.messages[0]["X-Evercart-Reminder"] == str(request.reminder_id)
    assert await carried(world) == [("message.sent", "smtp")]


@pytest.mark.parametrize("why", ["unclear", "refused", "closed"])
async def test_a_letter_that_may_have_been_taken_or_was_refused_goes_by_no_other(
    world: World, postmark: Postmark, why: str
):
    postmark.fails(*HTTP["postmark"].answers[why])
    state, _ = await goes(world)
    assert state == ("unknown" if why == "unclear" else "failed")
    assert world.relay.messages == []
    assert await carried(world) == [(f"message.{state}", "postmark")]


async def test_an_order_that_comes_between_two_providers_stops_the_letter(
    world: World, postmark: Postmark, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(last_word, "FRESH_S", 0)
    postmark.fails(*HTTP["postmark"].answers["down"])
    request = await world.asks()

    async def orders_once_the_first_was_asked() -> None:
        if postmark.asked:
            world.carts.carts[str(request.cart_id)].status = "ordered"

    world.carts.before_answer = orders_once_the_first_was_asked
    assert await goes(world, request) == ("cancelled", "ordered")
    assert (len(postmark.asked), world.relay.messages) == (1, [])
    assert await carried(world) == [("message.cancelled", None)]


async def test_a_provider_of_the_order_that_is_not_configured_is_left_out(
    world: World, postmark: Postmark, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("NOTIFIER_POSTMARK_SERVER_TOKEN")
    await world.restart()
    assert await goes(world) == ("sent", None)
    assert (len(postmark.taken), len(world.relay.messages)) == (0, 1)


async def test_where_nobody_of_the_order_is_configured_the_letter_waits(world: World):
    world.shop |= {"email_provider": "ses", "email_fail_over": ["owl", "resend"]}
    await world.knows()
    assert await goes(world) == ("pending", "provider_not_configured")


async def test_texts_have_an_order_of_their_own(world: World, monkeypatch: pytest.MonkeyPatch):
    vonage = Vonage()
    monkeypatch.setenv("NOTIFIER_VONAGE_BASE_URL", vonage.server.url)
    monkeypatch.setenv("NOTIFIER_VONAGE_API_KEY", Vonage.ACCOUNT)
    monkeypatch.setenv("NOTIFIER_VONAGE_API_SECRET", SECRET)
    world.shop |= {"sms_provider": "twilio", "sms_fail_over": ["vonage"]}
    await world.knows()
    world.twilio.fails("503")
    request = await world.asks(**low_stock())
    assert await goes(world, request) == ("sent", None)
    [taken] = vonage.taken
    assert taken["client_ref"] == str(request.reminder_id)
    assert world.twilio.taken == []
    await vonage.stop()
