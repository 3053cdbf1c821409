"""From the call that tells what somebody looked at to the reminder that is asked for, over both databases."""

from datetime import timedelta
from pathlib import Path

import pytest

from services.trigger.db.retention import forget_views
from tests.integration.cart.shop import Shop, Visitor, done
from tests.integration.trigger.conftest import Trigger, now
from tests.integration.trigger.kinds.test_checkouts import shop as shop
from tests.integration.trigger.kinds.test_saved_items import asked

BROWSE = """
campaigns:
  - name: looked
    kind: browse
    steps: [{delay: 1h, channel: email, template: browse, lateness: 6h}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A campaign on what customers look at."""
    (tmp_path / "default.yaml").write_text(BROWSE)
    return tmp_path


@pytest.fixture(autouse=True)
def keeping(shop: Shop) -> None:
    shop.change_store(views="kept")


async def looks(who: Visitor, *skus: str, **headers: str) -> None:
    done(await who.ask("POST", "/views", {"views": [{"sku": sku} for sku in skus]}, **headers), 204)


async def reasons(trigger: Trigger) -> list[str]:
    return [row["reason"] for row in await trigger.pool.fetch("SELECT reason FROM decisions ORDER BY decided_at")]


async def test_who_looked_is_reminded_of_it_once(trigger: Trigger, shop: Shop) -> None:
    await looks(shop.customer(), "tea", "jam")
    assert await asked(trigger, shop) == [("anna", "browse", 60)]
    assert await asked(trigger, shop) == [("anna", "browse", 60)]
    [one] = await trigger.requested()
    assert (one.cart_id, one.sku, one.template, one.viewed) == (None, None, "browse", ("jam", "tea"))
    [named] = await trigger.pool.fetch("SELECT named::text FROM decisions")
    assert named[0] == '["jam", "tea"]'


async def test_another_look_begins_anew_and_brings_along_what_was_looked_at(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    await looks(anna, "tea")
    shop.clock.forward(timedelta(minutes=20))
    await looks(anna, "jam")
    assert await asked(trigger, shop) == [("anna", "browse", 60)]
    [one] = await trigger.requested()
    assert one.viewed == ("jam", "tea")


async def test_what_one_message_named_the_next_does_not(trigger: Trigger, shop: Shop) -> None:
    """The second look is read only after the first one's time: what was due then is asked for in passing."""
    anna = shop.customer()
    shop.clock.forward(-timedelta(hours=2))
    await looks(anna, "tea")
    shop.clock.forward(timedelta(hours=2))
    await looks(anna, "jam")
    await asked(trigger, shop)
    assert [one.viewed for one in await trigger.requested()] == [("tea",), ("jam",)]


async def test_what_was_put_into_a_cart_or_ordered_since_is_not_told_of(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    await looks(anna, "tea", "jam", "rug")
    cart = await anna.add("tea")
    done(await anna.ask("DELETE", f"/cart/lines/{cart['lines'][0]['line_id']}"))
    await shop.server().order("1", 201, customer_id="anna", lines=[{"sku": "jam", "quantity": 1}])
    assert [kind for _, kind, _ in await asked(trigger, shop)] == ["browse"]
    [one] = await trigger.requested()
    assert one.viewed == ("rug",)


async def test_when_nothing_is_left_nothing_is_told(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    await looks(anna, "tea")
    cart = await anna.add("tea")
    done(await anna.ask("DELETE", f"/cart/lines/{cart['lines'][0]['line_id']}"))
    assert await asked(trigger, shop) == []
    assert await trigger.pool.fetchval("SELECT ended FROM occasions") == "put_into_cart"


async def test_who_has_a_cart_with_goods_is_left_to_campaigns_on_carts(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    await anna.add("milk")
    await looks(anna, "tea")
    assert await asked(trigger, shop) == []
    assert await reasons(trigger) == ["has_cart"]


async def test_an_emptied_cart_stands_in_nobody_s_way(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    await anna.add("milk")
    done(await anna.ask("DELETE", "/cart/lines"))
    await looks(anna, "tea")
    assert await asked(trigger, shop) == [("anna", "browse", 60)]


async def test_what_staff_look_at_reminds_nobody(trigger: Trigger, shop: Shop) -> None:
    await looks(shop.customer(), "tea", X_Origin="staff")
    assert await asked(trigger, shop) == []
    assert await trigger.pool.fetchval("SELECT count(*) FROM occasions") == 0


async def test_it_is_kept_for_a_while_only(trigger: Trigger, shop: Shop) -> None:
    await looks(shop.customer(), "tea")
    await asked(trigger, shop)
    since = await trigger.pool.fetchval("SELECT since FROM occasions")
    async with trigger.pool.acquire() as connection:
        await forget_views(connection, since)
        assert await trigger.pool.fetchval("SELECT count(*) FROM occasions") == 1
        await forget_views(connection, now())
    assert await trigger.pool.fetchval("SELECT count(*) FROM occasions") == 0
