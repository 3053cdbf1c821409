"""Looks once a day at every row that is written all day, for what the database itself does not hold them to."""

from datetime import datetime, timedelta
from uuid import UUID

import structlog
from prometheus_client import Gauge

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from services.cart.db import row_checks
from services.cart.db.row_checks import Fault

log = structlog.get_logger(__name__)

EVERY = timedelta(days=1)
PAGE = 2_000
PAGES_A_ROUND = 5
"""Of a round each 15 s that is 57 million carts a day, at a few thousandths of a core."""
START = UUID(int=0)

WRONG = Gauge("evercart_cart_wrong_rows", "Rows that broke a rule when they were last looked at", ["table", "rule"])


class RowChecks:
    """Goes through the carts page by page, then through the kept answers, and rests until a day after it began."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock
        self._after: UUID | None = None
        self._next: datetime | None = None
        self._found: dict[tuple[str, str], int] = {}

    async def round(self) -> int:
        """Some pages, where it is time; returns how many rows were found that break a rule."""
        if self._after is None:
            if self._next is not None and self._clock() < self._next:
                return 0
            self._after, self._next, self._found = START, self._clock() + EVERY, {}
        wrong = 0
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            for _ in range(PAGES_A_ROUND):
                end = await row_checks.page_end(connection, self._after, PAGE)
                wrong += self._note("carts", await row_checks.carts(connection, self._after, end))
                if end is None:
                    wrong += self._note("idempotency_keys", await row_checks.keys(connection))
                    self._tell()
                    self._after = None
                    break
                self._after = end
        return wrong

    def _note(self, table: str, faults: list[Fault]) -> int:
        for one in faults:
            self._found[table, one.rule] = self._found.get((table, one.rule), 0) + one.rows
            WRONG.labels(table, one.rule).set(self._found[table, one.rule])
            log.error("row.wrong", table=table, rule=one.rule, rows=one.rows, example=one.example)
        return sum(one.rows for one in faults)

    def _tell(self) -> None:
        """What was wrong the day before, and is not any more, is over."""
        for metric in WRONG.collect():
            for sample in metric.samples:
                place = (sample.labels["table"], sample.labels["rule"])
                if place not in self._found:
                    WRONG.labels(*place).set(0)
