"""What an earlier holder, who vanished while it was sending, has sent after all."""

from collections.abc import Mapping

import structlog

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection, Pool
from services.notifier.channels.ports import Question
from services.notifier.channels.registry import CHANNELS
from services.notifier.db import answers, deliveries, recipient_state
from services.notifier.domain.reminder import Reminder
from services.notifier.domain.store import Store
from services.notifier.handlers.compose import Composer
from services.notifier.handlers.ends import Finished

log = structlog.get_logger(__name__)


class Found:
    """Looks at what was heard of an interrupted delivery, and asks the store's providers, those that can be asked, for
    what it may have sent.
    """

    def __init__(self, pool: Pool, composer: Composer, stores: Mapping[str, Store]) -> None:
        self._pool, self._composer, self._stores = pool, composer, stores

    async def end(self, r: Reminder) -> Finished | None:
        """Its end, if a provider surely has it; None where nobody says so, or what is found is another reminder's."""
        if not r.interrupted or r.sending_at is None or r.store_id not in self._stores or r.channel not in CHANNELS:
            return None
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            contact = (await recipient_state.read(connection, [r]))[0].contact
            told = await told_of(connection, r, self._stores[r.store_id])
        if told is not None:
            return told
        address = contact.address(r.channel) if contact else None
        taken = await self._composer.asked(r, Question(r.reminder_id, r.sending_at, address))
        if taken is None or taken.provider_id is None:
            return None
        async with self._pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            if await deliveries.known(connection, taken.provider_id, r):
                return None
        log.info("delivery.found", reminder_id=str(r.reminder_id))
        return Finished("sent", provider_id=taken.provider_id, provider=taken.provider)


async def told_of(connection: Connection, r: Reminder, store: Store | None) -> Finished | None:
    """Its end, if anything was heard of it by the id that it bears: whoever told of it has it."""
    heard = (await answers.of(connection, [r.reminder_id])).get(r.reminder_id, [])
    by = {one["provider"] for one in heard if one["answer"] != "unsubscribed"}  # a STOP is of some message
    if not by:
        return None
    log.info("delivery.told", reminder_id=str(r.reminder_id))
    carriers = [name for name in store.providers(r.channel) if name in by] if store else []
    return Finished("sent", provider=next(iter(carriers), None))
