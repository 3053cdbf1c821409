"""What ops and servers changed: rows that are only ever added."""

from datetime import datetime
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection
from libs.runtime.ids import LATEST, uuid7
from services.cart.domain.request import WriteRequest

APPEND = """
INSERT INTO audit_log (audit_id, at, store_id, actor, action, subject, request_id) VALUES ($1, $2, $3, $4, $5, $6, $7)
"""
# A page backwards in time; the first one begins behind every UUID.
PAGE = """
SELECT audit_id, at, actor, action, subject, request_id FROM audit_log
WHERE store_id = $1 AND audit_id < $2 ORDER BY audit_id DESC LIMIT $3
"""


async def audit(connection: Connection, request: WriteRequest, action: str, subject: str, now: datetime) -> None:
    """Notes, in the transaction of the change itself, that the caller of `request` did it: `action` is a fact such as
    `key.revoked`, `subject` what it was done to, without anything personal (`tokens.customer_mark` for customers).
    An intent without a store speaks of the whole installation.
    """
    of_store = request.store_id or None
    await connection.execute(APPEND, uuid7(), now, of_store, request.caller, action, subject, request.request_id)


async def page(connection: Connection, store_id: str, after: UUID | None, limit: int) -> list[dict[str, Any]]:
    """What was changed in a store, newest first, behind an entry."""
    return [dict(row) for row in await connection.fetch(PAGE, store_id, after or LATEST, limit)]
