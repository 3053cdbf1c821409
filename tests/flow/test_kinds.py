"""What happens to an order, and a checkout that is left, through real processes: from the shop's call to the inbox."""

import time
from typing import Any

import jwt
import pytest

from tests.flow.stack import FlowStack
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
JWT_KEY, SECRET_KEY = "customers-of-the-workshop-0123456789-abc", "sk_of_the_workshop_0123456789"
PARCEL = "https://parcels.example/follow/4711"


class Workshop:
    """A store with campaigns on orders and checkouts."""

    def __init__(self, flow: FlowStack) -> None:
        self.flow, self.url = flow, f"{flow.stack.cart_url}/v1/stores/workshop"

    async def open(self) -> None:
        """Says what the store is."""
        settings = {
            "name": "Workshop",
            "currency": "EUR",
            "jwt_key": JWT_KEY,
            "secret_keys": [SECRET_KEY],
            "recovery_url": "https://workshop.example/cart?recover={token}",
            "messages": {"email_from": "hello@workshop.example"},
        }
        ops = {"Authorization": f"Bearer {self.flow.stack.secrets.ops_key}"}
        answer = await self.flow.http.put(self.url, json=settings, headers=ops)
        assert answer.status_code in (200, 201), answer.text

    async def tells(self, method: str, path: str, body: Any) -> None:
        """The shop's server tells something."""
        headers = {"Authorization": f"Bearer {SECRET_KEY}"}
        answer = await self.flow.http.request(method, self.url + path, json=body, headers=headers)
        assert answer.status_code in (200, 201), answer.text

    async def known(self, name: str) -> str:
        """Somebody who agreed to reminders; their address."""
        to = f"{name}@example.com"
        await self.tells("PUT", f"/customers/{name}/profile", {"email": to, "email_consent": True, "locale": "en"})
        return to

    async def asks(self, name: str, path: str, body: Any = None) -> None:
        """A customer's page asks something."""
        token = jwt.encode({"sub": name, "exp": int(time.time()) + 3600}, JWT_KEY, "HS256")
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.flow.http.post(self.url + path, json=body, headers=headers)
        assert answer.status_code == 200, answer.text

    async def mail(self, to: str, number: int) -> list[Any]:
        """All letters to an address, once so many are there."""

        async def all_of_them() -> list[dict[str, Any]]:
            found = await self.flow.received(to)
            return found if len(found) >= number else []

        found = await eventually(all_of_them)
        assert len(found) == number
        url = f"{self.flow.stack.playground_url}/api/messages"
        return [(await self.flow.http.get(f"{url}/{one['id']}")).json() for one in found]


async def test_an_order_that_the_shop_tells_of_is_confirmed_by_mail_and_its_parcel_can_be_followed(flow: FlowStack):
    shop = Workshop(flow)
    await shop.open()
    to = await shop.known("wilma")
    await shop.asks("wilma", "/cart/lines", {"sku": "scarf", "title": "Scarf", "price": 4900, "currency": "EUR"})
    order = {"order_id": "W-7", "customer_id": "wilma", "currency": "EUR", "total": 4900}
    await shop.tells("POST", "/orders", order | {"lines": [{"sku": "scarf", "quantity": 1, "price": 4900}]})
    [confirmed] = await shop.mail(to, 1)
    assert "Thank you for your order" in confirmed["html"]
    for said in ("W-7", "Scarf", "€49.00"):
        assert said in confirmed["text"]
    await shop.tells("POST", "/orders/W-7/events", {"type": "shipped", "tracking_url": PARCEL})
    both = await shop.mail(to, 2)
    [shipped] = [one for one in both if "on its way" in one["text"] and PARCEL in one["text"]]
    assert PARCEL in shipped["links"]
    assert "unsubscribe" not in shipped["text"].lower(), "nobody unsubscribes from what they ordered"


async def test_a_checkout_that_is_left_is_reminded_of_by_mail_and_one_that_was_paid_is_not(flow: FlowStack):
    shop = Workshop(flow)
    await shop.open()
    left, paid = await shop.known("lena"), await shop.known("paul")
    for name in ("paul", "lena"):
        await shop.asks(name, "/cart/lines", {"sku": "scarf", "title": "Scarf", "price": 4900, "currency": "EUR"})
        await shop.asks(name, "/cart/checkout")
        if name == "paul":
            await shop.tells("POST", "/orders", {"order_id": "W-8", "customer_id": "paul"})
    [reminder] = await shop.mail(left, 1)
    assert "You began to check out at Workshop" in reminder["text"]
    assert any("https://workshop.example/cart?recover=" in link for link in reminder["links"])
    [confirmed] = await shop.mail(paid, 1)
    assert "Thank you for your order" in confirmed["html"]
