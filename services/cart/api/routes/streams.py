"""A cart as server-sent events: the state now, and each one after it, on every device of the shopper."""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from libs.http.problems import Problem
from services.cart.api.deps import Services
from services.cart.api.request import device_of
from services.cart.live.subscriptions import FullError, Subscription, Subscriptions

STREAM_PATH = "/v1/stores/{store_id}/cart/stream"
HEARTBEAT_S = 15.0
SLOW_S = 20.0
"""Who takes nothing for so long is let go; coming back it gets the latest state."""

DROPPED = Counter("evercart_cart_streams_dropped_total", "Streams that were ended because their reader was too slow")
EVENTS = Counter("evercart_cart_stream_events_total", "States that were sent on streams")
HEADERS: Mapping[str, str] = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
OPENING, HEARTBEAT = b"retry: 2000\n: hello\n\n", b":\n\n"


def stream_routes(services: Services, rooms: Subscriptions) -> list[Route]:
    """The stream, as a plain route: an open stream holds nothing that it does not need."""

    async def stream_cart(request: Request) -> Response:
        store_id = request.path_params["store_id"]
        shopper = services.shopper(request, store_id)
        until = services.door(store_id).expiry(request.headers)
        device = device_of(request) or ""
        try:
            room = rooms.enter(shopper, device, lambda: services.reading.read_with_notices(shopper, device))
        except FullError:
            detail = "There are too many streams open here. Try again."
            raise Problem(503, "too-many-streams", detail, headers={"Retry-After": "2"}) from None
        try:
            await room.read()
        except BaseException:
            rooms.leave(room)
            raise
        seen = request.headers.get("last-event-id")
        return EventStream(rooms, room, seen, until, lambda: services.book.get(store_id) is None)

    route = Route(STREAM_PATH, stream_cart, methods=["GET"])
    route.methods = {"GET"}  # a stream without its events would never end
    return [route]


class EventStream(Response):
    """The answer that does not end: until its reader goes, its credentials expire (`until`), the store is `closed` or
    the process stops.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        rooms: Subscriptions,
        room: Subscription,
        seen: str | None,
        until: float | None,
        closed: Callable[[], bool] = lambda: False,
    ) -> None:
        super().__init__(headers=dict(HEADERS))
        del self.headers["content-length"]
        self._rooms, self._room, self._seen, self._until, self._closed = rooms, room, seen, until, closed

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        """Sends states as they come."""
        sending = asyncio.create_task(self._send_all(send))
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._rooms.leave(self._room)
            for task in (sending, leaving):
                task.cancel()
            ends = await asyncio.gather(sending, leaving, return_exceptions=True)
        if isinstance(ends[0], Exception):
            raise ends[0]

    async def _send_all(self, send: Send) -> None:
        with suppress(TimeoutError):
            await _sent(send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await _sent(send, _part(OPENING))
            while not self._room.closed and not self._expired() and not self._closed():
                if self._room.etag != self._seen:
                    self._seen = self._room.etag
                    EVENTS.inc()
                    await _sent(send, _part(self._room.frame))
                elif not await self._news():
                    await _sent(send, _part(HEARTBEAT))
            await _sent(send, {"type": "http.response.body", "body": b"", "more_body": False})
            return
        DROPPED.inc()

    async def _news(self) -> bool:
        """Whether there is something to send; false after a quiet while."""
        try:
            async with asyncio.timeout(self._quiet_s()):
                await self._room.news(self._seen)
        except TimeoutError:
            return False
        return True

    def _quiet_s(self) -> float:
        return HEARTBEAT_S if self._until is None else max(0.0, min(HEARTBEAT_S, self._until - time.time()))

    def _expired(self) -> bool:
        return self._until is not None and time.time() >= self._until


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _sent(send: Send, part: dict[str, object]) -> None:
    async with asyncio.timeout(SLOW_S):
        await send(part)


def _part(body: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": True}
