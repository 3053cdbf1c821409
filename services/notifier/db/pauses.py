"""What is held back for the time being. Functions take a connection, and never commit.

Whoever puts a message off under a pause keeps that pause until their commit: one that is lifted meanwhile is waited
for, and what is put off after it was lifted is not put off. So no message waits for a pause that is over.
"""

from typing import Any

from libs.postgres.pool import Connection
from libs.postgres.results import rows_affected
from services.notifier.domain.pause import PAUSED, Scope
from services.notifier.domain.reminder import Reminder

SET = """
INSERT INTO pauses (store_id, campaign, step, channel, why) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (store_id, campaign, step, channel) DO UPDATE SET why = excluded.why
"""

LIFT = "DELETE FROM pauses WHERE store_id = $1 AND campaign = $2 AND step = $3 AND channel = $4"

# What a holder has at this moment decides for itself, and finds no pause.
RELEASE = """
UPDATE deliveries SET next_at = now(), reason = NULL
WHERE store_id = $1 AND reason = $5 AND state = 'pending' AND lease_token IS NULL AND next_at > now()
  AND $2 IN ('', campaign) AND $3 IN (0, step) AND $4 IN ('', channel)
"""

KEEP = """
SELECT FROM pauses
WHERE store_id = $1 AND campaign IN ('', $2) AND step IN (0, $3) AND channel IN ('', $4)
LIMIT 1 FOR SHARE
"""

LIST = """
SELECT p.campaign, p.step, p.channel, p.why, p.since,
       (SELECT count(*) FROM deliveries d
        WHERE d.store_id = $1 AND d.state IN ('pending', 'sending') AND d.reason = $2
          AND p.campaign IN ('', d.campaign) AND p.step IN (0, d.step) AND p.channel IN ('', d.channel)) AS held_back
FROM pauses p WHERE p.store_id = $1
ORDER BY p.campaign, p.step, p.channel
"""


async def set_pause(connection: Connection, store_id: str, scope: Scope, why: str) -> None:
    """Holds messages back from now on; again, only `why` is another."""
    await connection.execute(SET, store_id, scope.campaign, scope.step, scope.channel, why)


async def lift(connection: Connection, store_id: str, scope: Scope) -> int | None:
    """Lets go what a pause holds back; returns how many messages that are, None where there is no such pause."""
    which = (store_id, scope.campaign, scope.step, scope.channel)
    if not rows_affected(await connection.execute(LIFT, *which)):
        return None
    return rows_affected(await connection.execute(RELEASE, *which, PAUSED))


async def keep(connection: Connection, r: Reminder) -> bool:
    """Whether a message is held back, which stays so until the end of the transaction."""
    return bool(await connection.fetch(KEEP, r.store_id, r.campaign, r.step, r.channel))


async def pauses(connection: Connection, store_id: str) -> list[dict[str, Any]]:
    """What is paused in a store, and how many messages each pause holds back: they were due, and wait."""
    return [dict(row) for row in await connection.fetch(LIST, store_id, PAUSED)]
