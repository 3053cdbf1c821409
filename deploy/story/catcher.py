"""The local stack's catcher: it takes mail by SMTP and texts as Twilio's stand-in, and shows both over HTTP."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from deploy.story.mailbox import Channel, Letter, links_in
from libs.http.client import HttpClient, HttpError

_MOST = 500


class Catcher:
    """A `Mailbox` over the catcher's JSON API."""

    def __init__(self, http: HttpClient, channel: Channel) -> None:
        self._http, self._channel = http, channel
        self._cursors: dict[str, str] = {}
        self._letters: dict[str, list[Letter]] = {}

    async def arrived(self, to: str, wait_s: float = 0) -> list[Letter]:
        """As the protocol says; the server holds the answer for `wait_s`."""
        query = {"to": to, "channel": self._channel, "after": self._cursors.get(to, "0"), "limit": _MOST}
        if wait_s > 0:
            query["wait"] = f"{min(wait_s, 20):.3f}"
        found = await self._get(f"/api/messages?{urlencode(query)}")
        letters = self._letters.setdefault(to, [])
        for summary in reversed(found["messages"]):
            if summary["direction"] == "outbound":
                letters.append(await self._open(str(summary["id"])))
        self._cursors[to] = str(found["cursor"])
        return list(letters)

    async def _open(self, number: str) -> Letter:
        shown = await self._get(f"/api/messages/{number}")
        text, html = shown["text"] or "", shown["html"]
        return Letter(
            id=number,
            channel=self._channel,
            received_at=datetime.fromisoformat(shown["received_at"]),
            subject=shown["subject"],
            text=text,
            html=html,
            links=links_in(text, html),
        )

    async def _get(self, path: str) -> dict[str, Any]:
        answer = await self._http.request("GET", path, timeout_s=60)
        if answer.status != 200:
            raise HttpError(f"the catcher at {self._http.base_url} answered {answer.status}")
        found: dict[str, Any] = answer.json()
        return found
