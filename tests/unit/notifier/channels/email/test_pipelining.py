"""Commands that go together: whoever is told to end while replies come in, ends."""

import asyncio
from typing import Any

import pytest

from services.notifier.channels.email.dialogue import Dialogue
from services.notifier.channels.email.pipelining import replies


class Wire(asyncio.Transport):
    """A transport that sends nothing, to which replies come when a test says so."""

    listener: asyncio.Protocol
    written = b""

    def is_closing(self) -> bool:
        return False

    def set_protocol(self, protocol: Any) -> None:
        self.listener = protocol

    def write(self, data: Any) -> None:
        self.written += data


class Own:
    """A session's own protocol, as far as it is asked."""

    def __init__(self) -> None:
        self.transport = Wire()


@pytest.mark.parametrize("turns", range(8))
async def test_a_cancellation_that_comes_with_a_reply_is_not_lost(turns: int):
    """Story: a process that was told to stop waited five minutes for a relay that hung after it had said yes once."""
    own: Any = Own()
    dialogue = Dialogue(own)
    heard = asyncio.create_task(replies(dialogue, [b"MAIL", b"RCPT"], 60, together=True))
    await asyncio.sleep(0)
    assert own.transport.written == b"MAIL\r\nRCPT\r\n"
    own.transport.listener.data_received(b"250 2.1.0 Ok\r\n")
    for _ in range(turns):
        await asyncio.sleep(0)
    heard.cancel()
    async with asyncio.timeout(20):
        await asyncio.wait([heard])
    assert heard.cancelled()
    dialogue.leave()
    assert own.transport.listener is own
