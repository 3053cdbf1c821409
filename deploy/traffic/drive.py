"""Drives a trace through the cart's HTTP API: each shopper's rows in their order, each at its moment."""

import asyncio
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count, groupby

from deploy.traffic.cart_api import Caller, CartApi, Item, RefusedError, occurred_at
from deploy.traffic.schedule import Schedule
from deploy.traffic.trace import SHOPPING, Row
from libs.http.client import HttpError

LEAST_PRICE = 1
"""In minor units, of what a trace says no price of: nobody is reminded of a cart worth nothing."""
MOST_PROBLEMS = 20
_AREA_CODES = 201


@dataclass(slots=True)
class Driven:
    """What driving has seen so far: seconds that calls took by kind, and that they were late by; problems in words."""

    done: int = 0
    took_s: dict[str, list[float]] = field(default_factory=dict)
    late_s: list[float] = field(default_factory=list)
    errors: int = 0
    problems: list[str] = field(default_factory=list)

    def failed(self, what: str) -> None:
        """Counts an error, and keeps the words of the first ones."""
        self.errors += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(what)


class Driver:
    """Replays rows; customers are named `prefix` + the trace's user."""

    def __init__(self, api: CartApi, schedule: Schedule, prefix: str) -> None:
        self._api, self._schedule, self._prefix = api, schedule, prefix
        self._orders = count(1)
        self.driven = Driven()

    async def drive(self, rows: Sequence[Row], moved: Callable[[Row], None]) -> None:
        """All rows but views; `moved` is called after each. Problems are counted, not raised."""
        acting = sorted((row for row in rows if row.event in SHOPPING), key=lambda row: row.customer_id)
        async with asyncio.TaskGroup() as tasks:
            for user, own in groupby(acting, key=lambda row: row.customer_id):
                tasks.create_task(self._shopper(user, list(own), moved))

    async def _shopper(self, user: str, rows: list[Row], moved: Callable[[Row], None]) -> None:
        customer = self._prefix + user
        caller, lines = self._api.store.customer(customer, "replay"), dict[str, str]()
        for row in rows:
            moment = self._schedule.wall(row.at)
            await _reached(moment)
            began = time.perf_counter()
            self.driven.late_s.append((datetime.now(UTC) - moment).total_seconds())
            try:
                await self._act(row, customer, caller | occurred_at(moment), lines)
            except (RefusedError, HttpError) as error:
                self.driven.failed(str(error))
            self.driven.took_s.setdefault(row.event, []).append(time.perf_counter() - began)
            self.driven.done += 1
            moved(row)

    async def _act(self, row: Row, customer: str, caller: Caller, lines: dict[str, str]) -> None:
        if row.event == "cart":
            cart = await self._api.add(caller, Item(row.sku, f"Product {row.sku}", max(row.price, LEAST_PRICE)))
            lines.clear()
            lines.update({line["sku"]: line["line_id"] for line in cart["lines"]})
        elif row.event == "remove":
            # a page that shows what is not in the cart any more asks for a line that nobody knows
            await self._api.remove(caller, lines.pop(row.sku, "") or str(uuid.uuid4()))
        else:
            number = f"{self._prefix}{next(self._orders)}"
            await self._api.order(number, customer, {"X-Occurred-At": caller["X-Occurred-At"]})
            lines.clear()


async def introduce(api: CartApi, prefix: str, users: Sequence[str]) -> None:
    """Gives every shopper a profile with both consents."""
    await asyncio.gather(*(api.set_profile(prefix + user, profile(prefix, n)) for n, user in enumerate(users)))


async def _reached(moment: datetime) -> None:
    """Waits until the wall clock shows `moment`: a change may be late, but never dated ahead."""
    while (ahead := (moment - datetime.now(UTC)).total_seconds()) > 0:
        await asyncio.sleep(ahead)


def profile(prefix: str, number: int) -> dict[str, object]:
    """A contact that nobody has: the domain is reserved (RFC 2606), and so are telephone numbers 555-0100 to 0199.

    The shopper's own name plays no part: whatever a trace calls people, the address is one.
    """
    area, line = divmod(number, 100)
    return {
        "email": f"{prefix}{number}@replay.example",
        "phone": f"+1{_AREA_CODES + area % 799:03d}555{100 + line:04d}",
        "locale": "en",
        "email_consent": True,
        "sms_consent": True,
    }
