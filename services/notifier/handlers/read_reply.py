"""What a person has read in a reply that was unclear: noted, and where it is a stop done in the same commit."""

from dataclasses import replace

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from libs.runtime.clock import Clock
from services.notifier.db import replies, suppressions
from services.notifier.db.replies import Unclear
from services.notifier.domain.replies import Read
from services.notifier.handlers.reach import tell_reach
from services.notifier.handlers.unsubscribed import tell_stopped


class UnknownSenderError(Exception):
    """Nobody knows where a reply came from: it came before that was noted, from whoever is no customer."""


async def read_reply(pool: Pool, clock: Clock, store_id: str, sid: str, read_as: Read, by: str) -> Unclear | None:
    """How the reply stands after it; None where there is no unclear one of this id. What was read before stays, but
    that a stop may still be found in it. Raises `UnknownSenderError` where there is nothing to close.
    """
    async with pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        found = await replies.hold(connection, sid, store_id)
        if found is None or found.read_as in (read_as, "stop"):
            return found
        now = clock()
        if read_as == "stop":
            await _close(connection, store_id, found)
            if found.subject is not None:
                await tell_stopped(connection, store_id, found.subject, found.channel, now)
            if found.customer_id is not None:
                await tell_reach(connection, {(store_id, found.customer_id)}, now)
        await replies.read(connection, sid, store_id, read_as, by, now)
    return replace(found, read_as=read_as, read_by=by, read_at=now)


async def _close(connection: Connection, store_id: str, found: Unclear) -> None:
    by = suppressions.ClosedBy("reply")
    if found.subject is not None:
        await suppressions.suppress_subject(connection, store_id, found.channel, found.subject, "stop", by)
    elif found.customer_id is not None:
        await suppressions.suppress_customer(connection, store_id, found.customer_id, found.channel, "stop")
    else:
        raise UnknownSenderError
