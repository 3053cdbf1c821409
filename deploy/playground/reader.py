"""The JSON API through which a recipient, or a test in his place, reads what arrived."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from deploy.playground.content import read_content
from deploy.playground.faults import Fault, FaultError, Faults
from deploy.playground.http import ProblemError, read_json
from deploy.playground.mailbox import Mailbox
from deploy.playground.messages import Summary

LONGEST_WAIT, MOST_LISTED, NUMBER = 60.0, 500, re.compile(r"\d{1,18}(\.\d{1,6})?")


class Reader:
    """``GET /api/messages`` and its kin."""

    def __init__(self, mailbox: Mailbox, faults: Faults) -> None:
        self._mailbox = mailbox
        self._faults = faults

    def routes(self) -> list[Route]:
        """For the application."""
        return [
            Route("/api/messages", self.list_messages, methods=["GET"]),
            Route("/api/messages", self.clear, methods=["DELETE"]),
            Route("/api/messages/{id:int}", self.show, methods=["GET"]),
            Route("/api/messages/{id:int}/raw", self.show_raw, methods=["GET"]),
            Route("/api/totals", self.totals, methods=["GET"]),
            Route("/api/faults", self.list_faults, methods=["GET"]),
            Route("/api/faults", self.inject, methods=["POST"]),
            Route("/api/faults", self.clear_faults, methods=["DELETE"]),
        ]

    async def list_messages(self, request: Request) -> Response:
        """``?to&after&channel&limit&wait``: newest first; ``after`` is an id, or an instant in ISO 8601.

        ``wait`` holds the answer for up to that many seconds until there is one; ``cursor`` is the next ``after``.
        """
        query = request.query_params
        channel = query.get("channel")
        if channel not in (None, "email", "sms"):
            raise ProblemError(422, "invalid-query", "channel is email or sms")
        after = _instant(query.get("after", "0"))
        wait = min(_number(query.get("wait", "0")), LONGEST_WAIT)
        limit = min(int(_number(query.get("limit", "100"))), MOST_LISTED)
        # An unescaped + of a phone number arrives as a space.
        to = re.sub(r"^ (?=\d)", "+", query["to"]) if query.get("to") else None
        found = self._mailbox.find(to, after, channel, limit)
        if not found and wait > 0 and limit > 0:
            found = await self._mailbox.wait_for(to, after, channel, limit, wait)
        cursor = str(found[0].id) if found else str(after)
        return _json({"messages": [describe(summary) for summary in found], "cursor": cursor})

    async def show(self, request: Request) -> Response:
        """The summary, and headers, text, html and links."""
        summary, raw = await self.open(request)
        content = await asyncio.to_thread(read_content, summary.channel, raw)
        return _json(
            describe(summary)
            | {
                "headers": [{"name": name, "value": value} for name, value in content.headers],
                "text": content.text,
                "html": content.html,
                "links": content.links,
            }
        )

    async def show_raw(self, request: Request) -> Response:
        """As it was kept."""
        _, raw = await self.open(request)
        # Never as message/rfc822 or JSON, which a browser might render.
        return Response(raw, media_type="text/plain; charset=utf-8", headers={"Cache-Control": "no-store"})

    async def open(self, request: Request) -> tuple[Summary, bytes]:
        """The message that the path names and its bytes; raises `ProblemError` 404."""
        summary = self._mailbox.get(int(request.path_params["id"]))
        if summary is not None:
            try:
                return summary, await asyncio.to_thread(self._mailbox.read, summary)
            except FileNotFoundError:
                pass
        raise ProblemError(404, "no-such-message", "there is no such message; it may have been dropped")

    async def clear(self, request: Request) -> Response:
        """``?to``: all messages, or one recipient's."""
        return _json({"deleted": self._mailbox.clear(request.query_params.get("to"))})

    async def totals(self, _: Request) -> Response:
        """How many messages came, and how many of them again."""
        return _json(self._mailbox.totals())

    async def inject(self, request: Request) -> Response:
        """``{"smtp": "451" | … , "times": 2}`` or ``{"twilio": …}``; see `faults`."""
        try:
            self._faults.inject(Fault.from_request(await read_json(request)))
        except FaultError as failure:
            raise ProblemError(422, "invalid-fault", str(failure)) from None
        return self._pending(201)

    async def list_faults(self, _: Request) -> Response:
        """What is still to go wrong."""
        return self._pending(200)

    async def clear_faults(self, _: Request) -> Response:
        """Ends all failures."""
        self._faults.clear()
        return self._pending(200)

    def _pending(self, status: int) -> Response:
        pending = [
            {fault.channel: fault.kind, "times": fault.times, "stage": fault.stage, "to": fault.to}
            for fault in self._faults.pending()
        ]
        return _json({"pending": pending}, status)


def describe(summary: Summary) -> dict[str, object]:
    """A summary as the API shows it."""
    return {
        "id": str(summary.id),
        "channel": summary.channel,
        "direction": summary.direction,
        "from": summary.sender,
        "to": list(summary.recipients),
        "subject": summary.subject,
        "preview": summary.preview,
        "received_at": summary.received_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "message_id": summary.key.partition(" ")[2] if summary.key and summary.channel == "email" else None,
        "duplicate": summary.duplicate,
    }


def _json(body: object, status: int = 200) -> Response:
    return JSONResponse(body, status, headers={"Cache-Control": "no-store"})


def _instant(value: str) -> int:
    if value.isdecimal() and len(value) <= 18:
        return int(value)
    try:
        # An unescaped + of an offset arrives as a space.
        moment = datetime.fromisoformat(value.replace(" ", "+", 1) if "T" in value else value)
    except ValueError:
        raise ProblemError(422, "invalid-query", "after is the id of a message or an instant in ISO 8601") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0, int(moment.timestamp() * 1_000_000))


def _number(value: str) -> float:
    if not NUMBER.fullmatch(value):
        raise ProblemError(422, "invalid-query", "wait and limit are numbers")
    return float(value)
