"""Mailpit's inbox, through its HTTP API (version 1)."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

from deploy.story.mailbox import Letter, links_in
from libs.http.client import HttpClient, HttpError

_PAGE = 500
_POLL_S = 0.5


class Mailpit:
    """A `Mailbox` for e-mail. Mailpit does not hold an answer back, so waiting is asking again."""

    def __init__(self, http: HttpClient) -> None:
        self._http = http
        self._letters: dict[str, dict[str, Letter]] = {}

    async def arrived(self, to: str, wait_s: float = 0) -> list[Letter]:
        """As the protocol says."""
        deadline = time.monotonic() + wait_s
        letters = self._letters.setdefault(to, {})
        known = len(letters)
        await self._read(to, letters)
        while len(letters) == known and time.monotonic() < deadline:
            await asyncio.sleep(_POLL_S)
            await self._read(to, letters)
        return sorted(letters.values(), key=lambda letter: letter.received_at)

    async def _read(self, to: str, letters: dict[str, Letter]) -> None:
        listed = await self._get(f"/api/v1/messages?limit={_PAGE}")
        for summary in listed["messages"]:
            recipients = {str(r["Address"]).casefold() for r in summary["To"] or ()}
            if to.casefold() in recipients and summary["ID"] not in letters:
                letters[summary["ID"]] = await self._open(summary)

    async def _open(self, summary: dict[str, Any]) -> Letter:
        shown = await self._get(f"/api/v1/message/{summary['ID']}")
        text, html = shown.get("Text") or "", shown.get("HTML") or None
        return Letter(
            id=str(summary["ID"]),
            channel="email",
            # catchers that speak only a part of the API leave it out
            received_at=datetime.fromisoformat(summary["Created"]) if "Created" in summary else datetime.now(UTC),
            subject=summary["Subject"],
            text=text,
            html=html,
            links=links_in(text, html),
        )

    async def _get(self, path: str) -> dict[str, Any]:
        answer = await self._http.request("GET", path)
        if answer.status != 200:
            raise HttpError(f"Mailpit at {self._http.base_url} answered {answer.status}")
        found: dict[str, Any] = answer.json()
        return found
