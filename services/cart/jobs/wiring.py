"""The jobs, as the settings of a process want them."""

from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from services.cart.handlers.erasure import ErasureHandlers
from services.cart.handlers.guest_contacts import GuestContactHandlers
from services.cart.handlers.views import ViewHandlers
from services.cart.handlers.watches import WatchHandlers
from services.cart.jobs.expire_carts import CartExpiry
from services.cart.jobs.housekeeping import Housekeeping
from services.cart.jobs.retention import RetentionJob
from services.cart.jobs.row_checks import RowChecks
from services.cart.live.publisher import Committed
from services.cart.settings import CartSettings
from services.cart.stores.registry import StoreRegistry


def cart_expiry(settings: CartSettings, registry: StoreRegistry, pool: Pool, clock: Clock) -> CartExpiry | None:
    """What closes forgotten carts; None where callers date their changes, because ages mean nothing then."""
    if settings.allow_occurred_at:
        return None
    return CartExpiry(pool, clock, registry.lifetimes)


def retention(settings: CartSettings, registry: StoreRegistry, pool: Pool, clock: Clock) -> RetentionJob | None:
    """What removes what is over; None where callers date their changes."""
    return None if settings.allow_occurred_at else RetentionJob(pool, clock, registry.retentions)


def housekeeping(
    settings: CartSettings, registry: StoreRegistry, pool: Pool, clock: Clock, committed: Committed
) -> Housekeeping:
    """What the relay's process does beside relaying."""
    secret = settings.token_secret[0].get_secret_value().encode()
    return Housekeeping(
        pool,
        cart_expiry=cart_expiry(settings, registry, pool, clock),
        erasures=ErasureHandlers(pool, clock, committed, secret),
        retention=retention(settings, registry, pool, clock),
        guests=GuestContactHandlers(pool, clock, committed),
        watches=WatchHandlers(pool, clock, committed),
        views=ViewHandlers(pool, clock, committed, off=registry.without_views),
        row_checks=RowChecks(pool, clock),
        clock=clock,
    )
