"""A store with an account of its own at a provider: its name stands in the store, its secrets in our settings alone."""

from collections.abc import AsyncIterator

import pytest

from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import Relay


@pytest.fixture
async def own(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Relay]:
    made = Relay()
    await made.start()
    monkeypatch.setenv("NOTIFIER_SMTP_NORDWIND_HOST", "127.0.0.1")
    monkeypatch.setenv("NOTIFIER_SMTP_NORDWIND_PORT", str(made.port))
    monkeypatch.setenv("NOTIFIER_SMTP_NORDWIND_STARTTLS", "false")
    monkeypatch.setenv("NOTIFIER_SMTP_NORDWIND_BOUNCE_ADDRESS", "bounces@nordwind.example")
    await world.knows()
    yield made
    await made.stop()


async def test_a_store_s_letters_go_by_its_own_relay(world: World, own: Relay):
    world.shop["email_provider"] = "smtp_nordwind"
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert (len(own.messages), len(world.relay.messages)) == (1, 0)
    assert any(b"MAIL FROM:<bounces@nordwind.example>" in read for read in own.read)


async def test_two_accounts_of_one_provider_stand_in_one_order(world: World, own: Relay):
    world.shop |= {"email_provider": "smtp_nordwind", "email_fail_over": ["smtp"]}
    own.fails("421 4.3.2 shutting down", "rcpt")
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("sent", None)
    assert (len(own.messages), len(world.relay.messages)) == (0, 1)


async def test_an_account_that_is_not_set_waits_and_borrows_nothing_of_the_first_one(world: World, own: Relay):
    world.shop["email_provider"] = "smtp_suedwind"
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("pending", "provider_not_configured")
    assert (own.messages, world.relay.messages) == ([], [])


async def test_an_account_of_nobody_is_unknown(world: World, own: Relay):
    world.shop["email_provider"] = "smtp_"
    request = await world.asks()
    await world.deliver()
    assert await world.ended(request) == ("failed", "unknown_provider")
