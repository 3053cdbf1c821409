"""From the call that tells of a checkout to the reminder that is asked for, over both databases."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from libs.postgres.pool import open_pool
from services.cart.main import MIGRATIONS as CART_MIGRATIONS
from tests.integration.cart.shop import Shop, Visitor, done
from tests.integration.trigger.conftest import Trigger, now

BOTH = """
campaigns:
  - name: checkout
    kind: abandoned_checkout
    steps: [{delay: 30m, channels: [email, sms], template: abandoned_checkout, lateness: 6h}]
  - name: cart
    kind: abandoned_cart
    steps: [{delay: 45m, channel: email, template: abandoned_cart, lateness: 6h}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """Both kinds that remind of carts."""
    (tmp_path / "default.yaml").write_text(BOTH)
    return tmp_path


@pytest.fixture
async def shop(make_database) -> AsyncIterator[Shop]:
    """A shop whose clock is two hours behind, for what it tells is to be due by now."""
    pool = await open_pool(make_database(CART_MIGRATIONS), size=4)
    shop = Shop.open(pool, replicas=1)
    shop.clock.forward(-timedelta(hours=2))
    yield shop
    await shop.close()
    pool.terminate()


async def pay(shop: Shop, who: Visitor) -> None:
    """Ten minutes after it was filled the cart goes to the checkout."""
    await who.add("tea")
    shop.clock.forward(timedelta(minutes=10))
    done(await who.ask("POST", "/cart/checkout"))


async def asked(trigger: Trigger, shop: Shop) -> list[tuple[str, str | None]]:
    """What is asked for once all that the shop told was read: by which campaign, of whom."""
    await trigger.receive(*await shop.events())
    await trigger.read_until(now())
    await trigger.timers.fire()
    return [(one.campaign, one.customer_id) for one in await trigger.requested()]


async def test_a_left_checkout_is_told_of_and_the_left_cart_is_not(trigger: Trigger, shop: Shop) -> None:
    await pay(shop, shop.customer())
    assert await asked(trigger, shop) == [("checkout", "anna")]
    [one] = await trigger.requested()
    assert (one.kind, one.template, one.channels) == ("abandoned_checkout", "abandoned_checkout", ("email", "sms"))
    assert (one.cart_version, one.due_at) == (1, shop.clock.now + timedelta(minutes=30))
    rows = await trigger.pool.fetch("SELECT campaign, reason FROM decisions ORDER BY campaign")
    assert [tuple(row) for row in rows] == [("cart", "in_checkout"), ("checkout", "idle")]


async def test_other_goods_end_the_checkout(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    await pay(shop, anna)
    await anna.add("jam")
    assert await asked(trigger, shop) == [("cart", "anna")]


async def test_an_order_ends_both(trigger: Trigger, shop: Shop) -> None:
    await pay(shop, shop.customer())
    await shop.server().order("o-1", customer_id="anna")
    assert await asked(trigger, shop) == []


async def test_a_guest_who_leaves_an_address_in_the_checkout_is_told(trigger: Trigger, shop: Shop) -> None:
    shop.change_store(guest_contacts="single_opt_in")
    guest = await shop.guest()
    await pay(shop, guest)
    agreed = [{"channel": "email", "wording": "Remind me."}]
    done(await guest.ask("PUT", "/cart/contact", {"email": "eva@shop.example", "consents": agreed}), 204)
    [(campaign, recipient)] = await asked(trigger, shop)
    assert campaign == "checkout"
    assert recipient is not None
    assert recipient.startswith("guest:")


async def test_what_staff_begin_is_no_checkout(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    cart = await anna.add("tea")
    done(await shop.server().ask("POST", f"/carts/{cart['id']}/checkout", X_Origin="staff"))
    assert await asked(trigger, shop) == [("cart", "anna")]
