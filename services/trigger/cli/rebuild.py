"""The trigger's carts, timers, holders, orders, reach, items and prices anew from Kafka, beside running processes:
`python -m services.trigger.cli.rebuild`, with the settings of the service. What it does and why: decisions/rebuild.md.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from libs.contracts.topics import CART_EVENTS
from libs.erasure import store as erasure
from libs.inbox.consumer import OUTSIDE
from libs.inbox.from_beginning import FromBeginning
from libs.postgres.clock import database_now
from libs.postgres.errors import FAILURES
from libs.postgres.migrate import MigrationError, migrate, newest, waiting
from libs.postgres.pool import Connection, Session, connect, open_pool
from libs.runtime.logging import configure_logging
from libs.runtime.settings import BadSettingsError, from_environment
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.db import rebuilt
from services.trigger.domain.batch import CampaignsOf
from services.trigger.domain.facts import TOLD_ON
from services.trigger.handlers.rebuild import take_in
from services.trigger.settings import TriggerSettings

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_CLOSE = 5_000
"""So few records may be left to read while nobody else works."""
_ALONE_S = 60
"""For so long all others may have to wait; then nothing is swapped."""


class CannotRebuildError(RuntimeError):
    """It can't be begun, or not ended; the message says why. What is in use is as it was."""


@dataclass(slots=True)
class Rebuild:
    """One attempt, over a connection that finds the new tables; `begun` is by the database's clock."""

    connection: Session
    reader: FromBeginning
    campaigns: CampaignsOf
    begun: datetime

    async def catch_up(self) -> None:
        """Reads to where the topics end now."""
        async for batch in self.reader.batches():
            async with self.connection.transaction():
                await take_in(self.connection, batch, self.campaigns)
        async with self.connection.transaction():
            await rebuilt.note_decided(self.connection, self.begun)

    async def swap(self) -> rebuilt.Rebuilt | None:
        """The new tables take the place of those in use, where little is left to read: None where it is much.

        Nobody takes in, fires or erases meanwhile; what has come is read before it, so that nothing is missing that
        the others have taken in. Asking for reminders is none of its business: what was asked for stays recorded.
        """
        async with asyncio.timeout(_ALONE_S), self.connection.transaction():
            await erasure.hold(self.connection, alone=True)
            if await self.reader.left() > _CLOSE:
                return None
            async for batch in self.reader.batches():
                await take_in(self.connection, batch, self.campaigns)
            await rebuilt.note_decided(self.connection, self.begun)
            found = await rebuilt.compare(self.connection)
            await rebuilt.swap(self.connection)
            return found


async def rebuild(settings: TriggerSettings) -> tuple[rebuilt.Rebuilt, int]:
    """Makes the tables anew and puts them in place; what there is now, and how many records could not be read.

    Raises `CannotRebuildError`, and what database and brokers raise: then what is in use is as it was.
    """
    dsn = settings.database_url.get_secret_value()
    if todo := await waiting(dsn, MIGRATIONS):
        raise CannotRebuildError(f"{todo[0].name} waits: migrate first, both steps")
    pool = await open_pool(dsn, size=1, name=f"trigger {newest(MIGRATIONS)}")
    reader = FromBeginning(settings.kafka, [topic.name for topic in TOLD_ON], settings.topic_prefix)
    try:
        campaigns = CampaignRegistry(settings.campaigns_dir, pool)
        await campaigns.open()
        async with _place(dsn) as connection:
            begun = await database_now(connection)
            await reader.open()
            await rebuilt.seed(connection, await reader.begins(CART_EVENTS.name, begun))
            attempt = Rebuild(connection, reader, campaigns.of, begun)
            while True:
                await attempt.catch_up()
                if (found := await attempt.swap()) is not None:
                    return found, reader.unreadable
    finally:
        await reader.close()
        pool.terminate()


@asynccontextmanager
async def _place(dsn: str) -> AsyncIterator[Session]:
    """A connection that finds the new tables, which are empty; only one at a time. Raises `CannotRebuildError`."""
    connection = await connect(dsn, name=f"trigger {newest(MIGRATIONS)}")
    try:
        await _prepare(dsn, connection)
        yield connection
    finally:
        await connection.close()


async def _prepare(dsn: str, connection: Connection) -> None:
    if not await rebuilt.take_lock(connection):
        raise CannotRebuildError("somebody rebuilds it already")
    if not await rebuilt.in_public(connection):
        raise CannotRebuildError("the tables in use are not in the schema public")
    await rebuilt.begin(connection)
    inside = f"{dsn}{'&' if '?' in dsn else '?'}search_path={rebuilt.SCHEMA}"
    await migrate(inside, MIGRATIONS)
    await rebuilt.look(connection)


def main() -> None:
    """Rebuilds it, and says what there is."""
    parser = argparse.ArgumentParser(prog="services.trigger.cli.rebuild", description=__doc__)
    parser.parse_args()
    try:
        settings = from_environment(TriggerSettings)
    except BadSettingsError as error:
        sys.exit(f"{error}\nAll settings: deploy/docs/settings.md")
    configure_logging("trigger", settings.log_level, settings.log_format)
    try:
        found, unreadable = asyncio.run(rebuild(settings))
    except (CannotRebuildError, MigrationError) as error:
        sys.exit(f"trigger: {error}")
    except TimeoutError:
        sys.exit(f"trigger: it took more than {_ALONE_S} s to put the new tables in place; try at a quieter time")
    except (*FAILURES, *OUTSIDE) as error:
        sys.exit(f"trigger: database or brokers can't be used: {error or type(error).__name__}")
    lines = (
        f"{found.carts:,} carts, of which {found.new:,} were not known and {found.differing:,} were otherwise",
        f"{found.gone:,} open carts that no topic tells of are gone",
        f"{found.holdings:,} items in carts, {found.orders:,} orders, {found.occasions:,} occasions",
        *([f"{unreadable:,} records could not be read"] if unreadable else []),
    )
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
