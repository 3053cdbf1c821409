"""The trigger's processes: `python -m services.trigger.main migrate|consumer|timers|relay`, several roles at once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from libs.http.health import Check
from libs.http.serve import serve
from libs.outbox.relay import Relay
from libs.postgres.clock import corrected_clock
from libs.postgres.migrate import Step, migrate, newest
from libs.postgres.pool import check_postgres, open_pool
from libs.runtime.command import enter
from libs.runtime.ending import Ending
from services.trigger.backtests import Backtests
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.consumer import Consumer
from services.trigger.settings import TriggerSettings
from services.trigger.timers import Timers
from services.trigger.web.app import application
from services.trigger.web.deps import Services

MIGRATIONS = Path(__file__).parent / "migrations"
ROLES = ("consumer", "timers", "relay")


async def migrated(settings: TriggerSettings, step: Step) -> None:
    """Takes the database a step towards the newest schema and switches the campaigns on that are there."""
    dsn = settings.database_url.get_secret_value()
    await migrate(dsn, MIGRATIONS, step)
    pool = await open_pool(dsn, size=1, name=f"trigger {newest(MIGRATIONS)}")
    try:
        await CampaignRegistry(settings.campaigns_dir, pool).open()
    finally:
        await pool.close()


async def serve_roles(settings: TriggerSettings, roles: Sequence[str], ending: Ending) -> None:
    """Runs the roles side by side until cancelled."""
    dsn = settings.database_url.get_secret_value()
    pool = await open_pool(dsn, size=settings.pool_size, name=f"trigger {newest(MIGRATIONS)}", plan_once=True)
    try:
        campaigns = CampaignRegistry(settings.campaigns_dir, pool)
        await campaigns.open()
        clock = await corrected_clock(pool)
        checks: dict[str, Check] = {"postgres": lambda: check_postgres(pool), "ending": ending.check}
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(clock.watch(pool))
            tasks.create_task(campaigns.watch(settings.poll_seconds))
            if "consumer" in roles:
                consumer = Consumer(settings, pool, campaigns)
                checks["kafka"] = consumer.inbox.check
                tasks.create_task(consumer.run())
            if "timers" in roles:
                tasks.create_task(Timers(settings, pool, campaigns).run())
                tasks.create_task(Backtests(settings, pool, campaigns).run())
            if "relay" in roles:
                relay = Relay(dsn, settings.kafka, topic_prefix=settings.topic_prefix)
                checks["relay"] = relay.check
                tasks.create_task(relay.run())
            app = application(Services(pool, settings.keys, clock, campaigns), checks)
            tasks.create_task(serve(app, settings.health_host, settings.health_port, ending))
    finally:
        pool.terminate()


if __name__ == "__main__":
    enter("trigger", TriggerSettings, ROLES, migrated, serve_roles)
