"""The HTTP side: callers over kept connections, one request at a time each, requests made beforehand."""

import itertools
import time
from collections.abc import Awaitable, Callable, Iterable

from deploy.bench.shoppers import CURRENCY, JWT_KEY, LINES, STORE, adding, customer
from deploy.bench.timing import rate
from deploy.traffic.cart_api import Store
from deploy.traffic.http import HttpClient

PATH = f"/v1/stores/{STORE}/cart"
MOST_A_SECOND = 5000
READ_CARTS = 200
_STORE = Store(STORE, JWT_KEY, "", CURRENCY)


class HttpLoad:
    """Loads one cart API."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def add(self, tag: str, callers: int, seconds: float) -> float:
        """Adds a second."""
        async with HttpClient(self._url, size=callers) as http:
            each = int(MOST_A_SECOND * seconds / callers)
            return await rate([_caller(http, list(_adds(http, tag, n, each))) for n in range(callers)], seconds)

    async def read(self, tag: str, callers: int, seconds: float) -> float:
        """Reads a second, of carts that `add` has filled under the same tag."""
        async with HttpClient(self._url, size=callers) as http:
            requests = [_read(http, customer(tag, 0, number)) for number in range(READ_CARTS)]
            return await rate([_caller(http, itertools.cycle(requests)) for _ in range(callers)], seconds)

    async def fill(self, tag: str) -> None:
        """Makes the carts that are then read."""
        async with HttpClient(self._url, size=1) as http:
            for request in _adds(http, tag, 0, READ_CARTS * LINES):
                await _sent(http, request)


def _adds(http: HttpClient, tag: str, caller: int, count: int) -> Iterable[bytes]:
    for who, own in itertools.groupby(adding(tag, caller, count), key=lambda one: one.customer_id):
        headers = _STORE.customer(who, "bench")
        for one in own:
            body = one.command.model_dump_json(exclude_defaults=True).encode()
            yield http.prepare("POST", f"{PATH}/lines", headers, body)


def _read(http: HttpClient, customer_id: str) -> bytes:
    return http.prepare("GET", PATH, _STORE.customer(customer_id), b"")


def _caller(http: HttpClient, requests: Iterable[bytes]) -> Callable[[float], Awaitable[int]]:
    async def call(until: float) -> int:
        done = 0
        for request in requests:
            if time.perf_counter() >= until:
                break
            await _sent(http, request)
            done += 1
        return done

    return call


async def _sent(http: HttpClient, request: bytes) -> None:
    answer = await http.send(request)
    if answer.status != 200:
        raise RuntimeError(f"the API answered {answer.status}: {answer.body[:300]!r}")
