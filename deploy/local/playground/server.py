"""Puts the parts together in one process and runs them until it is told to stop."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from deploy.local.playground.faults import Faults
from deploy.local.playground.folder import DurableFolder
from deploy.local.playground.http import ProblemError, SecurityHeaders, page_policy, problem_response
from deploy.local.playground.mailbox import Mailbox
from deploy.local.playground.phone import Phone
from deploy.local.playground.provider import Provider
from deploy.local.playground.reader import Reader
from deploy.local.playground.settings import Settings
from deploy.local.playground.smtp import serve_smtp


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
    phone = Phone(mailbox, DurableFolder(settings.state_dir), settings.twilio_account_sid)
    provider = Provider(settings, phone, faults)

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def metrics(_: Request) -> Response:
        lines = [f"playground_messages_{name} {value}\n" for name, value in mailbox.totals().items()]
        return PlainTextResponse("".join(lines))

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        server = await serve_smtp(smtp, mailbox, faults)
        try:
            yield
        finally:
            server.close()
            await provider.close()

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", live),
            Route("/metrics", metrics),
            *Reader(mailbox, faults).routes(),
            *provider.routes(),
        ],
        middleware=[Middleware(SecurityHeaders, policy=page_policy(settings.cart_url))],
        exception_handlers={ProblemError: problem_response},
        lifespan=lifespan,
    )


def create_server(settings: Settings, listeners: Listeners) -> uvicorn.Server:
    """A server whose ``serve(sockets=[listeners.http])`` runs everything; ``should_exit = True`` ends it."""
    config = uvicorn.Config(
        create_app(settings, listeners.smtp),
        access_log=False,
        log_level="warning",
        loop="asyncio",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
