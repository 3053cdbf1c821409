"""The console's processes: `python -m services.console.main migrate|consumer|jobs|relay|web`, several at once."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from libs.http.health import Check
from libs.http.ops_paths import serve_public
from libs.http.serve import serve_health
from libs.inbox.consumer import Inbox
from libs.outbox.relay import Relay
from libs.postgres.clock import corrected_clock
from libs.postgres.migrate import Step, migrate, newest
from libs.postgres.pool import check_postgres, open_pool
from libs.runtime.command import enter
from libs.runtime.ending import Ending
from services.console.consumer import GROUP, TOPICS, Consumer
from services.console.jobs.opening import faults_job
from services.console.jobs.reading import ReadingJob
from services.console.jobs.retention import RetentionJob
from services.console.jobs.sums import SumsJob
from services.console.settings import ConsoleSettings
from services.console.web.opening import others_of, web

MIGRATIONS = Path(__file__).parent / "migrations"
ROLES = ("consumer", "jobs", "relay", "web")


async def serve_roles(settings: ConsoleSettings, roles: Sequence[str], ending: Ending) -> None:
    """Runs the roles side by side until cancelled. Without the web role the health routes have a port of their own."""
    dsn = settings.database_url.get_secret_value()
    pool = await open_pool(dsn, size=settings.pool_size, name=f"console {newest(MIGRATIONS)}")
    checks: dict[str, Check] = {"postgres": lambda: check_postgres(pool), "ending": ending.check}
    try:
        clock = await corrected_clock(pool)
        async with AsyncExitStack() as stack, asyncio.TaskGroup() as tasks:
            tasks.create_task(clock.watch(pool))
            if "consumer" in roles:
                consumer = Consumer(pool)
                inbox = Inbox(settings.kafka, GROUP, TOPICS, consumer.handle, topic_prefix=settings.topic_prefix)
                checks["kafka"] = inbox.check
                tasks.create_task(inbox.run())
                tasks.create_task(ReadingJob(pool, inbox, TOPICS, consumer.newest, clock).run())
            if "jobs" in roles:
                tasks.create_task(SumsJob(pool, settings.raw, settings.sums_seconds).run())
                tasks.create_task(RetentionJob(pool, settings.raw, clock).run())
                others = await stack.enter_async_context(others_of(settings))
                tasks.create_task(faults_job(settings, pool, clock, others).run())
            if "relay" in roles:
                relay = Relay(dsn, settings.kafka, topic_prefix=settings.topic_prefix)
                checks["relay"] = relay.check
                tasks.create_task(relay.run())
            if "web" in roles:
                app = await stack.enter_async_context(web(settings, pool, checks, clock, ending))
                tasks.create_task(serve_public(app, settings.host, settings.port, settings.ops_place, ending))
            else:
                tasks.create_task(serve_health(settings.health_host, settings.health_port, checks, ending))
    finally:
        pool.terminate()


async def migrated(settings: ConsoleSettings, step: Step) -> None:
    """Brings the database to the newest schema."""
    await migrate(settings.database_url.get_secret_value(), MIGRATIONS, step)


if __name__ == "__main__":
    enter("console", ConsoleSettings, ROLES, migrated, serve_roles)
