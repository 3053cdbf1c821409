"""Adds to a peer's carts, as `HttpLoad` adds to ours: five items a cart, requests made beforehand."""

import asyncio
from itertools import chain
from typing import Any

import asyncpg

from deploy.bench.http_load import timed
from deploy.bench.peers.registry import PEERS
from deploy.bench.shoppers import LINES
from libs.http.client import HttpClient

_MOST_A_SECOND = 100
_MAKERS = 2


async def add(name: str, place: dict[str, Any], callers: int, seconds: float) -> dict[str, Any]:
    """A turn of adds to the peer of that name, which runs at `place` (`process.running`).

    Raises `RuntimeError` where carts hold something else afterwards than was added: GraphQL says 200 to errors too.
    """
    peer = PEERS[name]
    each = int(_MOST_A_SECOND * seconds / callers / LINES) + 1
    async with HttpClient(place["url"], size=_MAKERS) as http:
        made = await asyncio.gather(*(peer.make_cart(http, place["shop"]) for _ in range(callers * each)))
    work = [list(chain.from_iterable(made[number::callers])) for number in range(callers)]
    before = await _units(place["dsn"], peer.units)
    turn = await timed(place["url"], work, place["dsn"], {peer.name: place["pid"]}, seconds)
    added = await _units(place["dsn"], peer.units) - before
    if added != turn.calls:
        raise RuntimeError(f"{peer.name} answered {turn.calls} adds, but its carts hold {added} units more")
    return turn.as_json()


async def _units(dsn: str, statement: str) -> int:
    connection = await asyncpg.connect(dsn)
    try:
        return int(await connection.fetchval(statement))
    finally:
        await connection.close()
