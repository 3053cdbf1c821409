"""The notifier's processes: `python -m services.notifier.main migrate|consumer|delivery|relay|web`, several at once."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from libs.files.scratch_folder import scratch_folder
from libs.http.health import Check
from libs.http.ops_paths import serve_public
from libs.http.serve import Application, serve_health
from libs.inbox.consumer import Inbox
from libs.outbox.relay import Relay
from libs.outbox.waker import Waker
from libs.postgres.clock import corrected_clock
from libs.postgres.migrate import Step, migrate, newest
from libs.postgres.pool import Pool, check_postgres, open_pool
from libs.runtime.clock import Clock, utc_now
from libs.runtime.command import enter
from libs.runtime.ending import Ending
from services.notifier.cart_client import CartClient
from services.notifier.channels.paced import turns_by
from services.notifier.channels.ports import Limits
from services.notifier.channels.providers import Providers, event_sources, reply_readers
from services.notifier.consumer import TOPICS, Consumer
from services.notifier.coupon_client import CouponClient
from services.notifier.domain.chat_link import ChatLinks
from services.notifier.domain.short_link import ShortLinks
from services.notifier.domain.store import Store
from services.notifier.domain.token_bucket import TokenBucket
from services.notifier.domain.unsubscribe_link import Links
from services.notifier.handlers.compose import Composer
from services.notifier.handlers.delivery import Delivery
from services.notifier.handlers.senders import SenderChecks
from services.notifier.jobs.campaign_assets import AssetsJob
from services.notifier.jobs.clicks import ClicksJob
from services.notifier.jobs.deliveries import Worker
from services.notifier.jobs.kept_templates import KeptTemplates
from services.notifier.jobs.pauses_over import PausesOver
from services.notifier.jobs.profiles_read import ProfilesRead
from services.notifier.jobs.reach import ReachJob
from services.notifier.jobs.retention import RetentionJob
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.resolver import SystemDns
from services.notifier.settings import NotifierSettings
from services.notifier.stores import StoreRegistry
from services.notifier.web.app import application
from services.notifier.web.deps import Services

MIGRATIONS = Path(__file__).parent / "migrations"
ROLES = ("consumer", "delivery", "relay", "web")


class Incoming:
    """The consumer role: requests and profiles in, and how far the profiles were read."""

    def __init__(self, settings: NotifierSettings, pool: Pool, waker: Waker, clock: Clock) -> None:
        handle = Consumer(pool, waker, clock, lambda: self._read.wanted()).handle
        self.inbox = Inbox(settings.kafka, "notifier", TOPICS, handle, topic_prefix=settings.topic_prefix)
        self._read = ProfilesRead(pool, self.inbox, settings.poll_seconds)

    async def run(self) -> None:
        """Consumes until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.inbox.run())
            tasks.create_task(self._read.run())


def links(settings: NotifierSettings) -> Links:
    """The reader of the unsubscribe links of older messages."""
    signing, *older = (secret.get_secret_value() for secret in settings.link_secret)
    return Links(signing, settings.public_url, older)


def short_links(settings: NotifierSettings) -> ShortLinks:
    """The maker of the links in messages."""
    return ShortLinks(settings.link_secret[0].get_secret_value(), settings.public_url)


def shops(settings: NotifierSettings, clock: Clock = utc_now) -> CouponClient:
    """Who asks shops for codes of coupons."""
    return CouponClient(settings.link_secret[0].get_secret_value(), clock, local=settings.mode == "local")


def providers(settings: NotifierSettings, clock: Clock = utc_now, pool: "Pool | None" = None) -> Providers:
    """The providers that the environment configures, each with as many kept connections as may be busy."""
    public_url = settings.public_url if settings.public_url.startswith("https://") else None
    return Providers(Limits(settings.in_flight, clock, public_url), turns_by(pool) if pool else None)


def web(
    settings: NotifierSettings,
    pool: Pool,
    stores: Mapping[str, Store],
    checks: Mapping[str, Check],
    clock: Clock,
    templates: StoreTemplates | None = None,
    wake: Callable[[], None] = lambda: None,
) -> Application:
    """The web role's application; without `templates` those of files alone. `wake` has the relay look at once."""
    services = Services(
        pool,
        stores,
        links(settings),
        CartClient(settings.cart_url, settings.cart_key, settings.cart_timeout_s),
        templates=templates or StoreTemplates(settings.templates_dir),
        readers=reply_readers(),
        keys=settings.keys,
        public_url=settings.public_url,
        clock=clock,
        events=event_sources(),
        chromium=settings.chromium,
        signing_secret=shops(settings).signing_secret,
        bounce_secrets=[secret.get_secret_value().encode() for secret in settings.link_secret],
        chat_links=ChatLinks(*(secret.get_secret_value() for secret in settings.link_secret)),
        providers=providers(settings, clock, pool),
        laws=settings.read_laws(),
        senders=SenderChecks(SystemDns(settings.dns_servers), clock),
        wake=wake,
    )
    return application(services, checks)


async def deliver(
    settings: NotifierSettings, stores: Mapping[str, Store], waker: Waker, clock: Clock, templates: StoreTemplates
) -> None:
    """The delivery role, until cancelled; on connections of its own."""
    dsn = settings.database_url.get_secret_value()
    pool = await open_pool(dsn, size=settings.pool_size, name=f"notifier {newest(MIGRATIONS)}", plan_once=True)
    sending = providers(settings, clock, pool)
    laws = settings.read_laws()
    composer = Composer(stores, templates, sending, short_links(settings), clock, laws)
    try:
        async with CartClient(settings.cart_url, settings.cart_key, settings.cart_timeout_s) as carts:
            delivery = Delivery(
                pool,
                carts,
                composer,
                stores,
                waker,
                clock,
                lease=settings.lease,
                contact_grace=settings.contact_grace,
                laws=laws,
                shops=shops(settings, clock),
            )
            worker = Worker(
                dsn,
                pool,
                delivery,
                in_flight=settings.in_flight,
                lease=settings.lease,
                poll_s=settings.poll_seconds,
                pace=TokenBucket(settings.deliveries_per_second),
            )
            await worker.run()
    finally:
        await sending.close()
        pool.terminate()


async def serve_roles(settings: NotifierSettings, roles: Sequence[str], ending: Ending) -> None:
    """Runs the roles side by side until cancelled. Without the web role the health routes have a port of their own."""
    dsn = settings.database_url.get_secret_value()
    pool = await open_pool(dsn, size=settings.pool_size, name=f"notifier {newest(MIGRATIONS)}")
    checks: dict[str, Check] = {"postgres": lambda: check_postgres(pool), "ending": ending.check}
    waker, stores = Waker(pool), StoreRegistry(pool, settings.rules, ask_for_address=settings.mode == "production")
    with ExitStack() as held:
        held.callback(pool.terminate)
        clock = await corrected_clock(pool)
        await stores.refresh()
        kept = KeptTemplates(pool, held.enter_context(scratch_folder("evercart-store-templates-")))
        await kept.refresh()
        templates = StoreTemplates(settings.templates_dir, kept.folder)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(waker.run())
            tasks.create_task(stores.run())
            tasks.create_task(kept.run())
            tasks.create_task(clock.watch(pool))
            if "consumer" in roles:
                incoming = Incoming(settings, pool, waker, clock)
                checks["kafka"] = incoming.inbox.check
                tasks.create_task(incoming.run())
            if "delivery" in roles:
                tasks.create_task(deliver(settings, stores, waker, clock, templates))
            if "relay" in roles:
                relay = Relay(dsn, settings.kafka, topic_prefix=settings.topic_prefix)
                checks["relay"] = relay.check
                tasks.create_task(relay.run())
                tasks.create_task(RetentionJob(pool, stores, clock).run())
                tasks.create_task(ReachJob(pool, waker, clock).run())
                tasks.create_task(ClicksJob(pool, waker, clock).run())
                tasks.create_task(PausesOver(pool, waker, clock).run())
                tasks.create_task(AssetsJob(pool, stores, templates, waker, clock).run())
            if "web" in roles:
                app = web(settings, pool, stores, checks, clock, templates, waker.touch)
                tasks.create_task(serve_public(app, settings.host, settings.port, settings.ops_place, ending))
            else:
                tasks.create_task(serve_health(settings.health_host, settings.health_port, checks, ending))


async def migrated(settings: NotifierSettings, step: Step) -> None:
    """Brings the database to the newest schema."""
    await migrate(settings.database_url.get_secret_value(), MIGRATIONS, step)


if __name__ == "__main__":
    enter("notifier", NotifierSettings, ROLES, migrated, serve_roles)
