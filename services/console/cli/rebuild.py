"""The console's rows anew from Kafka, and all sums that they tell, beside running processes:
`python -m services.console.cli.rebuild`, with the settings of the service. Why so: decisions/rebuild.md.
"""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

from libs.contracts.topics import CART_EVENTS, MESSAGE_EVENTS, REMINDER_DECISIONS
from libs.erasure import store as erasure
from libs.inbox.consumer import OUTSIDE
from libs.inbox.from_beginning import FromBeginning
from libs.postgres.clock import database_now
from libs.postgres.errors import FAILURES
from libs.postgres.migrate import MigrationError, newest, waiting
from libs.postgres.pool import Session, connect
from libs.runtime.logging import configure_logging
from libs.runtime.settings import BadSettingsError, from_environment
from services.console.consumer import TOPICS
from services.console.db import rebuilt, stale_days
from services.console.handlers.recount import recount_all
from services.console.handlers.take_in import take_in
from services.console.settings import ConsoleSettings

MIGRATIONS = Path(__file__).parent.parent / "migrations"
_FACTS = (CART_EVENTS.name, REMINDER_DECISIONS.name, MESSAGE_EVENTS.name)
"""Topics of which rows are made: what all of them still tell in full is made anew."""


class CannotRebuildError(RuntimeError):
    """It can't be begun; the message says why. What is in use is as it was."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many rows were taken out, how many there are now, and how many days were counted."""

    taken_out: int
    rows: dict[str, int]
    days: int
    unreadable: int


async def rebuild(settings: ConsoleSettings) -> Rebuilt:
    """Takes out what the topics tell in full, reads them from their beginning, and counts every day that rows tell of;
    until then figures stay as they are. What is older than the topics stays, and so do sums whose rows are gone.

    Raises `CannotRebuildError`, and what database and brokers raise: then run it again.
    """
    dsn = settings.database_url.get_secret_value()
    if todo := await waiting(dsn, MIGRATIONS):
        raise CannotRebuildError(f"{todo[0].name} waits: migrate first, both steps")
    reader = FromBeginning(settings.kafka, TOPICS, settings.topic_prefix)
    connection = await connect(dsn, name=f"console {newest(MIGRATIONS)}")
    try:
        await reader.open()
        if not await reader.left():
            raise CannotRebuildError("the topics hold nothing")
        await stale_days.hold(connection)
        taken_out = await _read_again(connection, reader)
        return Rebuilt(
            taken_out, await rebuilt.counts(connection), await _count(connection, settings), reader.unreadable
        )
    finally:
        await reader.close()
        await connection.close()


async def _read_again(connection: Session, reader: FromBeginning) -> int:
    now = await database_now(connection)
    begins = [at for topic in _FACTS if (at := await reader.begin(topic, now)) is not None]
    taken_out = 0
    if begins:
        async with connection.transaction():
            await erasure.hold(connection, alone=True)
            taken_out = await rebuilt.take_out(connection, max(begins))
    async for batch in reader.batches():
        async with connection.transaction():
            await take_in(connection, [one.event for one in batch])
    return taken_out


async def _count(connection: Session, settings: ConsoleSettings) -> int:
    async with connection.transaction():
        await stale_days.add_all(connection)
    return await recount_all(connection, settings.raw)


def main() -> None:
    """Rebuilds it, and says what there is."""
    argparse.ArgumentParser(prog="services.console.cli.rebuild", description=__doc__).parse_args()
    try:
        settings = from_environment(ConsoleSettings)
    except BadSettingsError as error:
        sys.exit(f"{error}\nAll settings: deploy/docs/settings.md")
    configure_logging("console", settings.log_level, settings.log_format)
    try:
        found = asyncio.run(rebuild(settings))
    except (CannotRebuildError, MigrationError) as error:
        sys.exit(f"console: {error}")
    except (*FAILURES, *OUTSIDE) as error:
        sys.exit(f"console: database or brokers can't be used: {error or type(error).__name__}; run it again")
    lines = (
        f"{found.taken_out:,} rows were made anew",
        ", ".join(f"{number:,} {what}" for what, number in found.rows.items()),
        f"{found.days:,} days were counted",
        *([f"{found.unreadable:,} records could not be read"] if found.unreadable else []),
    )
    sys.stdout.write("".join(f"{line}\n" for line in lines))


if __name__ == "__main__":
    main()
