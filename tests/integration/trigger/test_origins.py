"""Carts that no shopper filled: nobody is reminded of them, and they hold nothing back for low stock."""

from tests.integration.trigger.conftest import Trigger, ago, now
from tests.unit.trigger.making import added


async def test_a_cart_of_a_bot_is_not_reminded_of_until_a_shopper_changes_it(trigger: Trigger) -> None:
    bot = added("a", 1, ago(hours=3)).model_copy(update={"origin": "bot"})
    await trigger.receive(bot)
    await trigger.read_until(now())
    await trigger.timers.fire()
    assert (await trigger.requested(), await trigger.pool.fetchval("SELECT origin FROM carts")) == ([], "bot")
    assert await trigger.pool.fetchval("SELECT count(*) FROM holdings") == 0
    await trigger.receive(added("a", 2, ago(hours=2)))
    await trigger.timers.fire()
    assert [one.cart_version for one in await trigger.requested()] == [2]
    assert await trigger.pool.fetchval("SELECT count(*) FROM holdings") == 1
