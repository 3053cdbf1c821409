"""The cart's processes: `python -m services.cart.main migrate|api|relay|feeds`, several roles at once."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from libs.contracts.topics import CART_EVENTS
from libs.http.health import Check
from libs.http.ops_paths import serve_public
from libs.http.serve import Application, serve_health
from libs.outbox.horizon import Horizon
from libs.outbox.relay import Relay
from libs.postgres.clock import corrected_clock
from libs.postgres.migrate import Step, migrate, newest
from libs.postgres.pool import Pool, check_postgres, open_pool
from libs.runtime.clock import Clock, utc_now
from libs.runtime.command import enter
from libs.runtime.ending import Ending
from services.cart.api.app import build_app
from services.cart.api.callers import Callers
from services.cart.api.rate_limits import RateLimits
from services.cart.api.request import WriteRequests
from services.cart.api.services import Services
from services.cart.auth.authenticators import Authenticators
from services.cart.auth.jwks import Providers
from services.cart.auth.key_cache import KeyCache, KeyCacheRefresh
from services.cart.db.save_cart import SOURCE
from services.cart.feeds.consents import ConsentAnswers
from services.cart.feeds.consumer import Feeds
from services.cart.feeds.erasures import ErasureReports
from services.cart.feeds.inventory import InventoryFeed
from services.cart.feeds.messages import SentMessages
from services.cart.feeds.orders import OrderFeed
from services.cart.handlers.api_keys import ApiKeyHandlers
from services.cart.handlers.cart_cache import CartCache
from services.cart.handlers.carts import CartHandlers
from services.cart.handlers.checkouts import CheckoutHandlers
from services.cart.handlers.customers import CustomerHandlers
from services.cart.handlers.erasure import ErasureHandlers
from services.cart.handlers.exports import ExportHandlers
from services.cart.handlers.guest_contacts import GuestContactHandlers
from services.cart.handlers.line_actions import LineActionHandlers
from services.cart.handlers.links import LinkHandlers
from services.cart.handlers.merges import MergeHandlers, Terms
from services.cart.handlers.orders.fulfilment import FulfilmentHandlers
from services.cart.handlers.orders.orders import OrderHandlers
from services.cart.handlers.orders.reopening import TermsOf
from services.cart.handlers.prices import PriceHandlers
from services.cart.handlers.reads import CartReads
from services.cart.handlers.reservations import ReservationHandlers
from services.cart.handlers.stock import StockHandlers
from services.cart.handlers.stores import StoreHandlers
from services.cart.handlers.views import ViewHandlers
from services.cart.handlers.watches import WatchHandlers
from services.cart.jobs.describe_stores import StoreDescriptions
from services.cart.jobs.wiring import housekeeping
from services.cart.live.listener import Listener
from services.cart.live.publisher import Committed, LivePublisher
from services.cart.live.subscriptions import Subscriptions
from services.cart.ratelimit.counter import RateCounter
from services.cart.ratelimit.exchange import Exchange
from services.cart.settings import CartSettings
from services.cart.stores.files import StoreFolder
from services.cart.stores.refresh import StoreRefresh
from services.cart.stores.registry import StoreRegistry
from services.cart.stores.secrets import Seal
from services.cart.stores.table import StoreTable

MIGRATIONS = Path(__file__).parent / "migrations"
ROLES = ("api", "relay", "feeds")
BEHIND_CONNECTIONS = 3
"""For keeping house, a feed and waking the relay, which has one of its own; one is opened until more are needed."""


def application(
    settings: CartSettings,
    pool: Pool,
    clock: Clock,
    committed: Committed,
    subscriptions: Subscriptions | None = None,
    callers: Authenticators | None = None,
    rate_counter: RateCounter | None = None,
    ending: Ending | None = None,
) -> Application:
    """The HTTP API on a pool, until an `ending`. Streams and rates are of all replicas if they are exchanged."""
    callers, (secret, *older) = callers or authenticators(settings, clock), _token_secrets(settings)
    stores, seal = callers.stores, Seal(secret, *older)
    services = Services(
        authenticators=callers,
        callers=Callers(callers, rate_limits(settings, rate_counter or RateCounter())),
        write_requests=WriteRequests(secret, datable=settings.allow_occurred_at, older_secrets=older),
        opt_ins=settings.read_opt_ins(),
        carts=CartHandlers(pool, clock, CartCache(), committed, stores.limits, reserves=stores.reserves),
        reads=CartReads(pool, clock, committed, stores.limits),
        merges=MergeHandlers(pool, clock, committed, stores.limits, secret),
        line_actions=LineActionHandlers(pool, clock, committed, stores.limits),
        links=LinkHandlers(pool, clock, committed, stores.limits),
        customers=CustomerHandlers(pool, clock, committed, stores.limits, secret),
        guest_contacts=GuestContactHandlers(pool, clock, committed),
        watches=WatchHandlers(pool, clock, committed, stores.limits),
        views=ViewHandlers(pool, clock, committed, stores.limits),
        checkouts=CheckoutHandlers(pool, clock, committed),
        orders=OrderHandlers(pool, clock, committed, secret, terms_of(stores), older_secrets=older),
        fulfilment=FulfilmentHandlers(pool, clock, committed, terms_of(stores)),
        stock=StockHandlers(pool, clock, committed),
        prices=PriceHandlers(pool, clock, committed),
        reservations=ReservationHandlers(pool, committed),
        erasures=ErasureHandlers(pool, clock, committed, secret),
        exports=ExportHandlers(pool, clock),
        api_keys=ApiKeyHandlers(pool, clock, KeyCacheRefresh(pool, callers.keys).try_refresh),
        store_changes=StoreHandlers(pool, clock, stores, seal, table(settings, pool, stores).try_refresh),
        subscriptions=subscriptions or Subscriptions(),
    )
    return build_app(services, {"postgres": services.reads.check, "ending": (ending or Ending()).check})


def terms_of(stores: StoreRegistry) -> TermsOf:
    """How each store merges carts, and what one may hold."""

    def terms(store_id: str) -> Terms:
        entry = stores.get(store_id)
        return Terms(entry.store.merge if entry else "max", stores.limits(store_id))

    return terms


def rate_limits(settings: CartSettings, rate_counter: RateCounter) -> RateLimits:
    """What counts calls, if they are to be counted."""
    counter, secret = rate_counter if settings.rate_limits else None, _token_secrets(settings)[0]
    return RateLimits(counter, settings.trusted_proxies, secret)


def authenticators(settings: CartSettings, clock: Clock = utc_now) -> Authenticators:
    """The stores that the settings name, and who checks their callers."""
    keys = KeyCache(
        (key.get_secret_value() for key in settings.ops_keys),
        clock,
        look_keys=(key.get_secret_value() for key in settings.look_keys),
    )
    providers = Providers(clock=clock, local=settings.mode == "local")
    secret, *older = _token_secrets(settings)
    return Authenticators(StoreRegistry(settings.stores), secret, keys, providers, older_secrets=older, clock=clock)


def table(settings: CartSettings, pool: Pool, registry: StoreRegistry) -> StoreTable:
    """What tells the registry of the stores that are kept in the database."""
    return StoreTable(pool, registry, Seal(*_token_secrets(settings)))


def store_refresh(settings: CartSettings, pool: Pool, registry: StoreRegistry) -> StoreRefresh:
    """What keeps the registry fresh."""
    folder = StoreFolder(settings.stores_dir, registry) if settings.stores_dir is not None else None
    return StoreRefresh(table(settings, pool, registry), folder)


async def opened_stores(
    settings: CartSettings, pool: Pool, registry: StoreRegistry, clock: Clock, committed: Committed
) -> tuple[StoreRefresh, StoreDescriptions]:
    """What keeps the stores fresh, which are read now, and what tells the other services of them."""
    refresh = store_refresh(settings, pool, registry)
    descriptions = StoreDescriptions(pool, registry, clock, committed)
    await descriptions.open()
    await refresh.open()
    return refresh, descriptions


def _token_secrets(settings: CartSettings) -> list[bytes]:
    return [secret.get_secret_value().encode() for secret in settings.token_secret]


def feeds(settings: CartSettings, callers: Authenticators, pool: Pool, clock: Clock, committed: Committed) -> Feeds:
    """What comes in from the shop's own systems by Kafka, and from the other services."""
    (secret, *older), terms = _token_secrets(settings), terms_of(callers.stores)
    orders = OrderHandlers(pool, clock, committed, secret, terms, older_secrets=older)
    return Feeds(
        settings,
        [
            OrderFeed(orders, FulfilmentHandlers(pool, clock, committed, terms), callers),
            InventoryFeed(pool, callers.stores, clock, committed),
            ErasureReports(ErasureHandlers(pool, clock, committed, secret)),
            SentMessages(WatchHandlers(pool, clock, committed)),
            ConsentAnswers(pool, clock, committed, callers.stores, settings.read_opt_ins()),
        ],
    )


def relaying(settings: CartSettings) -> Relay:
    """What publishes; where callers date their changes, under their dates."""
    dsn, recorded, prefix = settings.database_url.get_secret_value(), settings.allow_occurred_at, settings.topic_prefix
    horizon = Horizon(settings.kafka, CART_EVENTS.name, SOURCE, prefix=prefix, recorded=recorded)
    return Relay(dsn, settings.kafka, topic_prefix=prefix, recorded=recorded, horizon=horizon)


async def _close_streams(ending: Ending, subscriptions: Subscriptions) -> None:
    """Their readers come back by themselves, and by then others take them."""
    await ending.closing.wait()
    subscriptions.close()


async def serve_roles(settings: CartSettings, roles: Sequence[str], ending: Ending) -> None:
    """Runs the roles side by side until cancelled."""
    dsn = settings.database_url.get_secret_value()
    size = settings.pool_size if "api" in roles else BEHIND_CONNECTIONS
    pool = await open_pool(dsn, size=size, name=f"cart {newest(MIGRATIONS)}")
    clock = await corrected_clock(pool)
    callers = authenticators(settings, clock)
    registry = callers.stores
    checks: dict[str, Check] = {"postgres": lambda: check_postgres(pool), "ending": ending.check}
    subscriptions = Subscriptions()
    publisher = LivePublisher(pool, subscriptions)
    try:
        refresh, descriptions = await opened_stores(settings, pool, registry, clock, publisher.touch)
        async with asyncio.TaskGroup() as tasks:
            for work in (clock.watch(pool), refresh.run(), publisher.run()):
                tasks.create_task(work)
            if "relay" in roles:
                relay = relaying(settings)
                checks["relay"] = relay.check
                tasks.create_task(relay.run())
                tasks.create_task(housekeeping(settings, registry, pool, clock, publisher.touch).run())
                tasks.create_task(descriptions.run())
            if "feeds" in roles:
                coming_in = feeds(settings, callers, pool, clock, publisher.touch)
                checks["feeds"] = coming_in.check
                tasks.create_task(coming_in.run())
            if "api" in roles:
                key_refresh = KeyCacheRefresh(pool, callers.keys)
                await key_refresh.refresh()
                listener, rate_counter = Listener(dsn, subscriptions, publisher.sender), RateCounter()
                exchange, touched = Exchange(pool, rate_counter, _token_secrets(settings)[0]), publisher.touch
                for work in (key_refresh.run(), callers.providers.run(), listener.run(), exchange.run()):
                    tasks.create_task(work)
                tasks.create_task(_close_streams(ending, subscriptions))
                app = application(settings, pool, clock, touched, subscriptions, callers, rate_counter, ending=ending)
                tasks.create_task(serve_public(app, *settings.places, ending, shared=settings.shares_port))
            else:
                tasks.create_task(serve_health(settings.health_host, settings.health_port, checks, ending))
    finally:
        pool.terminate()


async def migrated(settings: CartSettings, step: Step) -> None:
    """Takes the database a step towards the newest schema."""
    await migrate(settings.database_url.get_secret_value(), MIGRATIONS, step)


if __name__ == "__main__":
    enter("cart", CartSettings, ROLES, migrated, serve_roles, of_worker=CartSettings.of_worker)
