"""Addresses are people: what holds of one holds however it is spelled, and whichever customers have it."""

import pytest

from services.notifier.db import suppressions
from tests.integration.notifier.conftest import World
from tests.integration.notifier.stand_ins import STORE

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
