"""Puts the parts together in one process and runs them until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from deploy.playground.cart_api import CartApi
from deploy.playground.faults import Faults
from deploy.playground.folder import DurableFolder
from deploy.playground.http import LocalNamesOnly, ProblemError, SecurityHeaders, page_policy, problem_response
from deploy.playground.mailbox import Mailbox
from deploy.playground.pages import Pages
from deploy.playground.phone import Phone
from deploy.playground.provider import Provider
from deploy.playground.reader import Reader
from deploy.playground.settings import Settings
from deploy.playground.shop import Shop
from deploy.playground.smtp import serve_smtp
from deploy.playground.stock import Stock
from deploy.playground.unsubscribing import Unsubscribing

DATE_S = 1.0


@dataclass(frozen=True, slots=True)
class Listeners:
    """Bound sockets, so that a port is held before anybody is told of it."""

    http: socket.socket
    smtp: socket.socket

    @classmethod
    def bind(cls, settings: Settings) -> Listeners:
        """Raises `OSError` if a port is taken."""
        return cls(*(socket.create_server((settings.host, port)) for port in (settings.port, settings.smtp_port)))


def create_app(settings: Settings, smtp: socket.socket) -> Starlette:
    """The application; mail is accepted on the socket while it runs."""
    faults = Faults()
    mailbox = Mailbox(DurableFolder(settings.state_dir / "messages"), settings.keep)
    state = DurableFolder(settings.state_dir)
    provider = Provider(settings, Phone(mailbox, state, settings.twilio_account_sid), faults)
    reader = Reader(mailbox, faults)
    carts = CartApi(settings)
    stock = Stock(state, carts.set_levels)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with _running(await serve_smtp(smtp, mailbox, faults), stock, provider):
            yield

    app = Starlette(
        routes=[
            *_health_routes(mailbox),
            *reader.routes(),
            *provider.routes(),
            *Unsubscribing(reader, settings.notifier_backend_url).routes(),
            *Shop(settings, carts, stock).routes(),
            *Pages(reader, settings.store_name, settings.notifier_url).routes(),
        ],
        middleware=[
            Middleware(LocalNamesOnly),
            Middleware(SecurityHeaders, policy=page_policy(settings.cart_url)),
        ],
        exception_handlers={ProblemError: problem_response},
        lifespan=lifespan,
    )
    app.state.stop_waiting = mailbox.stop_waiting
    return app


def _health_routes(mailbox: Mailbox) -> list[Route]:
    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def metrics(_: Request) -> Response:
        lines = [f"playground_messages_{name} {value}\n" for name, value in mailbox.totals().items()]
        return PlainTextResponse("".join(lines))

    return [Route("/health/live", live), Route("/health/ready", live), Route("/metrics", metrics)]


@contextlib.asynccontextmanager
async def _running(server: asyncio.Server, stock: Stock, provider: Provider) -> AsyncIterator[None]:
    announcing = asyncio.create_task(stock.announce_due())
    try:
        yield
    finally:
        server.close()
        announcing.cancel()
        await provider.close()


class Server(uvicorn.Server):
    """Leaves signals to the process, and does not let those who wait for a message hold up the end."""

    def __init__(self, config: uvicorn.Config) -> None:
        self._leaving = asyncio.Event()
        super().__init__(config)

    @property
    def should_exit(self) -> bool:
        """Whether it ends."""
        return self._leaving.is_set()

    @should_exit.setter
    def should_exit(self, told: bool) -> None:
        if told:
            self._leaving.set()

    async def main_loop(self) -> None:
        """Wakes for the date that answers bear, not ten times as often to see whether it should end."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(DATE_S):
                    await self._leaving.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Ends the requests that wait before uvicorn waits for them."""
        self.config.app.state.stop_waiting()  # type: ignore[union-attr]  # it is the Starlette of `create_app`
        await super().shutdown(sockets)


def create_server(settings: Settings, listeners: Listeners) -> Server:
    """A server whose ``serve(sockets=[listeners.http])`` runs everything; ``should_exit = True`` ends it."""
    config = uvicorn.Config(
        create_app(settings, listeners.smtp),
        access_log=False,
        log_level="warning",
        loop="asyncio",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return Server(config)
