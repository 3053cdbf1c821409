"""The notifier's neighbours as real servers on loopback: the cart's last look, and the playground's providers."""

import asyncio
import email
import email.policy
import json
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.playground.faults import Fault, Faults
from deploy.playground.folder import DurableFolder
from deploy.playground.mailbox import Render
from deploy.playground.messages import Summary, summarize
from deploy.playground.phone import Phone
from deploy.playground.provider import Provider
from deploy.playground.smtp import Reception, session
from tests.integration.playground.conftest import ACCOUNT, TOKEN, settings_for
from tests.support.serving import HttpServer

KEY = "sk_test_0123456789abcdef"
"""With which the notifier asks the cart."""
SERVERS_KEY = "sk_servers_0123456789abcdef"
"""With which the store's servers ask the notifier."""
STORE = "demo"


@dataclass
class Cart:
    """What the last look shows of one cart."""

    cart_id: UUID
    customer_id: str | None = "anna"
    status: str = "active"
    version: int = 3
    sku: str = "mug"
    title: str = "Stoneware mug"
    quantity: int = 2
    available: int | None = 3
    recipient: dict[str, Any] | None = field(default_factory=lambda: willing())
    others: dict[str, int] = field(default_factory=dict)
    """Further goods in the cart, and how many of each are left in the shop."""
    silent_since: datetime | None = None
    recipient_id: str | None = None

    def document(self) -> dict[str, Any]:
        line = {
            "line_id": "0" * 32,
            "sku": self.sku,
            "title": self.title,
            "options": {"Color": "Sand"},
            "price": 2450,
            "quantity": self.quantity,
            "total": 2450 * self.quantity,
            "image_url": "https://shop.example/mug.jpg",
            "url": "https://shop.example/mug",
        }
        cart = {
            "id": str(self.cart_id),
            "store_id": STORE,
            "customer_id": self.customer_id,
            "status": self.status,
            "version": self.version,
            "currency": "EUR",
            "lines": [line, *(line | {"sku": sku, "title": sku} for sku in self.others)] if self.quantity else [],
            "units": self.quantity,
            "total": 2450 * self.quantity,
        }
        return {
            "cart": cart,
            "inventory": {self.sku: self.available} | self.others,
            "recipient": self.recipient,
            "recovery_url": f"https://shop.example/recover/r1_{self.cart_id.hex}",
            "as_of": datetime.now(UTC).isoformat(),
            "silent_since": self.silent_since and self.silent_since.isoformat(),
            "recipient_id": self.recipient_id,
        }


def willing(version: int = 1, **no: dict[str, bool]) -> dict[str, Any]:
    """What the last look says of a customer who can be reached and agrees, but for what is said otherwise."""
    yes = {"email": True, "sms": True}
    return {"profile_version": version, **{told: yes | no.get(told, {}) for told in ("reach", "consent")}}


class CartService:
    """Answers the last look; `down` makes it fail, `asked` counts."""

    def __init__(self) -> None:
        self.carts: dict[str, Cart] = {}
        self.down = False
        self.answer: Response | None = None
        self.asked = 0
        self.before_answer: Callable[[], Any] | None = None
        self.customers: dict[str, dict[str, Any]] = {}
        self.asked_for: list[dict[str, str]] = []
        self.together_answer: Response | None = None
        self.together: list[int] = []
        """How many carts each look at several was for."""
        self.tied: dict[str, tuple[str, str, bool]] = {}
        routes = [
            Route("/v1/stores/{store}/carts/{cart}", self._look),
            Route("/v1/stores/{store}/carts:look", self._look_at_all, methods=["POST"]),
            Route("/v1/stores/{store}/customers/{customer:path}/look", self._look_at_customer),
            Route("/v1/stores/{store}/customers/{customer:path}/handles/{channel}", self._tie, methods=["PUT"]),
        ]
        self.server = HttpServer(Starlette(routes=routes))

    async def _tie(self, request: Request) -> Response:
        said, customer = await request.json(), request.path_params["customer"]
        if self.down:
            return Response("down", 503)
        self.tied[request.headers["idempotency-key"]] = (customer, said["handle"], said["consent"])
        return JSONResponse({"customer_id": customer, "version": 2})

    def sees(self, customer_id: str, **known: Any) -> None:
        """What a look at a customer shows; `order` is one of theirs, `cart` what is in their cart."""
        cart: dict[str, Any] = {
            "id": None,
            "store_id": STORE,
            "customer_id": customer_id,
            "status": "active",
            "version": 0,
            "currency": None,
            "lines": [],
            "units": 0,
            "total": 0,
        }
        self.customers[customer_id] = {
            "cart": cart,
            "inventory": {},
            "recipient": willing(),
            "order": None,
            "ordered_at": None,
            "goods_version": None,
            "silent_since": None,
            "recovery_url": "https://shop.example/",
            "as_of": datetime.now(UTC).isoformat(),
            **known,
        }

    async def _look_at_customer(self, request: Request) -> Response:
        self.asked += 1
        said = request.query_params
        self.asked_for.append({name: ",".join(said.getlist(name)) for name in said})
        if self.down:
            return Response("down", 503)
        return JSONResponse(self.customers[request.path_params["customer"]])

    def holds(self, cart_id: UUID | None, **known: Any) -> Cart:
        assert cart_id is not None
        self.carts[str(cart_id)] = cart = Cart(cart_id, **known)
        return cart

    async def _look(self, request: Request) -> Response:
        self.asked += 1
        if self.before_answer:
            await self.before_answer()
        if self.answer is not None:
            return self.answer
        if self.down:
            return Response("down", 503)
        if request.headers["authorization"] != f"Bearer {KEY}":
            return JSONResponse({"type": "urn:evercart:problem:unauthorized"}, 401)
        cart = self.carts.get(request.path_params["cart"])
        if cart is None or request.path_params["store"] != STORE:
            problem = {"type": "urn:evercart:problem:unknown-cart"}
            return JSONResponse(problem, 404, media_type="application/problem+json")
        return JSONResponse(cart.document())

    async def _look_at_all(self, request: Request) -> Response:
        ids = (await request.json())["cart_ids"]
        self.asked += len(ids)
        self.together.append(len(ids))
        if self.before_answer:
            await self.before_answer()
        if (answer := self.together_answer or self.answer) is not None:
            return answer
        if self.down:
            return Response("down", 503)
        return JSONResponse({"looks": [self.carts[one].document() for one in ids if one in self.carts]})


class Kept:
    """Whoever keeps messages for the stand-ins: in memory, under the numbers 1, 2, and so on."""

    def __init__(self) -> None:
        self.contents: list[bytes] = []
        self.summaries: list[Summary] = []
        self.took = asyncio.Condition()

    async def add(self, render: Render) -> Summary:
        number = len(self.contents) + 1
        ending, content = render(number)
        summary = summarize(f"{number:016d}.{ending}", content)
        async with self.took:
            self.contents.append(content)
            self.summaries.append(summary)
            self.took.notify_all()
        return summary


class Twilio:
    """The playground's endpoint of Twilio, with phones that keep their texts in memory."""

    def __init__(self, folder: Path) -> None:
        self.kept, self.faults = Kept(), Faults()
        settings = settings_for(folder, twilio_account_sid=ACCOUNT, twilio_auth_token=TOKEN)
        self._provider = Provider(settings, Phone(self.kept, DurableFolder(folder), ACCOUNT), self.faults)
        self.server = HttpServer(Starlette(routes=self._provider.routes()))

    @property
    def taken(self) -> list[dict[str, Any]]:
        """The texts as Twilio shows them."""
        return [json.loads(content) for content in self.kept.contents]

    def fails(self, kind: str) -> None:
        """The next text meets this failure (`deploy.playground.faults`)."""
        self.faults.inject(Fault.from_request({"twilio": kind}))

    async def stop(self) -> None:
        await self._provider.close()
        await self.server.stop()


class Relay:
    """The playground's mail server in this loop, without UTF-8 in addresses. `options` are aiosmtpd's."""

    def __init__(self, **options: Any) -> None:
        self.kept, self.faults = Kept(), Faults()
        self.sessions = self.port = 0
        self.read: list[bytes] = []
        """What came, as it came: an entry for each read from a connection."""
        self._options = {"hostname": "relay.test", "enable_SMTPUTF8": False} | options
        self._reception = Reception(self.kept, self.faults)
        self._open: list[SMTP] = []
        self._server: asyncio.Server | None = None

    async def start(self, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        """`tls` begins with the first byte."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def fails(self, kind: str, stage: str = "data") -> None:
        """The next message meets this failure (`deploy.playground.faults`)."""
        self.faults.inject(Fault.from_request({"smtp": kind, "stage": stage}))

    def drop_all(self) -> None:
        """Hangs up on everybody, as relays do with connections that were idle for long."""
        for one in self._open:
            if isinstance(one.transport, asyncio.WriteTransport):
                one.transport.abort()

    @property
    def raw(self) -> list[bytes]:
        """The messages as they were sent, without what the server wrote above them."""
        return [content.partition(b"Received: ")[2].partition(b"\r\n")[2] for content in self.kept.contents]

    @property
    def messages(self) -> list[EmailMessage]:
        """The same, parsed."""
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]

    @property
    def recipients(self) -> list[str]:
        """Those of all messages, in their order."""
        return [recipient for summary in self.kept.summaries for recipient in summary.recipients]

    def body(self, kind: str = "plain", number: int = 0) -> str:
        """One of a message's two bodies, decoded."""
        part = self.messages[number].get_body((kind,))
        assert part is not None
        return str(part.get_content())

    async def until(self, count: int) -> None:
        """Waits until so many messages were taken."""
        async with self.kept.took:
            await self.kept.took.wait_for(lambda: len(self.kept.contents) >= count)

    def _session(self) -> SMTP:
        self.sessions += 1
        one = session(self._reception, **self._options)
        hear = one.data_received

        def data_received(data: bytes) -> None:
            self.read.append(data)
            hear(data)

        one.data_received = data_received  # type: ignore[method-assign]  # counts, then does the same
        self._open.append(one)
        return one
