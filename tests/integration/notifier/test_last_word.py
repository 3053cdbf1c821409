"""The last look is the last thing: between RCPT and DATA it is taken again where the first one is old."""

from collections.abc import Callable
from typing import Any

import pytest

from services.notifier.handlers import last_word
from tests.integration.notifier.conftest import World, low_stock


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """The relay has taken its time: whatever was looked up is old."""
    monkeypatch.setattr(last_word, "FRESH_S", 0)


def at_the_second_look(world: World, change: Callable[[], Any]) -> None:
    async def before_answer() -> None:
        if world.carts.asked == 2:
            change()

    world.carts.before_answer = before_answer


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("channel", ["email", "sms"])
async def test_who_orders_while_a_slow_relay_takes_the_recipient_is_not_reminded(world: World, channel: str):
    """19 of 94 mails went out up to 4.4 s after the order was acknowledged."""
    await world.knows()
    request = await world.asks(channel=channel)
    at_the_second_look(world, lambda: world.carts.holds(request.cart_id, status="ordered"))
    await world.deliver()
    assert world.carts.asked == 2
    assert await world.ended(request) == ("cancelled", "ordered")
    assert world.relay.messages == []
    assert world.twilio.taken == []
    assert await world.told() == ["message.cancelled"]


@pytest.mark.usefixtures("slow")
async def test_a_figure_that_became_wrong_is_told_as_it_is_now(world: World):
    await world.knows()
    request = await world.asks(**low_stock(channel="email"))
    at_the_second_look(world, lambda: setattr(world.carts.carts[str(request.cart_id)], "available", 1))
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert "Only 1 left" in str(world.relay.messages[0]["Subject"])


@pytest.mark.usefixtures("slow")
async def test_a_look_that_can_t_be_taken_again_withholds_the_message_until_it_can(world: World):
    await world.knows()
    request = await world.asks()
    at_the_second_look(world, lambda: setattr(world.carts, "down", True))
    await world.deliver()
    assert await world.ended(request) == ("pending", "cart_unavailable")
    assert world.relay.messages == []
    world.carts.down = False
    await world.passes()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)


async def test_a_look_that_is_fresh_is_taken_once(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(last_word, "FRESH_S", 60)
    await world.knows()
    await world.asks()
    await world.deliver()
    assert len(world.relay.messages) == 1
    assert world.carts.asked == 1
