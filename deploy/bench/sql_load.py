"""The bare side of the cart API: the same statements with the same arguments in a loop of asyncpg's."""

import itertools
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from deploy.bench.http_load import MOST_A_SECOND, READ_CARTS
from deploy.bench.shoppers import STORE, adding, customer
from deploy.bench.timing import rate
from libs.contracts.events import CartEvent
from libs.postgres.pool import Connection, Pool, open_pool
from services.cart.db.cart_views import READ_OF_CUSTOMER
from services.cart.db.save_cart import swap
from services.cart.domain.cart import Change, Context, no_cart_yet
from services.cart.domain.cart_json import cart_view, lines_json
from services.cart.domain.decide import decide
from services.cart.domain.request import WriteRequest
from services.cart.domain.shopper import Shopper
from services.cart.handlers.carts import answer_with

Statement = tuple[str, tuple[Any, ...]]


class SqlLoad:
    """Loads one cart database."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def add(self, tag: str, callers: int, seconds: float) -> float:
        """Adds a second."""
        each = int(2 * MOST_A_SECOND * seconds / callers)
        return await self._rate([await _adds(tag, number, each) for number in range(callers)], seconds)

    async def read(self, tag: str, callers: int, seconds: float) -> float:
        """Reads a second, of the carts that the HTTP side has filled under the same tag."""
        statements = [(READ_OF_CUSTOMER, (STORE, customer(tag, 0, number))) for number in range(READ_CARTS)]
        return await self._rate([itertools.cycle(statements) for _ in range(callers)], seconds)

    async def _rate(self, work: Sequence[Iterable[Statement]], seconds: float) -> float:
        pool: Pool = await open_pool(self._dsn, size=len(work), name="bench")
        connections = [await pool.acquire() for _ in work]
        try:
            return await rate([_caller(c, own) for c, own in zip(connections, work, strict=True)], seconds)
        finally:
            for connection in connections:
                await pool.release(connection)
            await pool.close()


async def _adds(tag: str, caller: int, count: int) -> list[Statement]:
    """What the service would send for these adds: its own code decides and words it, into our hands."""
    captured = _Capture()
    for change in changes(tag, caller, count, datetime.now(UTC)):
        lines, shopper = lines_json(change.cart), Shopper(STORE, change.cart.customer_id)
        intent = WriteRequest(STORE, shopper.caller, b"", device="bench")
        answer = answer_with(cart_view(change.cart, lines))
        await swap(cast("Connection", captured), shopper, change, lines, answer, intent)
    return captured.statements


def changes(tag: str, caller: int, count: int, now: datetime) -> Iterator[Change]:
    """The changes that these adds make."""
    for customer_id, own in itertools.groupby(adding(tag, caller, count), key=lambda one: one.customer_id):
        moment = Context(now, "bench")
        cart = no_cart_yet(STORE, customer_id, moment)
        for one in own:
            change = decide(cart, one.command, moment)
            assert change is not None, "adding always changes a cart"
            cart = change.cart
            yield change


def events(count: int, occurred_at: datetime) -> list[CartEvent]:
    """So many events of carts as adding makes them."""
    return [change.event for change in changes("events", 0, count, occurred_at)]


class _Capture:
    """A connection that keeps what it is asked, and says that all went well."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []

    async def fetchrow(self, sql: str, *arguments: object) -> dict[str, bool]:
        self.statements.append((sql, arguments))
        return {"free": True, "saved": True}


def _caller(connection: Connection, work: Iterable[Statement]) -> Callable[[float], Awaitable[int]]:
    async def call(until: float) -> int:
        done = 0
        for sql, arguments in work:
            if time.perf_counter() >= until:
                break
            await connection.fetchrow(sql, *arguments)
            done += 1
        return done

    return call
