"""The notifier's neighbours as real servers on loopback: the cart service's last look, Twilio's endpoint, a relay."""

import asyncio
import email
import email.policy
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import uvicorn
from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

KEY = "sk_test_0123456789abcdef"
STORE = "demo"


class HttpServer:
    """Serves an ASGI application on a free port until `stop`."""

    def __init__(self, application: Starlette) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(application, lifespan="off", log_config=None, access_log=False)
        self._server = uvicorn.Server(config)
        self._task = asyncio.create_task(self._server._serve(sockets=[self._socket]))

    async def stop(self) -> None:
        self._server.should_exit = True
        await self._task


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
            "lines": [line] if self.quantity else [],
            "units": self.quantity,
            "total": 2450 * self.quantity,
        }
        return {
            "cart": cart,
            "inventory": {self.sku: self.available},
            "recovery_url": f"https://shop.example/recover/r1_{self.cart_id.hex}",
            "as_of": datetime.now(UTC).isoformat(),
        }


class CartService:
    """Answers the last look; `down` makes it fail, `asked` counts."""

    def __init__(self) -> None:
        self.carts: dict[str, Cart] = {}
        self.down = False
        self.answer: Response | None = None
        self.asked = 0
        self.before_answer: Callable[[], Any] | None = None
        self.server = HttpServer(Starlette(routes=[Route("/v1/stores/{store}/carts/{cart}", self._look)]))

    def holds(self, cart_id: UUID, **known: Any) -> Cart:
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


class Twilio:
    """Takes messages as the Messages resource does; `answers` are given first, as (status, body)."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.answers: list[tuple[int, dict[str, Any]]] = []
        route = Route("/2010-04-01/Accounts/{sid}/Messages.json", self._create, methods=["POST"])
        self.server = HttpServer(Starlette(routes=[route]))

    async def _create(self, request: Request) -> Response:
        body = (await request.body()).decode()
        if self.answers:
            status, answer = self.answers.pop(0)
            return JSONResponse(answer, status)
        self.taken.append(dict(parse_qsl(body)))
        return JSONResponse({"sid": f"SM{len(self.taken):032x}", "status": "queued"}, 201)


@dataclass
class Relay:
    """A real SMTP server in this loop. `mail`, `rcpt` and `data` are answers to give first, one a command."""

    rcpt: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    sessions: int = 0
    hang_up_in_data: bool = False
    hang_in_data: bool = False
    hang_in_rcpt: bool = False
    took: asyncio.Condition = field(default_factory=asyncio.Condition)
    port: int = 0
    _server: asyncio.Server | None = None
    _sessions: list[SMTP] = field(default_factory=list)

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._session, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    def _session(self) -> SMTP:
        self.sessions += 1
        session = SMTP(self, hostname="relay.test", enable_SMTPUTF8=False)
        self._sessions.append(session)
        return session

    def drop_all(self) -> None:
        """Hangs up on everybody, as relays do with connections that were idle for long."""
        for session in self._sessions:
            if isinstance(session.transport, asyncio.WriteTransport):
                session.transport.abort()

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:  # noqa: N802 - aiosmtpd asks for it
        if self.hang_in_rcpt:
            await asyncio.Event().wait()
        answer = self.rcpt.pop(0) if self.rcpt else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - aiosmtpd asks for it
        if self.hang_in_data:
            await asyncio.Event().wait()
        if self.data:
            return self.data.pop(0)
        async with self.took:
            self.raw.append(envelope.content)
            self.recipients.extend(envelope.rcpt_tos)
            parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.messages.append(parsed)
            self.took.notify_all()
        if self.hang_up_in_data:
            server.transport.abort()
        return f"250 2.0.0 Ok: queued as {len(self.messages):08X}"

    def body(self, kind: str = "plain", number: int = 0) -> str:
        """One of a message's two bodies, decoded."""
        part = self.messages[number].get_body((kind,))
        assert part is not None
        return str(part.get_content())

    async def until(self, count: int) -> None:
        """Waits until so many messages were taken."""
        async with self.took:
            await self.took.wait_for(lambda: len(self.messages) >= count)
