"""A page offers to tell whoever finds an item sold out when it is back."""

import pytest

from tests.integration.playground import devices
from tests.integration.sdk.conftest import Site
from tests.support.browser import IN_A_BROWSER

MUG = {"sku": "mug", "title": "Stoneware mug", "options": {"colour": "blue"}}
CONTACT = {"email": "anna@mail.test", "consents": [{"channel": "email", "wording": "Tell me when it is back."}]}
REFUSED = "([item]) => cart.watch(item).catch(({ slug }) => slug)"

pytestmark = IN_A_BROWSER


@pytest.fixture(autouse=True)
def taking_contacts(monkeypatch) -> None:
    monkeypatch.setitem(devices.STORE, "guest_contacts", "single_opt_in")


async def test_a_guest_asks_with_an_address_the_first_time_and_ends_it_in_each_way(site: Site):
    shop = await site.window()
    assert await shop.run(REFUSED, MUG) == "contact-required"
    watch = await shop.run("([item]) => cart.watch(item)", MUG | {"contact": CONTACT})
    assert (watch["sku"], watch["title"], watch["options"]) == ("mug", "Stoneware mug", {"colour": "blue"})
    for sku in ("jug", "pot"):
        await shop.run("([item]) => cart.watch(item)", {"sku": sku})
    assert [one["sku"] for one in await shop.run("cart.watches()")] == ["mug", "jug", "pot"]
    assert await shop.run("([watch]) => cart.unwatch(watch)", watch) is None
    assert await shop.run("cart.watches().then(([jug]) => cart.unwatch(jug.watch_id))") is None
    assert [one["sku"] for one in await shop.run("cart.watches()")] == ["pot"]
    assert await shop.run("cart.unwatch()") is None
    assert await shop.run("cart.watches()") == []
    assert "anna@mail.test" not in str(await shop.stored())
