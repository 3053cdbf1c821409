"""From the call that sets something aside to the reminder that is asked for, over both databases."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.integration.cart.handlers.test_guest_contacts import LEFT
from tests.integration.cart.shop import Shop, Visitor, done
from tests.integration.trigger.conftest import Trigger, now
from tests.integration.trigger.kinds.test_checkouts import shop as shop

SAVED = """
campaigns:
  - name: saved
    kind: saved_items
    steps: [{delay: 1h, channel: email, template: saved_items, lateness: 6h}]
"""


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A campaign on what is saved for later."""
    (tmp_path / "default.yaml").write_text(SAVED)
    return tmp_path


async def sets_aside(who: Visitor, sku: str = "tea") -> str:
    """Puts an item into the cart and sets it aside; gives its line."""
    cart = await who.add(sku)
    [line] = [one["line_id"] for one in cart["lines"] if one["sku"] == sku]
    done(await who.ask("POST", f"/cart/lines/{line}/save"))
    return str(line)


async def asked(trigger: Trigger, shop: Shop) -> list[tuple[str, str, int]]:
    """What is asked for once all that the shop told was read: of whom, what, how many minutes after its clock."""
    await trigger.receive(*await shop.events())
    await trigger.read_until(now())
    await trigger.timers.fire_occasions()
    minutes = timedelta(minutes=1)
    return [(one.customer_id, one.kind, (one.due_at - shop.clock.now) // minutes) for one in await trigger.requested()]


async def test_who_saved_something_is_reminded_of_it_once(trigger: Trigger, shop: Shop) -> None:
    await sets_aside(shop.customer())
    assert await asked(trigger, shop) == [("anna", "saved_items", 60)]
    assert await asked(trigger, shop) == [("anna", "saved_items", 60)]
    [one] = await trigger.requested()
    assert (one.cart_id, one.template) == (None, "saved_items")


async def test_a_change_of_it_begins_anew_and_other_goods_do_not(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    await sets_aside(anna)
    shop.clock.forward(timedelta(minutes=20))
    await sets_aside(anna, "jam")
    shop.clock.forward(timedelta(minutes=10))
    await anna.add("milk")
    assert await asked(trigger, shop) == [("anna", "saved_items", 50)]


async def test_what_was_taken_back_is_told_of_no_more(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    line = await sets_aside(anna)
    done(await anna.ask("POST", f"/cart/saved/{line}/restore"))
    assert await asked(trigger, shop) == []


async def test_what_was_read_before_and_comes_again_ends_nothing(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    line = await sets_aside(anna)
    done(await anna.ask("POST", f"/cart/saved/{line}/restore"))
    shop.clock.forward(timedelta(minutes=5))
    done(await anna.ask("POST", f"/cart/lines/{line}/save"))
    await trigger.receive(*await shop.events())
    assert await asked(trigger, shop) == [("anna", "saved_items", 60)]


async def test_nobody_is_told_who_is_not_known_and_a_log_in_begins_it(trigger: Trigger, shop: Shop) -> None:
    guest = await shop.guest()
    await sets_aside(guest)
    assert await asked(trigger, shop) == []
    shop.clock.forward(timedelta(minutes=5))
    await shop.customer().claim(guest)
    assert await asked(trigger, shop) == [("anna", "saved_items", 60)]


async def test_a_guest_is_told_who_has_left_an_address_and_a_log_in_takes_it_over(trigger: Trigger, shop: Shop) -> None:
    """Story: whoever saved things for later before they had an account heard of them never again."""
    shop.change_store(guest_contacts="single_opt_in")
    guest = await shop.guest()
    await sets_aside(guest)
    shop.clock.forward(timedelta(minutes=5))
    assert (await guest.ask("PUT", "/cart/contact", LEFT)).status_code == 204
    [(name, kind, minutes)] = await asked(trigger, shop)
    assert (name[:6], kind, minutes) == ("guest:", "saved_items", 60)
    look = done(await shop.server().ask("GET", f"/customers/{name}/look"))
    assert (look["cart"]["customer_id"], [line["sku"] for line in look["cart"]["saved"]]) == (name, ["tea"])
    shop.clock.forward(timedelta(minutes=5))
    await shop.customer().claim(guest)
    assert [who for who, _, _ in await asked(trigger, shop)] == [name, "anna"]


async def test_what_staff_set_aside_reminds_nobody(trigger: Trigger, shop: Shop) -> None:
    anna = shop.customer()
    cart = await anna.add("tea")
    done(await anna.ask("POST", f"/cart/lines/{cart['lines'][0]['line_id']}/save", X_Origin="staff"))
    assert await asked(trigger, shop) == []
