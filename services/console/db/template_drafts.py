"""Templates that people of the shop are at. Never commits."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected

READ = "SELECT said, base, etag, saved_at FROM template_drafts WHERE person_id = $1 AND store_id = $2 AND name = $3"
KEEP = """
INSERT INTO template_drafts (person_id, store_id, name, said, base, etag, saved_at)
VALUES ($1, $2, $3, $4::jsonb, $5::jsonb, $6, $7)
ON CONFLICT (person_id, store_id, name) DO UPDATE
SET said = excluded.said, base = excluded.base, etag = excluded.etag, saved_at = excluded.saved_at
"""
OLD = """
DELETE FROM template_drafts WHERE (person_id, store_id, name) IN (
    SELECT person_id, store_id, name FROM template_drafts WHERE saved_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody has written of a template: `base` is what it was when they began, `etag` names that."""

    said: dict[str, Any]
    base: dict[str, Any]
    etag: str
    saved_at: datetime


async def read(connection: Connection, person_id: UUID, store_id: str, name: str) -> Draft | None:
    """Somebody's draft of a template."""
    row = await connection.fetchrow(READ, person_id, store_id, name)
    if row is None:
        return None
    return Draft(json.loads(row["said"]), json.loads(row["base"]), row["etag"], row["saved_at"])


async def keep(connection: Connection, person_id: UUID, store_id: str, name: str, draft: Draft) -> None:
    """Keeps a draft in the place of the one before."""
    said, base = json.dumps(draft.said), json.dumps(draft.base)
    await connection.execute(KEEP, person_id, store_id, name, said, base, draft.etag, draft.saved_at)


async def drop(connection: Connection, person_id: UUID, store_id: str, name: str) -> None:
    """Takes a draft away."""
    await connection.execute(
        "DELETE FROM template_drafts WHERE person_id = $1 AND store_id = $2 AND name = $3", person_id, store_id, name
    )


async def drop_old(connection: Connection, before: datetime, limit: int) -> int:
    """Removes up to `limit` that nobody has touched since; how many."""
    return rows_affected(await connection.execute(OLD, before, limit))
