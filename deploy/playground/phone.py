"""The phone network: texts that are handed to Twilio arrive here, and people answer them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from deploy.playground import twilio
from deploy.playground.folder import DurableFolder
from deploy.playground.mailbox import Keeper
from deploy.playground.messages import Summary

OPTED_OUT = "opted_out.json"


class Phone:
    """Keeps texts in the mailbox, and who said STOP to whom in a file of its own, which outlives the texts."""

    def __init__(self, mailbox: Keeper, folder: DurableFolder, account_sid: str) -> None:
        self._mailbox = mailbox
        self._folder = folder
        self._account_sid = account_sid
        self._opted_out: set[tuple[str, str]] = set()
        self._lock = asyncio.Lock()
        if OPTED_OUT in folder.names():
            self._opted_out = {(pair[0], pair[1]) for pair in json.loads(folder.read(OPTED_OUT))}

    def check(self, form: Mapping[str, str]) -> tuple[str, str, str]:
        """As `twilio.check`, and refuses recipients who said STOP to this sender."""
        to, sender, body = twilio.check(form)
        if (to, sender) in self._opted_out:
            raise twilio.RefusalError(21610)
        return to, sender, body

    async def deliver(self, to: str, sender: str, body: str) -> tuple[Summary, dict[str, object]]:
        """Keeps a text on its way to a customer; returns Twilio's resource of it."""
        return await self._keep("outbound-api", to, sender, body)

    async def reply(self, to: str, sender: str, body: str) -> tuple[Summary, dict[str, object]]:
        """Keeps a customer's text and heeds STOP and START as Twilio does."""
        word = twilio.keyword(body)
        if word is not None:
            await self._heed(word, (sender, to))
        return await self._keep("inbound", to, sender, body)

    async def _heed(self, word: str, pair: tuple[str, str]) -> None:
        async with self._lock:
            changed = self._opted_out | {pair} if word == "stop" else self._opted_out - {pair}
            content = json.dumps(sorted(changed)).encode()
            await asyncio.to_thread(self._folder.write_all, [(OPTED_OUT, content)])
            self._opted_out = changed

    async def _keep(self, direction: str, to: str, sender: str, body: str) -> tuple[Summary, dict[str, object]]:
        answer: dict[str, object] = {}

        def render(number: int) -> tuple[str, bytes]:
            at = datetime.fromtimestamp(number // 1_000_000, UTC)
            sid = twilio.message_sid(number)
            answer.update(twilio.resource(sid, self._account_sid, direction, to, sender, body, at))
            kept = answer | {"from": sender}
            return "json", json.dumps(kept, ensure_ascii=False).encode()

        summary = await self._mailbox.add(render)
        return summary, answer
