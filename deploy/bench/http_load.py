"""The HTTP side: callers over kept connections, one request at a time each, requests made beforehand."""

import itertools
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import asyncpg

from deploy.bench.caller import Callers
from deploy.bench.meter import OWN, clock_of, metering
from deploy.bench.rows import Turn
from deploy.bench.shoppers import CURRENCY, JWT_KEY, LINES, SERVER_KEY, STORE, adding, customer
from deploy.traffic.cart_api import Store
from libs.http.client import HttpClient

_CROWD = """
INSERT INTO carts SELECT (jsonb_populate_record(
    model, jsonb_build_object('cart_id', gen_random_uuid(), 'customer_id', 'crowd-' || number))).*
FROM carts AS model CROSS JOIN generate_series(1, $2) AS number WHERE model.customer_id = $1
"""
PATH = f"/v1/stores/{STORE}/cart"
READ_CARTS = 200
_MOST_A_SECOND = 5000
_MANY, _WARM_S = 64, 0.5
_STORE = Store(STORE, JWT_KEY, SERVER_KEY, CURRENCY)


async def timed(
    url: str, work: Sequence[Iterable[bytes]], dsn: str, servers: Mapping[str, int], seconds: float
) -> Turn:
    """One turn of callers, each with its own work, and what it costs these servers (name → pid) and PostgreSQL."""
    parts = urlsplit(url)
    callers = Callers(parts.hostname or "", parts.port or 80, work)
    await callers.connect()
    clocks = {name: clock_of(pid) for name, pid in servers.items()}
    async with metering(dsn, {**clocks, "load generator": OWN}) as meter:
        before = await meter.read()
        latencies, took = await callers.run(seconds)
        cost = (await meter.read()).since(before)
    return Turn.of(len(latencies), took, latencies, cost)


class HttpLoad:
    """Loads one cart API: process `pid` at `url`, on the database `dsn`."""

    def __init__(self, url: str, pid: int, dsn: str) -> None:
        self._url, self._pid, self._dsn = url, pid, dsn

    async def add(self, tag: str, callers: int, seconds: float) -> dict[str, Any]:
        """A turn of adds, each under an Idempotency-Key of its own."""
        each = int(_MOST_A_SECOND * seconds / callers) + LINES
        work = [list(self._adds(tag, number, each)) for number in range(callers)]
        return await self._turn(work, seconds)

    async def read(self, tag: str, callers: int, seconds: float) -> dict[str, Any]:
        """A turn of reads, of carts that `fill` has made under the same tag."""
        http = HttpClient(self._url)
        who = (customer(tag, 0, number) for number in range(READ_CARTS))
        requests = [http.prepare("GET", PATH, _STORE.customer(one), b"") for one in who]
        return await self._turn([itertools.cycle(requests[n:] + requests[:n]) for n in range(callers)], seconds)

    async def fill(self, tag: str) -> None:
        """Makes the carts that are then read."""
        await self.fill_carts(tag, READ_CARTS, LINES)

    async def warm(self) -> None:
        """Calls over all of the API's connections, so that each has planned its statements, as pgbench's have."""
        await self.add("warm", _MANY, _WARM_S)
        await self.read("read", _MANY, _WARM_S)

    async def crowd(self, carts: int) -> None:
        """Makes so many carts of others, each as one that the API has made."""
        model = (await self.fill_carts("crowd", 1, LINES))[0]["customer_id"]
        await copy_cart(self._dsn, model, carts)

    async def fill_carts(self, tag: str, carts: int, lines: int) -> list[dict[str, Any]]:
        """Makes carts of so many lines; returns them as the API shows them after the last line."""
        found: dict[str, dict[str, Any]] = {}
        async with HttpClient(self._url, size=1) as http:
            for request in self._adds(tag, 0, carts * lines, lines):
                answer = await http.send(request)
                if answer.status != 200:
                    raise RuntimeError(f"the API answered {answer.status}: {answer.body[:300]!r}")
                cart = answer.json()
                found[cart["customer_id"]] = cart
        return list(found.values())

    async def agree(self, customers: Iterable[str]) -> None:
        """Gives customers a profile that agrees to e-mail, without which the last look forbids it."""
        async with HttpClient(self._url, size=1) as http:
            for one in customers:
                body = json.dumps({"email": f"{one}@example.com", "email_consent": True}).encode()
                path = f"/v1/stores/{STORE}/customers/{one}/profile"
                answer = await http.send(http.prepare("PUT", path, _STORE.server(), body))
                if answer.status != 200:
                    raise RuntimeError(f"the API answered {answer.status}: {answer.body[:300]!r}")

    async def _turn(self, work: Sequence[Iterable[bytes]], seconds: float) -> dict[str, Any]:
        return (await timed(self._url, work, self._dsn, {"API": self._pid}, seconds)).as_json()

    def _adds(self, tag: str, caller: int, count: int, lines: int = LINES) -> Iterator[bytes]:
        http = HttpClient(self._url)
        for who, own in itertools.groupby(adding(tag, caller, count, lines), key=lambda one: one.customer_id):
            headers = _STORE.customer(who, "bench")
            for one in own:
                key = {"Idempotency-Key": str(uuid.uuid4())}
                yield http.prepare("POST", f"{PATH}/lines", headers | key, json.dumps(one.body).encode())


async def copy_cart(dsn: str, customer_id: str, times: int) -> None:
    """Makes as many carts of others as this customer's is, each with an id of its own."""
    connection = await asyncpg.connect(dsn)
    await connection.execute(_CROWD, customer_id, times)
    await connection.execute("VACUUM ANALYZE carts")
    await connection.close()
