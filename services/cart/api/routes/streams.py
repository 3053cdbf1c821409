"""A cart as server-sent events: the state now, and each one after it, on every device of the shopper."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from weakref import ref

from fastapi import APIRouter, Depends, Security
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from libs.http.bounded_protocol import ABORT
from libs.http.problems import Problem
from libs.runtime.clock import Clock, utc_now
from services.cart.api.deps import device, shopper
from services.cart.api.openapi.answers import nothing
from services.cart.api.paths import CART
from services.cart.api.request import device_of
from services.cart.api.services import services_of
from services.cart.live.subscriptions import FullError, Subscription, Subscriptions

HEARTBEAT_S = 15.0
SLOW_S = 20.0
"""Who takes nothing for so long is let go; coming back it gets the latest state."""

DROPPED = Counter("evercart_cart_streams_dropped_total", "Streams that were ended because their reader was too slow")
EVENTS = Counter("evercart_cart_stream_events_total", "States that were sent on streams")
HEADERS: Mapping[str, str] = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
CART_EVENTS = {
    "description": "Events named `cart`; `data` is a Cart, `id` its entity tag.",
    "content": {"text/event-stream": {"example": 'event: cart\nid: "7-a4c987462688"\ndata: {"version": 7}\n\n'}},
}
LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "example": '"7-a4c987462688"',
    "description": "The id of the last event that the device has seen: it gets only what is news.",
}
router = APIRouter(prefix=CART, tags=["shoppers"])
OPENING, HEARTBEAT = b"retry: 2000\n: hello\n\n", b":\n\n"


async def stream_cart(request: Request) -> Response:
    """Opens a stream. Raises `Problem` 401, 403, 404, 429, or 503 where there are too many."""
    services, store_id = services_of(request), request.path_params["store_id"]
    subscriptions = services.subscriptions
    shopper = services.callers.shopper(request, store_id)
    until = services.callers.authenticator(store_id).expiry(request.headers)
    device = device_of(request) or ""
    address = services.callers.address(request)
    try:
        subscription = subscriptions.enter(
            shopper, device, lambda: services.reads.read_with_notices(shopper, device), address
        )
    except FullError:
        detail = "There are too many streams open here. Try again."
        raise Problem(503, "too-many-streams", detail, headers={"Retry-After": "2"}) from None
    try:
        await subscription.read()
    except BaseException:
        subscriptions.leave(subscription, address)
        raise
    seen = request.headers.get("last-event-id")
    return EventStream(
        *(subscriptions, subscription, seen, until, lambda: services.stores.get(store_id) is None),
        address=address,
        clock=services.authenticators.clock,
    )


plain_routes = [Route(CART + "/stream", stream_cart, methods=["GET"])]
"""Plain, because an open stream holds nothing that it does not need."""
plain_routes[0].methods = {"GET"}  # a stream without its events would never end


@router.get(
    "/stream",
    name="stream_cart",
    responses=nothing("too-many-streams") | {200: CART_EVENTS},
    response_class=Response,
    dependencies=[Security(shopper), Depends(device)],
    openapi_extra={"parameters": [LAST_EVENT_ID]},
)
async def documented_stream_cart() -> None:
    """The cart as server-sent events: as it is now (unless that is `Last-Event-ID`), and after each change,
    wherever it was made. A comment comes every 15 seconds; the stream ends with the credentials.
    """


class EventStream(Response):
    """The answer that does not end: until its reader goes, its credentials expire (`until`), the store is `closed` or
    the process stops.
    """

    media_type = "text/event-stream"

    def __init__(
        self,
        subscriptions: Subscriptions,
        subscription: Subscription,
        seen: str | None,
        until: float | None,
        closed: Callable[[], bool] = lambda: False,
        *,
        address: str = "",
        clock: Clock = utc_now,
    ) -> None:
        super().__init__(headers=dict(HEADERS))
        del self.headers["content-length"]
        self._subscriptions, self._subscription = subscriptions, subscription
        self._seen, self._until, self._closed, self._address = seen, until, closed, address
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends states as they come."""

        def let_go() -> None:
            DROPPED.inc()
            # closed politely, the connection of a reader that reads nothing keeps what waits for it
            scope.get(ABORT, _nothing)()
            if (task := own()) is not None:
                task.cancel()

        sending = asyncio.create_task(self._send_all(send, let_go))
        own = ref(
            sending
        )  # the traceback of its end has `let_go`: what stands in a circle is freed by a collection only
        leaving = asyncio.create_task(_left(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._subscriptions.leave(self._subscription, self._address)
            for task in (sending, leaving):
                task.cancel()
            ends = await asyncio.gather(sending, leaving, return_exceptions=True)
        if isinstance(ends[0], Exception):
            raise ends[0]

    async def _send_all(self, send: Send, let_go: Callable[[], object]) -> None:
        with suppress(TimeoutError):
            await _sent(send, {"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await _sent(send, _part(OPENING))
            while not self._subscription.closed and not self._expired() and not self._closed():
                if self._subscription.etag != self._seen:
                    self._seen = self._subscription.etag
                    EVENTS.inc()
                    frame = self._subscription.frame
                    with self._subscriptions.budget.sending(len(frame), let_go):
                        await _sent(send, _part(frame))
                elif not await self._news():
                    await _sent(send, _part(HEARTBEAT))
            await _sent(send, {"type": "http.response.body", "body": b"", "more_body": False})
            return
        let_go()

    async def _news(self) -> bool:
        """Whether there is something to send; false after a quiet while."""
        try:
            async with asyncio.timeout(self._quiet_s()):
                await self._subscription.news(self._seen)
        except TimeoutError:
            return False
        return True

    def _quiet_s(self) -> float:
        left = HEARTBEAT_S if self._until is None else self._until - self._clock().timestamp()
        return max(0.0, min(HEARTBEAT_S, left))

    def _expired(self) -> bool:
        return self._until is not None and self._clock().timestamp() >= self._until


def _nothing() -> None:
    """Where there is no connection, as in tests."""


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _sent(send: Send, part: dict[str, object]) -> None:
    async with asyncio.timeout(SLOW_S):
        await send(part)


def _part(body: bytes) -> dict[str, object]:
    return {"type": "http.response.body", "body": body, "more_body": True}
