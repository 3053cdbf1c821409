"""The fan-outs that crossings start, and the holders whom they are to tell. Takes a connection, never commits."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg
from pydantic import TypeAdapter

from libs.contracts.events import LowItem, ToldPrice
from libs.postgres.pool import Connection
from services.trigger.db import watches
from services.trigger.db.columns import columns
from services.trigger.db.reach import REACH_COLUMNS, reach_of
from services.trigger.domain.fan_outs import ALSO_MOST, FanOut, Holder
from services.trigger.domain.kinds.protocols import TellingCampaign
from services.trigger.domain.orders import TAKEN_OFF
from services.trigger.domain.stock_levels import SETTLING, Crossing

_ITEMS = TypeAdapter(tuple[LowItem, ...])
_PRICES = TypeAdapter(tuple[ToldPrice, ...])

OPEN_FAN_OUTS = """
INSERT INTO fan_outs (crossing_id, store_id, campaign, sku, level, level_version, occurred_at, remaining,
                      threshold, begins_at, waiting_since, fallen)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::bigint[], $7::timestamptz[],
                     $8::bigint[], $9::bigint[], $10::timestamptz[],
                     $11::timestamptz[], $12::jsonb[])
ON CONFLICT (crossing_id) DO NOTHING
"""

# Facts before timers here too: the carts must have been read up to the crossing, or those who just bought are told. And
# what runs low with the item must be here, or it could not be named with it: $1 after the crossing where no campaign
# says more. Fan-outs take turns, a page each, so that one over a million people keeps none waiting.
CLAIM_FAN_OUT = """
SELECT f.crossing_id, f.store_id, f.campaign, f.sku, f.level, f.level_version, f.occurred_at, f.remaining, f.threshold,
       f.cursor_touched_at, f.cursor_cart_id, coalesce(s.armed, false) AS rearmed, statement_timestamp() AS now,
       f.waiting_since, s.level AS level_now, f.fallen, f.fallen IS NOT NULL AND EXISTS (
           SELECT FROM price_levels AS p
           WHERE p.store_id = f.store_id AND p.sku = f.sku AND p.version > f.level_version
       ) AS superseded
FROM fan_outs AS f
LEFT JOIN stock_levels AS s USING (store_id, sku, campaign)
WHERE f.state = 'open'
  AND f.occurred_at < (SELECT min(read_until) FROM partition_progress)
  AND coalesce(f.begins_at, f.occurred_at + $1::interval) <= statement_timestamp()
  AND (f.store_id || '|' || f.campaign) <> ALL ($2::text[])
ORDER BY f.worked_at NULLS FIRST, f.occurred_at
LIMIT 1
FOR UPDATE OF f SKIP LOCKED
"""

# A page by the place of its predecessor's last row: as even in memory as a cursor, but no transaction stays open over a
# million rows, and the place survives a crash. Told of an item is whoever a message went to that was about it, or named
# it; one that came to nothing has told nobody. What a release of before named is not known: there `told_together` says.
HOLDERS = """
WITH together AS MATERIALIZED (
    SELECT f.sku, max(f.threshold) AS threshold, min(f.occurred_at) AS occurred_at
    FROM fan_outs AS f
    LEFT JOIN stock_levels AS s USING (store_id, sku, campaign)
    WHERE f.store_id = $1 AND f.campaign = $7 AND f.sku <> $2 AND f.state = 'open' AND NOT coalesce(s.armed, false)
      AND abs(extract(epoch FROM f.occurred_at - $8::timestamptz)) <= $9::float8
    GROUP BY f.sku
    ORDER BY 3, 1
    LIMIT $10
)
SELECT h.cart_id, h.customer_id, h.touched_at, c.goods_version AS cart_version,
       coalesce(told.together, false) AS told_together, coalesce(told.lately, false) AS cooling_down, c.currency,
       told.price AS told_price, EXISTS (
    SELECT FROM customer_orders AS o
    WHERE o.store_id = h.store_id AND o.customer_id = h.customer_id AND h.sku = ANY (o.skus)
      AND o.placed_at >= least(h.touched_at, $8::timestamptz - $12::interval) AND o.status <> ALL ($13::text[])
) AS bought, c.total, c.origin, r.email AS by_email, r.sms AS by_sms, r.timezone,
       r.channels AS by_channels, h.seen_price, (
    SELECT jsonb_agg(jsonb_build_object('sku', t.sku, 'threshold', t.threshold) ORDER BY t.occurred_at, t.sku)
    FROM together AS t
    JOIN holdings AS also ON also.cart_id = h.cart_id AND also.sku = t.sku AND also.touched_at >= $5
    WHERE NOT EXISTS (
        SELECT FROM decisions AS d
        WHERE d.store_id = h.store_id AND d.customer_id = h.customer_id AND d.campaign = $7
          AND (d.sku = t.sku OR d.named ? t.sku) AND d.outcome = 'would_send' AND d.came_to_nothing IS NULL
          AND abs(extract(epoch FROM d.due_at - $8::timestamptz)) <= $9::float8
    )
) AS also_low
FROM holdings AS h
CROSS JOIN LATERAL (
    SELECT coalesce(goods_version, version) AS goods_version, currency, total, origin
    FROM carts WHERE carts.cart_id = h.cart_id LIMIT 1
) AS c
CROSS JOIN LATERAL (
    SELECT bool_or(d.sku <> h.sku AND d.outcome = 'would_send'
                   AND abs(extract(epoch FROM d.due_at - $8::timestamptz)) <= $9::float8
                   AND (d.named IS NULL OR d.named ? h.sku)) AS together,
           bool_or((d.outcome = 'would_send' AND (d.sku = h.sku OR d.named ? h.sku)
                    OR d.reason = 'told_together' AND d.sku = h.sku AND d.named IS NULL)
                   AND d.due_at <= $8 AND d.due_at > $8::timestamptz - $11::interval) AS lately,
           min(d.price) FILTER (WHERE d.sku = h.sku AND d.outcome = 'would_send') AS price
    FROM decisions AS d
    WHERE d.store_id = h.store_id AND d.customer_id = h.customer_id AND d.campaign = $7
      AND d.came_to_nothing IS NULL
) AS told
LEFT JOIN LATERAL (
    SELECT email, sms, timezone, channels FROM reach
    WHERE reach.store_id = h.store_id AND reach.customer_id = h.customer_id LIMIT 1
) AS r ON true
WHERE h.store_id = $1 AND h.sku = $2 AND (h.touched_at, h.cart_id) < ($3, $4) AND h.touched_at >= $5
ORDER BY h.touched_at DESC, h.cart_id DESC
LIMIT $6
"""

# What may have changed since a fan-out was claimed by whoever is still at work on it: what `CLAIM_FAN_OUT` tells of it.
LOOK_AGAIN = """
SELECT coalesce(s.armed, false) AS rearmed, statement_timestamp() AS now, s.level AS level_now,
       f.fallen IS NOT NULL AND EXISTS (
           SELECT FROM price_levels AS p
           WHERE p.store_id = f.store_id AND p.sku = f.sku AND p.version > f.level_version
       ) AS superseded, EXISTS (SELECT FROM fan_outs WHERE state = 'open' AND crossing_id <> $1) AS others
FROM fan_outs AS f LEFT JOIN stock_levels AS s USING (store_id, sku, campaign)
WHERE f.crossing_id = $1
"""

OTHERS_OPEN = "SELECT EXISTS (SELECT FROM fan_outs WHERE state = 'open' AND crossing_id <> $1)"

# Whoever did not claim it itself goes on only from the very place up to which the page before has told, and only where
# nobody has told of another item of the campaign since: they may have told the same people. Waits for nobody.
GO_ON = """
SELECT true FROM fan_outs AS f
WHERE f.crossing_id = $1 AND f.state = 'open' AND (f.cursor_touched_at, f.cursor_cart_id) = ($2, $3)
  AND (
      SELECT true FROM fan_outs AS o
      WHERE o.store_id = f.store_id AND o.campaign = f.campaign AND o.crossing_id <> f.crossing_id AND o.worked_at >= $4
      LIMIT 1
  ) IS NULL
FOR UPDATE OF f SKIP LOCKED
"""

# Two items that run low together are two fan-outs, whose workers have to see what the other one asked for.
ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtextextended('fan_outs|' || $1, 0))"

MOVE_FAN_OUT = """
UPDATE fan_outs
SET cursor_touched_at = $2, cursor_cart_id = $3, remaining = remaining - $4, told = told + $4,
    worked_at = clock_timestamp()
WHERE crossing_id = $1
"""

CLOSE_FAN_OUT = "UPDATE fan_outs SET state = $2 WHERE crossing_id = $1"

CROSSING_COLUMNS = (
    "crossing_id",
    "store_id",
    "campaign",
    "sku",
    "level",
    "level_version",
    "occurred_at",
    "recipients",
    "threshold",
    "begins_at",
    "waiting_since",
)


async def open_fan_outs(connection: Connection, crossings: Sequence[Crossing]) -> None:
    """Starts a fan-out for each crossing that has none."""
    fallen = [_PRICES.dump_json(c.fallen).decode() if c.fallen else None for c in crossings]
    await connection.execute(OPEN_FAN_OUTS, *columns(crossings, *CROSSING_COLUMNS), fallen)


async def claim_fan_out(connection: Connection) -> FanOut | None:
    """The open fan-out that was worked on least recently, of those on which nobody else works, or on another one of
    whose campaign; both are locked until the caller's transaction ends.
    """
    busy = list[str]()
    while row := await connection.fetchrow(CLAIM_FAN_OUT, SETTLING, busy):
        campaign = f"{row['store_id']}|{row['campaign']}"
        if await connection.fetchval(ONE_AT_A_TIME, campaign):
            return FanOut(**{**row, "fallen": _PRICES.validate_json(row["fallen"]) if row["fallen"] else ()})
        busy.append(campaign)
    return None


async def look_again(connection: Connection, fan_out: FanOut) -> tuple[FanOut, bool]:
    """A fan-out with what may have changed since it was claimed, and whether there are `others_open`."""
    row = await connection.fetchrow(LOOK_AGAIN, fan_out.crossing_id)
    assert row is not None, "nobody deletes what is open"
    found = dict(row)
    others = found.pop("others")
    return replace(fan_out, **found), others


async def others_open(connection: Connection, fan_out: FanOut) -> bool:
    """Whether there is another one that is to be worked on."""
    return bool(await connection.fetchval(OTHERS_OPEN, fan_out.crossing_id))


async def go_on(connection: Connection, fan_out: FanOut, since: datetime) -> bool:
    """Whether the caller, who has not claimed the fan-out, may write of it: it stands at the very place of `fan_out`,
    and nobody works on it or has told of another item of the campaign since then. Both are locked as when claimed.
    """
    if not await connection.fetchval(ONE_AT_A_TIME, f"{fan_out.store_id}|{fan_out.campaign}"):
        return False
    place = (fan_out.cursor_touched_at, fan_out.cursor_cart_id)
    return bool(await connection.fetchval(GO_ON, fan_out.crossing_id, *place, since))


_HELD = Holder._fields.index("also_low")
"""So many columns of `HOLDERS` stand first, in the order of a holder's fields; the rest is made of what it says."""


async def holders(connection: Connection, fan_out: FanOut, campaign: TellingCampaign, limit: int) -> list[Holder]:
    """The next page of those who hold the item, none touched earlier than the campaign looks: last touched first, or of
    those who wait for it who has waited longest.
    """
    since = fan_out.occurred_at - campaign.look_back
    place = (fan_out.cursor_touched_at, fan_out.cursor_cart_id, since, limit)
    unless = (campaign.cool_down, campaign.bought_within, sorted(TAKEN_OFF))
    if (sold_out_at := fan_out.waiting_since) is not None:
        other = (fan_out.campaign, fan_out.occurred_at, sold_out_at, *unless)
        # two campaigns on one item would both tell whoever watches it
        await connection.execute(watches.HOLD, fan_out.store_id, fan_out.sku)
        rows = await connection.fetch(watches.WAITING, fan_out.store_id, fan_out.sku, *place, *other)
        return list(map(_waiting, rows))
    together = campaign.together.total_seconds() if campaign.together else None
    those = (fan_out.campaign, fan_out.occurred_at, together, ALSO_MOST, *unless)
    rows = await connection.fetch(HOLDERS, fan_out.store_id, fan_out.sku, *place, *those)
    return list(map(_holder, rows))


def _holder(row: asyncpg.Record) -> Holder:
    low = row["also_low"]
    beside = (_ITEMS.validate_json(low) if low else (), reach_of(row), row["seen_price"], None, None)
    return tuple.__new__(Holder, (*row[:_HELD], *beside))  # by its name a named tuple costs five times as much


def _waiting(row: asyncpg.Record) -> Holder:
    found = dict(row)
    for column in REACH_COLUMNS:
        del found[column]
    return Holder(**found, reach=reach_of(row))


async def move_fan_out(connection: Connection, fan_out: FanOut, last: Holder, told: int) -> None:
    """Notes that holders up to `last` were read and `told` of them will get a message."""
    await connection.execute(MOVE_FAN_OUT, fan_out.crossing_id, last.touched_at, last.place, told)


async def close_fan_out(connection: Connection, fan_out: FanOut, state: str) -> None:
    """Ends a fan-out in one of the states that the table knows."""
    await connection.execute(CLOSE_FAN_OUT, fan_out.crossing_id, state)
