"""A store made while everything runs has its reminders sent in its own voice; so it is changed, and so it is closed."""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from typing import Any
from uuid import uuid4

import jwt
import pytest

from libs.contracts.codec import encode
from libs.contracts.events import Event, ReminderRequested
from libs.kafka.clients import producer
from tests.flow.stack import FlowStack
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")
STORE, JWT_KEY, SECRET_KEY = "boutique", "customers-of-the-boutique-0123456789-abc", "sk_of_the_boutique_0123456789"


class Boutique:
    """The store, as ops and its customers see it."""

    def __init__(self, flow: FlowStack) -> None:
        self.flow, self.url = flow, f"{flow.stack.cart_url}/v1/stores/{STORE}"
        self.ops = {"Authorization": f"Bearer {flow.stack.secrets.ops_key}"}

    async def put(self, name: str, sender: str) -> None:
        """Says what the store is."""
        settings = {
            "name": name,
            "currency": "EUR",
            "locale": "de",
            "jwt_key": JWT_KEY,
            "secret_keys": [SECRET_KEY],
            "recovery_url": "https://boutique.example/cart?recover={token}",
            "messages": {"email_from": sender},
        }
        answer = await self.flow.http.put(self.url, json=settings, headers=self.ops)
        assert answer.status_code in (200, 201), answer.text

    async def abandons(self, customer_id: str) -> str:
        """A customer leaves a cart behind; their address."""
        to = f"{customer_id}@example.com"
        profile = {"email": to, "email_consent": True, "locale": "de"}
        path = f"{self.url}/customers/{customer_id}/profile"
        answer = await self.flow.http.put(path, json=profile, headers={"Authorization": f"Bearer {SECRET_KEY}"})
        assert answer.status_code == 200, answer.text
        token = jwt.encode({"sub": customer_id, "exp": int(time.time()) + 3600}, JWT_KEY, "HS256")
        line = {"sku": "scarf", "title": "Schal", "price": 4900, "currency": "EUR"}
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self.flow.http.post(f"{self.url}/cart/lines", json=line, headers=headers)
        assert answer.status_code == 200, answer.text
        return to

    async def message(self, customer_id: str) -> tuple[tuple[str, str], str]:
        """Who wrote (name, address) and what, once a customer who leaves a cart behind got a message."""
        to = await self.abandons(customer_id)
        (one,) = await eventually(lambda: self.flow.received(to))
        answer = await self.flow.http.get(f"{self.flow.stack.playground_url}/api/messages/{one['id']}")
        message: dict[str, Any] = answer.json()
        (sender,) = (header["value"] for header in message["headers"] if header["name"] == "From")
        return parseaddr(sender), message["text"]

    async def late_reminder(self, customer_id: str) -> tuple[str, str]:
        """A reminder that the trigger asks for late; what became of it, and why."""
        now = datetime.now(UTC)
        request = ReminderRequested(
            event_id=uuid4(),
            occurred_at=now,
            reminder_id=uuid4(),
            store_id=STORE,
            customer_id=customer_id,
            campaign="abandoned_cart",
            kind="abandoned_cart",
            step=1,
            channel="email",
            template="abandoned_cart",
            cart_id=uuid4(),
            cart_version=1,
            due_at=now,
            expires_at=now + timedelta(minutes=30),
        )
        await self._publish(request)
        url = f"{self.flow.stack.notifier_url}/v1/stores/{STORE}/messages"

        async def ended() -> list[tuple[str, str]]:
            answer = await self.flow.http.get(url, params={"cart_id": str(request.cart_id)}, headers=self.ops)
            found = [(one["state"], one["reason"]) for one in answer.json()["messages"]]
            return [(state, reason) for state, reason in found if state not in ("pending", "sending")]

        (end,) = await eventually(ended)
        return end

    async def _publish(self, event: Event) -> None:
        record = encode(event, "/evercart/trigger")
        headers = [(name, value.encode()) for name, value in record.headers.items()]
        sender = producer(self.flow.stack.bootstrap)
        await sender.start()
        topic = self.flow.stack.topic_prefix + record.topic
        await sender.send_and_wait(topic, record.value, key=record.key.encode(), headers=headers)
        await sender.stop()


def described(flow: FlowStack) -> int:
    """How often the notifier has heard something new of stores."""
    return (flow.stack.state / "notifier.log").read_text(errors="replace").count(f"stores=['{STORE}']")


async def test_a_store_of_the_api_speaks_in_its_own_voice_then_in_another_and_then_not_at_all(flow: FlowStack):
    boutique = Boutique(flow)
    await boutique.put("Boutique", "hallo@boutique.example")
    sender, text = await boutique.message("frida")
    assert sender == ("Boutique", "hallo@boutique.example")
    assert "Schal" in text
    assert "https://boutique.example/cart?recover=" in text

    heard = described(flow)
    await boutique.put("Atelier", "post@boutique.example")
    await eventually(lambda: described(flow) > heard)
    sender, _ = await boutique.message("gerda")
    assert sender == ("Atelier", "post@boutique.example")

    heard = described(flow)
    answer = await flow.http.delete(boutique.url, headers=boutique.ops)
    assert answer.status_code == 204, answer.text
    await eventually(lambda: described(flow) > heard)
    assert await boutique.late_reminder("gerda") == ("cancelled", "store_closed")
    assert len(await flow.received("gerda@example.com")) == 1
