"""Deletes what is too old to matter. Takes a connection, never commits."""

from datetime import datetime

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

# In small batches that wait for nobody. What was cancelled long before it is due is still known by then.
FORGET_DECISIONS = """
DELETE FROM decisions WHERE reminder_id = ANY (ARRAY(
    SELECT reminder_id FROM decisions WHERE decided_at < $1 AND due_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""
FORGET_CARTS = """
DELETE FROM carts WHERE cart_id = ANY (ARRAY(
    SELECT cart_id FROM carts WHERE closed_at < $1 AND due_at IS NULL LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""
FORGET_PARTICIPANTS = """
DELETE FROM participants WHERE (store_id, customer_id, campaign) IN (
    SELECT store_id, customer_id, campaign FROM participants WHERE entered_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
FORGET_ORDERS = """
DELETE FROM customer_orders WHERE (store_id, order_id) IN (
    SELECT store_id, order_id FROM customer_orders WHERE placed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
FORGET_OCCASIONS = """
DELETE FROM occasions WHERE (store_id, subject, subject_id) IN (
    SELECT store_id, subject, subject_id FROM occasions
    WHERE since < $1 AND due_at IS NULL LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
FORGET_VIEWS = """
DELETE FROM occasions WHERE (store_id, subject, subject_id) IN (
    SELECT store_id, subject, subject_id FROM occasions
    WHERE subject = 'product.viewed' AND since < $1 AND due_at IS NULL LIMIT $2 FOR UPDATE SKIP LOCKED
)
"""
FORGET_WATCHES = """
DELETE FROM watches WHERE watch_id = ANY (ARRAY(
    SELECT watch_id FROM watches WHERE ended_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
))
"""
FORGET_BATCH = 1_000

FORGET_FAN_OUTS = "DELETE FROM fan_outs WHERE state <> 'open' AND occurred_at < $1"


async def forget_decisions(connection: Connection, before: datetime) -> None:
    """Deletes decisions that were taken earlier."""
    await _in_batches(connection, FORGET_DECISIONS, before)


async def forget_participants(connection: Connection, before: datetime) -> None:
    """Deletes the parts of customers who last entered a campaign earlier."""
    await _in_batches(connection, FORGET_PARTICIPANTS, before)


async def forget_orders(connection: Connection, before: datetime) -> None:
    """Deletes orders that were placed earlier."""
    await _in_batches(connection, FORGET_ORDERS, before)


async def forget_views(connection: Connection, before: datetime) -> None:
    """Deletes what customers looked at last earlier than that, and of which nothing is ahead."""
    await _in_batches(connection, FORGET_VIEWS, before)


async def forget_occasions(connection: Connection, before: datetime) -> None:
    """Deletes what happened earlier and of which nothing is ahead."""
    await _in_batches(connection, FORGET_OCCASIONS, before)


async def forget_watches(connection: Connection, before: datetime) -> None:
    """Deletes watches that were over earlier."""
    await _in_batches(connection, FORGET_WATCHES, before)


async def forget_carts(connection: Connection, before: datetime) -> None:
    """Deletes carts that were closed earlier."""
    await _in_batches(connection, FORGET_CARTS, before)


async def forget_fan_outs(connection: Connection, before: datetime) -> None:
    """Deletes fan-outs that have ended, of crossings that occurred earlier."""
    await connection.execute(FORGET_FAN_OUTS, before)


async def _in_batches(connection: Connection, query: str, before: datetime) -> None:
    while rows_affected(await connection.execute(query, before, FORGET_BATCH)) == FORGET_BATCH:
        pass
