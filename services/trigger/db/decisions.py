"""What was decided about each reminder, once. Takes a connection, never commits."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple
from uuid import UUID

from libs.postgres.pool import Connection
from services.trigger.db.columns import array, columns
from services.trigger.domain.decision import Decision, Outcome

# What many decisions have in common comes once: every element of an array costs the process and the server as much.
# Told are those that were known: next to none.
RECORD_DECISIONS = """
WITH fresh AS (
    INSERT INTO decisions (reminder_id, store_id, customer_id, campaign, step, channel, cart_id, cart_version, sku,
                           due_at, outcome, reason, price, step_name, arm, total, currency, order_id, named,
                           campaign_version)
    SELECT d.reminder_id, s.store_id, d.customer_id, s.campaign, s.step, s.channel, d.cart_id, d.cart_version, s.sku,
           d.due_at, s.outcome, s.reason, s.price, s.step_name, s.arm, d.total, s.currency, s.order_id, s.named,
           s.campaign_version
    FROM unnest($1::uuid[], $2::text::text[], $3::uuid[], $4::text::bigint[], $5::text::timestamptz[],
                $6::text::bigint[], $7::text::integer[])
        AS d(reminder_id, customer_id, cart_id, cart_version, due_at, total, alike)
    JOIN unnest($8::text[], $9::text[], $10::integer[], $11::text[], $12::text[], $13::text[], $14::text[],
                $15::bigint[], $16::text[], $17::text[], $18::text[], $19::text[], $20::jsonb[], $21::text[])
        WITH ORDINALITY AS s(store_id, campaign, step, channel, sku, outcome, reason, price, step_name, arm, currency,
                             order_id, named, campaign_version, number)
        ON s.number = d.alike
    ON CONFLICT (reminder_id) DO NOTHING
    RETURNING reminder_id
)
SELECT reminder_id FROM unnest($1::uuid[]) AS given(reminder_id)
WHERE NOT EXISTS (SELECT FROM fresh WHERE fresh.reminder_id = given.reminder_id)
"""

COPIED = (
    *("reminder_id", "store_id", "customer_id", "campaign", "step", "channel", "cart_id", "cart_version", "sku"),
    *("due_at", "outcome", "reason", "price", "step_name", "arm", "total", "currency", "order_id"),
    *("named", "campaign_version"),
)
_copied = itemgetter(*(Decision._fields.index("variant" if name == "arm" else name) for name in COPIED[:-2]))

OF_ALL = (
    "store_id",
    "campaign",
    "step",
    "channel",
    "sku",
    "outcome",
    "reason",
    "price",
    "step_name",
    "variant",
    "currency",
    "order_id",
    "named",
)
_alike = itemgetter(*(Decision._fields.index(name) for name in (*OF_ALL[:-1], "also_low", "viewed")))
"""`named` is made of the last two."""


DUE = "SELECT reminder_id, due_at FROM decisions WHERE reminder_id = ANY ($1::uuid[])"

RECORDED = """
SELECT reminder_id, outcome, reason, decided_at FROM decisions WHERE store_id = $1 AND reminder_id = ANY ($2::uuid[])
"""

# In one order, so that two processes that are told of the same messages never wait for each other in a circle.
NOTE_UNTOLD = """
WITH these AS (
    SELECT reminder_id FROM decisions
    WHERE reminder_id = ANY ($1::uuid[]) AND came_to_nothing IS NULL ORDER BY reminder_id FOR UPDATE
)
UPDATE decisions AS d SET came_to_nothing = true FROM these WHERE d.reminder_id = these.reminder_id
"""


class Recorded(NamedTuple):
    """What was decided on a reminder, why, and when."""

    outcome: Outcome
    reason: str
    decided_at: datetime


async def recorded(connection: Connection, store_id: str, reminder_ids: Sequence[UUID]) -> dict[UUID, Recorded]:
    """What was decided on those of a store's reminders that were decided on."""
    rows = await connection.fetch(RECORDED, store_id, reminder_ids)
    return {row["reminder_id"]: Recorded(row["outcome"], row["reason"], row["decided_at"]) for row in rows}


async def note_untold(connection: Connection, reminder_ids: Collection[UUID]) -> None:
    """These reminders came to nothing: nobody was told by them."""
    await connection.execute(NOTE_UNTOLD, list(reminder_ids))


async def known_due(connection: Connection, reminder_ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """When those of the reminders that were decided on were due."""
    return {row["reminder_id"]: row["due_at"] for row in await connection.fetch(DUE, reminder_ids)}


async def record_decisions(
    connection: Connection, decisions: Sequence[Decision], version_of: Callable[[str], str]
) -> set[UUID]:
    """Records decisions with the version of their store's campaigns; returns the ids of those that were known."""
    if not decisions:
        return set()
    numbers, firsts = dict[tuple[Any, ...], int](), list[Decision]()
    alike = list[int]()
    for d in decisions:
        number = numbers.setdefault(_alike(d), len(numbers) + 1)
        if number > len(firsts):
            firsts.append(d)
        alike.append(number)
    rows = await connection.fetch(
        RECORD_DECISIONS,
        [d.reminder_id for d in decisions],
        array([d.customer_id for d in decisions]),
        [d.cart_id for d in decisions],
        array([d.cart_version for d in decisions]),
        array([d.due_at for d in decisions]),
        array([d.total for d in decisions]),
        array(alike),
        *columns(firsts, *OF_ALL),
        [version_of(d.store_id) for d in firsts],
    )
    return {row["reminder_id"] for row in rows}


async def copy_decisions(
    connection: Connection,
    decisions: Sequence[Decision],
    version_of: Callable[[str], str],
    sent: Callable[[], None] = lambda: None,
) -> None:
    """Records decisions by the page, at two thirds of what `record_decisions` costs. Raises `UniqueViolationError`
    where one of them was known.

    `sent` is called when all of them are on their way, or about to be.
    """

    def rows() -> Iterator[tuple[Any, ...]]:
        for d in decisions:
            yield (*_copied(d), d.named, version_of(d.store_id))
        sent()

    await connection.copy_records_to_table("decisions", columns=COPIED, records=rows())
