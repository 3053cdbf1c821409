"""Replicas tell each other of busy callers: one statement a second for all of them, none while nobody is busy."""

import asyncio
import hashlib
from contextlib import suppress

import structlog
from prometheus_client import Counter

from libs.postgres.errors import FAILURES
from libs.postgres.pool import Pool
from services.cart.db import rate_limits
from services.cart.domain.rate import SECOND
from services.cart.ratelimit.counter import EXCHANGE_US, Caller, RateCounter

log = structlog.get_logger(__name__)

SPACING_S = 0.1
"""Also callers who are near their limit are told of no more often."""
PAGE = 1000

FAILED = Counter(
    "evercart_cart_rate_exchanges_failed_total",
    "Exchanges of callers' rates that failed; each replica limits alone then",
)


class Exchange:
    """Tells of this process's busy callers and learns what they owe elsewhere. `secret` keys the names in the table.

    An exchange that fails is made up for by the next; until then every replica limits by what it knows.
    """

    def __init__(self, pool: Pool, counter: RateCounter, secret: bytes) -> None:
        self._pool, self._counter, self._secret = pool, counter, hashlib.sha256(b"rates" + secret).digest()

    async def run(self) -> None:
        """Exchanges until cancelled."""
        while True:
            await self._counter.busy.wait()
            with suppress(TimeoutError):
                async with asyncio.timeout(EXCHANGE_US / SECOND):
                    await self._counter.pressing.wait()
            await self.once()
            await asyncio.sleep(SPACING_S)

    async def once(self) -> None:
        """One exchange."""
        spent = {self.name_of(one.caller): one for one in self._counter.usage()}
        names = sorted(spent)
        for start in range(0, len(names), PAGE):
            page = names[start : start + PAGE]
            costs, ages = [spent[name].cost for name in page], [spent[name].age for name in page]
            try:
                debts = await rate_limits.tell(self._pool, page, costs, ages)
            except FAILURES as error:
                FAILED.inc()
                log.warning("rates.exchange_failed", error=type(error).__name__)
                self._counter.keep(spent[name] for name in page)
                continue
            for name, debt in debts.items():
                self._counter.learn(spent[name].caller, debt)

    def name_of(self, caller: Caller) -> bytes:
        """The caller in the table: whoever reads it learns nobody's id or address."""
        return hashlib.blake2b("\0".join(caller).encode(), key=self._secret, digest_size=16).digest()
