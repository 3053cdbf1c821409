"""The mail server at the end of the way: takes every message, keeps it, then says 250; or fails as it was told to."""

from __future__ import annotations

import asyncio
import logging
import socket
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.playground.faults import Faults
from deploy.playground.mailbox import Keeper
from deploy.playground.messages import Summary, with_trace

MOST_BYTES = 10 * 1024 * 1024
FULL = "452 4.3.1 no room to keep it"


class Reception:
    """The hooks that aiosmtpd calls; a reply is the line that the client reads."""

    def __init__(self, mailbox: Keeper, faults: Faults) -> None:
        self._mailbox = mailbox
        self._faults = faults

    async def handle_EHLO(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Offers pipelining, which the server copes with but does not say."""
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Refuses the sender if a test asked for it."""
        if (fault := self._faults.take("smtp", [], "mail")) is not None:
            return await _before_data(fault)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Takes every recipient, unless a test asked otherwise."""
        if (fault := self._faults.take("smtp", [address], "rcpt")) is not None:
            return await _before_data(fault)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Answers once the message is kept."""
        fault = self._faults.take("smtp", list(envelope.rcpt_tos))
        if fault == "drop_before_data":
            return _drop(server)
        if fault is not None and fault[0].isdecimal():
            return _refusal(fault)
        try:
            kept = await self._keep(session, envelope)
        except OSError:
            return FULL
        if fault == "drop_after_data":
            return _drop(server)
        if fault == "hang_after_data":
            await asyncio.Event().wait()
        return f"250 2.0.0 Ok: queued as {kept.id:08X}"

    async def _keep(self, session: Session, envelope: Envelope) -> Summary:
        raw = envelope.original_content or b""
        recipients, peer = list(envelope.rcpt_tos), f"{session.host_name or 'unknown'} ([{_ip(session)}])"

        def render(number: int) -> tuple[str, bytes]:
            at = datetime.fromtimestamp(number / 1_000_000, UTC)
            return "eml", with_trace(raw, envelope.mail_from or "", recipients, peer, at)

        return await self._mailbox.add(render)


async def serve_smtp(listener: socket.socket, mailbox: Keeper, faults: Faults) -> asyncio.Server:
    """Accepts mail on a bound socket until the returned server is closed."""
    reception = Reception(mailbox, faults)
    return await asyncio.get_running_loop().create_server(lambda: session(reception), sock=listener)


def session(reception: Reception, **options: object) -> SMTP:
    """A connection's protocol; `options` are aiosmtpd's."""
    # aiosmtpd logs the addresses of every envelope.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    usual: dict[str, Any] = {
        "data_size_limit": MOST_BYTES,
        "enable_SMTPUTF8": True,
        "hostname": "playground.localhost",
        "ident": "Evercart playground",
        "loop": asyncio.get_running_loop(),
    }
    return SMTP(reception, **(usual | options))


async def _before_data(fault: str) -> str:
    if fault == "hang":
        await asyncio.Event().wait()
    return _refusal(fault)


def _refusal(reply: str) -> str:
    return reply if " " in reply else f"{reply} {reply[0]}.3.0 refused as the test asked"


def _drop(server: SMTP) -> str:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()
    raise ConnectionResetError("dropped as the test asked")


def _ip(session: Session) -> str:
    return str(session.peer[0]) if isinstance(session.peer, tuple) else "local"
