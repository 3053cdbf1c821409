"""A relay that says what it is told to, and what it takes to send one letter to it."""

import asyncio
from typing import Any, Protocol
from uuid import UUID

from services.notifier.channels.email.smtp import Smtp, SmtpSettings
from services.notifier.channels.outcome import Outcome
from services.notifier.channels.places import Placed
from services.notifier.channels.ports import Limits
from services.notifier.domain.envelope import Envelope

LETTER = Envelope(UUID(int=1), "hello@nordwind.example", "anna@mail.example", b"Subject: x\r\n\r\n.\r\n..dots\r\n")
PIPELINING = b"250-scripted\r\n250 PIPELINING"


class Listens(Protocol):
    port: int


async def sends(provider: Smtp | Placed) -> Outcome:
    async def last_word() -> Envelope:
        return LETTER

    return await provider.send(LETTER, last_word)


def smtp(relay: Listens, limits: Limits | None = None, **settings: Any) -> Smtp:
    return Smtp(SmtpSettings(host="127.0.0.1", port=relay.port, **settings), limits or Limits())


class Scripted:
    """A relay that says one line to each of ours, by what ours begins with; `None` hangs up, and nothing is empty. It
    offers nothing.
    """

    def __init__(self, **says: bytes | None) -> None:
        self.says: dict[str, bytes | None] = {"EHLO": b"250 scripted", "DATA": b"354 go on", **says}
        self.heard: list[bytes] = []
        self._once: dict[str, bytes | None] = {}
        self.port = self.sessions = 0

    def hangs_up_once(self, verb: str, saying: bytes | None) -> None:
        """The next time that it hears this."""
        self._once[verb] = None if saying is None else saying + b"\r\n"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        writer.write(b"220 scripted\r\n")
        while line := await reader.readline():
            self.heard.append(line)
            verb = line[:4].decode().strip()
            if verb in self._once:
                writer.write(self._once.pop(verb) or b"")
                break
            answer = self.says.get(verb, b"250 ok")
            if answer is None:
                break
            if answer:
                writer.write(answer + b"\r\n")
            if line == b"DATA\r\n" and answer.startswith(b"354"):
                if "CONTENT" in self.says:
                    await reader.readline()
                    break
                await reader.readuntil(b"\r\n.\r\n")
                verdict = self.says.get("DOT")
                if verdict is None:
                    break
                writer.write(verdict + b"\r\n")
        writer.close()
