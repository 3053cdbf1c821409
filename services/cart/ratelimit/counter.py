"""Counts the calls of each caller in this process, and what other replicas must hear of."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from services.cart.domain.rate import SECOND, Rate

Caller = tuple[str, ...]
"""What is limited, the store, and who calls."""
MAX_CALLERS = 50_000
EXCHANGE_US = SECOND
"""Replicas tell each other of busy callers so often."""
WORTH = 4
"""A caller is busy above this part of its rate or burst. Up to so many replicas, who is not busy on any of them keeps
to the rate on all of them."""


def monotonic_us() -> int:
    """Microseconds of a clock that nobody sets."""
    return time.monotonic_ns() // 1000


class Account:
    """One caller: `units` were admitted since `since`, and no other replica knows of them yet.

    What follows from the rate is worked out once: this is read and written with every call.
    """

    __slots__ = ("due", "interval", "rate", "since", "tolerance", "units", "worth_debt", "worth_units")

    def __init__(self, rate: Rate, now: int) -> None:
        self.due, self.units, self.since = now, 0, now
        self.follow(rate)

    def follow(self, rate: Rate) -> None:
        """The rate from now on."""
        self.rate, self.interval, self.tolerance = rate, rate.interval, rate.tolerance
        self.worth_units, self.worth_debt = rate.per_second / WORTH, rate.tolerance / WORTH


@dataclass(frozen=True, slots=True)
class Usage:
    """What the others are told of a caller: calls worth `cost`, the first of them `age` ago; microseconds both."""

    caller: Caller
    cost: int
    age: int


class RateCounter:
    """The buckets of this process. Callers that were not seen for long are forgotten: their buckets are full again."""

    def __init__(self, clock: Callable[[], int] = monotonic_us, most: int = MAX_CALLERS) -> None:
        self.now, self._most = clock, most
        self._accounts: OrderedDict[Caller, Account] = OrderedDict()
        self._busy: dict[Caller, None] = {}
        self.busy = asyncio.Event()
        self.pressing = asyncio.Event()
        """Set while some caller is past half of its burst: do not wait for the next exchange."""

    def admit(self, caller: Caller, rate: Rate) -> int:
        """Counts a call; gives 0, or how many microseconds too early it is, and then it does not count."""
        now, account = self.now(), self._accounts.get(caller)
        if account is None:
            account = self._opened(caller, rate, now)
        else:
            self._accounts.move_to_end(caller)
            if account.rate is not rate:
                account.follow(rate)  # a store's settings may change
        debt = (account.due - now if account.due > now else 0) + account.interval
        if debt > account.tolerance:
            return debt - account.tolerance
        account.due = now + debt
        if account.units == 0 or (now - account.since >= EXCHANGE_US and caller not in self._busy):
            account.units, account.since = 1, now  # what came before was too little to be worth telling
        else:
            account.units += 1
        if account.units >= account.worth_units or debt >= account.worth_debt:
            self._busy[caller] = None
            self.busy.set()
            if debt * 2 >= account.tolerance:
                self.pressing.set()
        return 0

    def wait(self, caller: Caller, rate: Rate) -> int:
        """How many microseconds too early a call would be, without counting one."""
        account = self._accounts.get(caller)
        return rate.wait(account.due, self.now()) if account else 0

    def debt(self, caller: Caller) -> int:
        """How many microseconds of its burst a caller has used up."""
        account = self._accounts.get(caller)
        return max(account.due - self.now(), 0) if account else 0

    def usage(self) -> list[Usage]:
        """What busy callers spent since it was last told. `learn` of all, or `keep` it, afterwards."""
        self.busy.clear()
        self.pressing.clear()
        busy, self._busy = self._busy, {}
        now = self.now()
        found = []
        for caller in busy:
            account = self._accounts.get(caller)
            if account is not None:
                found.append(Usage(caller, account.units * account.interval, now - account.since))
                account.units = 0
        return found

    def keep(self, spent: Iterable[Usage]) -> None:
        """They could not be told: next time then."""
        now = self.now()
        for one in spent:
            account = self._accounts.get(one.caller)
            if account is not None:
                account.since = min(account.since, now - one.age) if account.units else now - one.age
                account.units += one.cost // account.interval
                self._busy[one.caller] = None
                self.busy.set()

    def learn(self, caller: Caller, debt: int) -> None:
        """All replicas together owe `debt` microseconds for this caller, without what has not been told yet."""
        account = self._accounts.get(caller)
        if account is not None:
            account.due = max(account.due, self.now() + debt + account.units * account.interval)

    def _opened(self, caller: Caller, rate: Rate, now: int) -> Account:
        account = self._accounts[caller] = Account(rate, now)
        if len(self._accounts) > self._most:
            self._accounts.popitem(last=False)
        return account
