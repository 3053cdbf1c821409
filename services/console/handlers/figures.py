"""The figures of stores, out of the sums of their days: what pages show and the API answers comes from here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.console.db import counting_rules, figures, messages, stores, upcoming
from services.console.domain.days import day_of
from services.console.domain.experiments import HOLDOUT, arm_of, difference, experiment
from services.console.domain.figures import (
    CountRow,
    Experiment,
    Funnel,
    RevenueRow,
    Today,
    Week,
)
from services.console.domain.messages import Entry, Messages
from services.console.domain.upcoming import Asked, NextCart, Soon, Upcoming, Waiting
from services.console.handlers.messages import of_customer, page_of, providers_of
from services.console.handlers.sums import (
    both_sides,
    by_place,
    campaign_funnels,
    days_of,
    groups_of,
    number_of,
    revenue_of,
)

By = Literal["campaign", "channel", "arm", "step", "version"]
Counted = Literal["campaign", "channel"]
EXPERIMENT_DAYS = 400
LONGEST = 20
"""So many messages that wait are asked after one by one."""
ONE_BY_ONE = 10
"""So many carts, and so many messages, are named on the page of what is ahead."""


@dataclass(frozen=True, slots=True)
class _Counting:
    """A store's day now, and the currency in which it sums up."""

    now: datetime
    day: date
    currency: str | None


class Figures:
    """The figures as of now. Every method raises what the database raises."""

    def __init__(self, pool: Pool, clock: Clock) -> None:
        self._pool, self._clock = pool, clock

    async def day(self, store_id: str) -> date:
        """The store's own day now."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return (await self._counting(connection, store_id)).day

    async def today(self, store_id: str) -> Today:
        """The first page: what is under way, what today came to, this week beside the last one."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            of = await self._counting(connection, store_id)
            weeks = [
                await _week(connection, store_id, of.day - timedelta(days=7 * n + 6), of.currency) for n in range(2)
            ]
            (sent,) = await figures.over(connection, figures.SENT, store_id, of.day, of.day)
            (lately,) = await figures.over(connection, figures.SENT, store_id, of.day - timedelta(days=6), of.day)
            credited = await figures.over(connection, figures.CREDITED, store_id, of.day, of.day)
            quiet = await figures.going_quiet(connection, store_id, of.now)
        return Today(
            of.now,
            of.day,
            going_quiet=quiet,
            waiting=lately["waiting"] or 0,
            sent=sent["sent"] or 0,
            orders=number_of(credited),
            revenue=revenue_of(credited, of.currency),
            this_week=weeks[0],
            last_week=weeks[1],
        )

    async def funnel(self, store_id: str, days: int, campaign: str | None = None) -> Funnel:
        """What became of the campaigns' steps in the last days, today included."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            of = await self._counting(connection, store_id)
        return await self.funnel_between(store_id, of.day - timedelta(days=days - 1), of.day, campaign)

    async def funnel_between(self, store_id: str, since: date, until: date, campaign: str | None = None) -> Funnel:
        """The same of given days, the last included."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            of = await self._counting(connection, store_id)
            asked = (store_id, since, until, campaign)
            steps = await figures.over(connection, figures.STEPS, *asked)
            reasons = await figures.over(connection, figures.REASONS, *asked)
            earned = await figures.over(connection, figures.CREDITS, *asked)
            people = groups_of(await figures.over(connection, figures.ARMS, *asked))
        return Funnel(store_id, since, until, of.now, campaign_funnels(steps, reasons, earned, people, of.currency))

    async def revenue(
        self, store_id: str, since: date, until: date, by: By | None = None, *, by_day: bool = True
    ) -> tuple[RevenueRow, ...]:
        """Orders by the day on which they were placed, and by what they are credited to."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            rows = await figures.over(connection, figures.REVENUE, store_id, since, until, by_day, by)
        names = ("day", "currency", "orders", "gone", "gross", "net", "in_store")
        return tuple(RevenueRow(key=row["key"] or None, **{name: row[name] for name in names}) for row in rows)

    async def counts(
        self, store_id: str, since: date, until: date, by: Counted, *, by_day: bool = False
    ) -> tuple[CountRow, ...]:
        """Messages by the day of their decision, by campaign or channel, and the orders that they led to."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            of = await self._counting(connection, store_id)
            rows = await figures.over(connection, figures.COUNTS, store_id, since, until, by_day, by)
            earned = await figures.over(connection, figures.EARNED, store_id, since, until, by_day, by)
        led_to, found = by_place(earned, "day", "key"), []
        for row in rows:
            credited = led_to.get((row["day"], row["key"]), [])
            found.append(CountRow(**row, ordered=number_of(credited), revenue=revenue_of(credited, of.currency)))
        return tuple(found)

    async def experiments(
        self,
        store_id: str,
        since: date | None = None,
        until: date | None = None,
        planned: Mapping[str, Mapping[str, float]] | None = None,
    ) -> tuple[Experiment, ...]:
        """Campaigns whose people are divided; `planned` has the arms' shares by campaign, where they are known."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            of = await self._counting(connection, store_id)
            last = until or of.day
            first = since or last - timedelta(days=EXPERIMENT_DAYS - 1)
            rows = await figures.over(connection, figures.PEOPLE, store_id, first, last, None)
        found = []
        for name, arms in groups_of(rows).items():
            days = days_of(row for row in rows if row["campaign"] == name)
            if len(arms) > 1:
                found.append(experiment(name, of.currency, arms, days, (planned or {}).get(name)))
        return tuple(found)

    async def messages(self, store_id: str, wanted: dict[str, str], after: str = "") -> Messages:
        """Messages one by one, the newest first; `wanted` by state, reason, campaign, step, channel, provider."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await page_of(connection, store_id, wanted, after)

    async def providers(self, store_id: str) -> list[str]:
        """By whom the newest messages went."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await providers_of(connection, store_id)

    async def customer_timeline(self, store_id: str, customer_id: str) -> tuple[Entry, ...]:
        """What was read of a customer, the newest first."""
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return of_customer(*await messages.of_customer(connection, store_id, customer_id, 200))

    async def upcoming(self, store_id: str, delays: Collection[timedelta]) -> Upcoming:
        """What is ahead: carts by the delays after which steps come due, and what was asked for and is not out yet."""
        now = self._clock()
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            carts = await upcoming.soon(connection, store_id, now, delays)
            asked = await upcoming.asked(connection, store_id, now)
            longest = await upcoming.longest(connection, store_id, now, LONGEST)
            ahead = await upcoming.next_carts(connection, store_id, now, delays, ONE_BY_ONE)
            waiting = await upcoming.waiting(connection, store_id, now, ONE_BY_ONE)
        return Upcoming(
            now,
            {row["delay"]: Soon(row["hour"], row["day"]) for row in carts},
            tuple(Asked(**row) for row in asked),
            tuple((row["reminder_id"], row["customer_id"]) for row in longest),
            tuple(NextCart(**row) for row in ahead),
            tuple(Waiting(**row) for row in waiting),
        )

    async def _counting(self, connection: Connection, store_id: str) -> _Counting:
        store, (rules, _) = await stores.read(connection, store_id), await counting_rules.read(connection, store_id)
        now = self._clock()
        return _Counting(now, day_of(now, store.time_zone), rules.currency or store.currency)


async def _week(connection: Connection, store_id: str, since: date, currency: str | None) -> Week:
    until = since + timedelta(days=6)
    (sent,) = await figures.over(connection, figures.SENT, store_id, since, until)
    credited = await figures.over(connection, figures.CREDITED, store_id, since, until)
    people = groups_of(await figures.over(connection, figures.PEOPLE, store_id, since, until, None))
    held = [arms for arms in people.values() if HOLDOUT in arms]
    told, others = both_sides(held)
    reminded, held_out = arm_of("reminded", *told), arm_of(HOLDOUT, *others)
    return Week(
        since,
        until,
        sent=sent["sent"] or 0,
        orders=number_of(credited),
        revenue=revenue_of(credited, currency),
        reminded=reminded if held else None,
        held_out=held_out if held else None,
        more=difference(reminded, held_out, told[0], others[0]),
    )
