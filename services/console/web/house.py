"""What the pages need: the console as they see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from starlette.requests import Request

from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Pool
from libs.runtime.clock import Clock
from services.console.auth.cookies import Cookies
from services.console.auth.oidc import OidcClient
from services.console.clients.cart import Cart
from services.console.clients.dead_letters import Letters
from services.console.clients.notifier import Notifier
from services.console.clients.service import ServiceClient
from services.console.clients.trigger import Trigger
from services.console.db.faults import Standing, in_force
from services.console.db.shown_stores import StoreShown, shown_stores
from services.console.domain.attempts import calling
from services.console.handlers.actions import Actions
from services.console.handlers.log_in import LogIn
from services.console.handlers.message_prices import MessagePrices
from services.console.handlers.people import People
from services.console.handlers.stock import Stock
from services.console.handlers.template_drafts import TemplateDrafts
from services.console.web.shown_figures import Figures


@dataclass(frozen=True, slots=True)
class House:
    """The services of the pages. `processes` are asked how they are, by name; `provider` is where people log in
    who have no password here, if there is one; callers behind `proxies` are whom those say.
    `ends` says whether the process is about to end, so that streams do not hold it up.
    """

    pool: Pool
    clock: Clock
    cookies: Cookies
    log_in: LogIn
    people: People
    actions: Actions
    cart: Cart
    trigger: Trigger
    notifier: Notifier
    figures: Figures
    stock: Stock
    letters: Letters
    drafts: TemplateDrafts
    prices: MessagePrices
    processes: Mapping[str, ServiceClient]
    provider: OidcClient | None = None
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    ends: Callable[[], bool] = bool

    def calling(self, request: Request) -> str:
        """The address from which somebody calls; empty where nobody knows."""
        peer = request.client.host if request.client else ""
        return calling(peer, ",".join(request.headers.getlist("x-forwarded-for")), self.proxies)

    async def faults(self, store_id: str) -> list[Standing]:
        """What is wrong for a store now, or for all."""
        async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await in_force(connection, store_id)

    async def stores(self) -> list[StoreShown]:
        """The stores that were told of, by name."""
        async with self.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
            return await shown_stores(connection)
