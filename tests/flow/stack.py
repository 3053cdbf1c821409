"""The services as separate processes on real servers, so that each can be killed at its worst moment."""

import asyncio
import contextlib
import hashlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import jwt

from deploy.kafka.topics import create_topics, delete_topics
from deploy.local.services import services
from deploy.local.stack import Ports, Stack
from deploy.local.store_files import write_stores
from tests.support.databases import create_database, drop_database
from tests.support.eventually import eventually
from tests.support.forks import Forks, Started

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
QUICK = {
    "TRIGGER_SETTLE_SECONDS": "0.5",
    "TRIGGER_POLL_SECONDS": "0.2",
    "NOTIFIER_POLL_SECONDS": "0.2",
    "NOTIFIER_LEASE_SECONDS": "3",
    "NOTIFIER_CONTACT_GRACE_SECONDS": "2",
}
CAMPAIGNS = """
campaigns:
  - name: abandoned_cart
    kind: abandoned_cart
    steps:
      - {delay: 1s, channel: email, template: abandoned_cart, lateness: 30m}
  - name: low_stock
    kind: low_stock
    threshold: 5
    rearm_above: 3
    look_back: 30d
    recipients_per_unit: 10
    steps:
      - {channel: sms, template: low_stock, lateness: 30m}
"""

OF_ORDERS = """
campaigns:
  - {name: confirmed, kind: order_confirmed, steps: [{channel: email, template: order_confirmed}]}
  - {name: shipped, kind: order_shipped, steps: [{channel: email, template: order_shipped}]}
  - name: checkout
    kind: abandoned_checkout
    steps: [{delay: 1s, channel: email, template: abandoned_checkout, lateness: 30m}]
"""


class FlowStack:
    """Four service processes and the catcher, on databases and topics of their own."""

    def __init__(self, stack: Stack, dsns: dict[str, str], forks: Forks) -> None:
        self.stack = stack
        self._members = {m.name: m for step in services(stack, dsns.__getitem__) for m in step}
        self._forks = forks
        self._processes: dict[str, Started] = {}
        store = stack.stores["demo"]
        self.server = {"Authorization": f"Bearer {store.secret_key}"}
        self.base = f"{stack.cart_url}/v1/stores/demo"
        self.http = httpx.AsyncClient(timeout=60)

    def customer(self, customer_id: str) -> dict[str, str]:
        """The headers of a customer who is logged in."""
        claims = {"sub": customer_id, "exp": int(time.time()) + 3600}
        return {"Authorization": f"Bearer {jwt.encode(claims, self.stack.stores['demo'].jwt_key, 'HS256')}"}

    async def start(self, name: str, crash: tuple[str, str, int] | None = None) -> None:
        """Starts a process and waits until it is ready; one that is to crash is not waited for."""
        program = self._members[name].program
        argv = program.argv
        if crash:
            when, place, nth = crash
            argv = (sys.executable, "-m", "tests.flow.crashing", when, place, str(nth), "--", *program.argv[2:])
        environment = {**os.environ, **program.env, **QUICK}
        with (self.stack.state / f"{name}.log").open("ab") as log:
            self._processes[name] = await asyncio.to_thread(self._forks.start, argv, environment, ROOT, log.fileno())
        if not crash:
            await eventually(partial(self.is_ready, name))

    async def is_ready(self, name: str) -> bool:
        """Whether the process says so; AssertionError with its last words if it has ended."""
        if self._processes[name].poll() is not None:
            raise AssertionError(f"{name} ended:\n{self.log(name)}")
        return await asyncio.to_thread(self._members[name].ready)

    async def stop(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Ends a process; by default as a power cut does."""
        process = self._processes.pop(name, None)
        if process is not None and process.poll() is None:
            os.kill(process.pid, number)
            await asyncio.to_thread(process.wait)

    async def died(self, name: str) -> int:
        """Waits until a process that was told to crash has done so; its exit status."""
        status = await asyncio.to_thread(self._processes[name].wait, PATIENCE_S)
        del self._processes[name]
        return status

    def log(self, name: str) -> str:
        """The end of a process's log."""
        return (self.stack.state / f"{name}.log").read_text(errors="replace")[-4000:]

    async def reachable(self, customer_id: str, **changes: Any) -> tuple[str, str]:
        """Gives a customer a profile with both consents; their address and number."""
        number = "+4915123" + str(int(hashlib.sha256(customer_id.encode()).hexdigest(), 16))[:6]
        body = {"email": f"{customer_id}@example.com", "phone": number, "locale": "en"}
        body |= {"email_consent": True, "sms_consent": True} | changes
        answer = await self.http.put(f"{self.base}/customers/{customer_id}/profile", json=body, headers=self.server)
        assert answer.status_code == 200, answer.text
        return body["email"], body["phone"]

    async def add(self, headers: dict[str, str], sku: str = "mug", **changes: Any) -> dict[str, Any]:
        """Adds a unit to the cart of whoever the headers say."""
        line = {"sku": sku, "title": sku.title(), "price": 1250, "currency": "EUR"} | changes
        answer = await self.http.post(f"{self.base}/cart/lines", json=line, headers=headers)
        assert answer.status_code == 200, answer.text
        cart: dict[str, Any] = answer.json()
        return cart

    async def order(self, customer_id: str, order_id: str) -> None:
        """Orders the customer's cart."""
        body = {"order_id": order_id, "customer_id": customer_id}
        answer = await self.http.post(f"{self.base}/orders", json=body, headers=self.server)
        assert answer.status_code == 201, answer.text

    async def received(self, to: str) -> list[dict[str, Any]]:
        """Everything that a recipient has got so far."""
        answer = await self.http.get(f"{self.stack.playground_url}/api/messages", params={"to": to})
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    async def ends(self, customer_id: str) -> list[dict[str, Any]]:
        """What the notifier says of this customer's reminders, once there are some and all have ended."""
        url = f"{self.stack.notifier_url}/v1/stores/demo/messages"

        async def ended() -> list[dict[str, Any]]:
            answer = await self.http.get(url, params={"customer_id": customer_id}, headers=self.server)
            found: list[dict[str, Any]] = answer.json()["messages"]
            return [] if any(m["state"] in ("pending", "sending") for m in found) else found

        return await eventually(ended, despite=httpx.TransportError)

    async def close(self) -> None:
        """Ends every process."""
        await self.http.aclose()
        for name in list(self._processes):
            await self.stop(name)


@contextlib.asynccontextmanager
async def flow_stack(folder: Path, postgres: str, kafka: str, forks: Forks) -> AsyncIterator[FlowStack]:
    """A running stack in `folder` on these servers; nothing of it is left afterwards."""
    stack = Stack(state=folder, external_kafka=kafka, ports=Ports.settle(Ports()))
    stack.campaigns.mkdir(parents=True)
    write_stores(stack)
    for store_id in ("demo", "boutique"):
        stack.campaigns.joinpath(f"{store_id}.yaml").write_text(CAMPAIGNS)
    stack.campaigns.joinpath("workshop.yaml").write_text(OF_ORDERS)
    names = ("cart", "trigger", "notifier", "console")
    dsns = {n: await create_database(postgres, ROOT / "services" / n / "migrations") for n in names}
    await create_topics(kafka, stack.topic_prefix)
    try:
        flow = FlowStack(stack, dsns, forks)
        try:
            for step in services(stack, dsns.__getitem__):
                await asyncio.gather(*(flow.start(member.name) for member in step))
            yield flow
        finally:
            await flow.close()
    finally:
        await delete_topics(kafka, stack.topic_prefix)
        for dsn in dsns.values():
            await drop_database(postgres, dsn)
