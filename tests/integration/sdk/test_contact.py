"""A guest leaves an address in the page: it is sent when the form is, and stays nowhere on the device."""

from typing import Any

import httpx
import pytest

from tests.integration.playground import devices
from tests.integration.sdk.conftest import Site
from tests.support.browser import IN_A_BROWSER

LEFT = {
    "email": "anna@mail.test",
    "phone": "+48 601 234 567",
    "timezone": "Europe/Warsaw",
    "country": "PL",
    "region": "14",
    "consents": [{"channel": "email", "wording": "Remind me of my cart."}],
}
REFUSED = "([contact]) => cart.setContact(contact).catch(({ slug }) => slug)"

pytestmark = IN_A_BROWSER


@pytest.fixture(autouse=True)
def taking_contacts(monkeypatch) -> None:
    monkeypatch.setitem(devices.STORE, "guest_contacts", "double_opt_in")


async def known(site: Site, cart_id: str) -> Any:
    """What the store's server sees of whom to write to about a cart."""
    headers = {"Authorization": f"Bearer {devices.SECRET_KEY}"}
    async with httpx.AsyncClient(base_url=f"{site.cart_url}/v1/stores/demo", headers=headers, timeout=60) as client:
        look = (await client.get(f"/carts/{cart_id}")).raise_for_status().json()
        if look["recipient_id"] is None:
            return None
        return (await client.get(f"/customers/{look['recipient_id']}/profile")).raise_for_status().json()


async def test_what_a_guest_leaves_reaches_the_service_after_the_goods_and_is_kept_nowhere_else(site: Site):
    """The first thing that was put in is still under way when the form is sent."""
    shop = await site.window()
    await shop.add("mug")
    assert await shop.run("([contact]) => cart.setContact(contact)", LEFT) is None
    profile = await known(site, await shop.run("cart.cart.id"))
    assert (profile["email"], profile["phone"]) == ("anna@mail.test", "+48601234567")
    assert (profile["email_consent"], profile["timezone"]) == (False, "Europe/Warsaw")
    assert (profile["country"], profile["region"]) == ("PL", "14")
    assert "anna@mail.test" not in str(await shop.stored()) + str(await shop.run("JSON.stringify(cart.cart)"))


async def test_what_is_wrong_is_told_to_the_page_and_nothing_is_kept(site: Site):
    shop = await site.window()
    assert await shop.run(REFUSED, LEFT) == "unknown-cart"
    await shop.add("mug")
    await shop.settled()
    assert await shop.run(REFUSED, LEFT | {"email": "nobody"}) == "invalid-request"
    assert await known(site, await shop.run("cart.cart.id")) is None
