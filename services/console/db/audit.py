"""Who did what, and who looked at whom."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from libs.runtime.ids import LATEST, uuid7
from services.console.domain.people import Person

ERASED = "customer:erased"


async def note(
    connection: Connection, person: Person | None, store_id: str, action: str, *, subject: str = "", detail: str = ""
) -> None:
    """Writes down an action; `store_id` is empty where it is about no store."""
    await connection.execute(
        "INSERT INTO audit (audit_id, store_id, person_id, person, action, subject, detail)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        uuid7(),
        store_id,
        person and person.person_id,
        person.email if person else "",
        action,
        subject,
        detail,
    )


async def page(
    connection: Connection, store_id: str, before: UUID | None, most: int, subject: str | None = None
) -> list[dict[str, Any]]:
    """What was done in a store and to the console, the newest first; of one subject alone where it is named."""
    if subject is None:
        rows = await connection.fetch(
            "SELECT * FROM audit WHERE store_id IN ($1, '') AND audit_id < $2 ORDER BY audit_id DESC LIMIT $3",
            store_id,
            before or LATEST,
            most,
        )
    else:
        rows = await connection.fetch(
            "SELECT * FROM audit WHERE store_id = $1 AND subject = $2 AND audit_id < $3"
            " ORDER BY audit_id DESC LIMIT $4",
            store_id,
            subject,
            before or LATEST,
            most,
        )
    return [dict(row) for row in rows]


async def forget(connection: Connection, store_id: str, customer_ids: Collection[str]) -> int:
    """Takes erased customers out of the audit: that something was done stays, to whom goes."""
    told = await connection.execute(
        "UPDATE audit SET subject = $3, detail = '' WHERE store_id = $1 AND subject = any($2::text[])",
        store_id,
        [f"customer:{customer_id}" for customer_id in customer_ids],
        ERASED,
    )
    return rows_affected(told)


async def thin(connection: Connection, before: datetime) -> None:
    """Deletes what is older."""
    await connection.execute("DELETE FROM audit WHERE at < $1", before)
