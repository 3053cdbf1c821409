"""Opens the web role: its application, the connections to the other services, and what the pages need."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from pydantic import SecretStr

from libs.http.health import Check
from libs.http.serve import Application
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from libs.runtime.ending import Ending
from services.console.auth.cookies import Cookies
from services.console.auth.oidc import OidcClient
from services.console.auth.passwords import Passwords
from services.console.clients.dead_letters import KafkaLetters, Letters
from services.console.clients.services import OtherServices, Place, other_services
from services.console.handlers.actions import Actions
from services.console.handlers.figures import Figures as Counted
from services.console.handlers.log_in import LogIn
from services.console.handlers.message_prices import MessagePrices
from services.console.handlers.people import People
from services.console.handlers.stock import Stock
from services.console.handlers.template_drafts import TemplateDrafts
from services.console.settings import ConsoleSettings
from services.console.web.app import application
from services.console.web.deps import Services
from services.console.web.house import House
from services.console.web.shown_figures import Figures


@asynccontextmanager
async def web(
    settings: ConsoleSettings, pool: Pool, checks: Mapping[str, Check], clock: Clock, ending: Ending
) -> AsyncIterator[Application]:
    """The web role's application, with connections to the other services until the block ends."""
    async with others_of(settings) as others:
        house = open_house(settings, pool, clock, others, ending.begun.is_set)
        yield application(Services(pool, settings.keys, clock), checks, house)


def others_of(settings: ConsoleSettings) -> AbstractAsyncContextManager[OtherServices]:
    """The other services, where the settings say that they are."""
    return other_services(
        cart=Place(settings.cart_url, settings.cart_keys),
        trigger=Place(settings.trigger_url, settings.trigger_keys),
        notifier=Place(settings.notifier_url, settings.notifier_keys),
        processes=settings.process_urls,
    )


def open_house(
    settings: ConsoleSettings,
    pool: Pool,
    clock: Clock,
    others: OtherServices,
    ends: Callable[[], bool],
    *,
    figures: Figures | None = None,
    passwords: Passwords | None = None,
    letters: Letters | None = None,
) -> House:
    """What the pages need."""
    passwords = passwords or Passwords()
    letters = letters or KafkaLetters(settings.kafka, settings.topic_prefix)
    log_in = LogIn(pool, clock, passwords, settings.lasting)
    return House(
        pool=pool,
        clock=clock,
        cookies=Cookies(secure=settings.mode == "production"),
        log_in=log_in,
        people=People(pool, clock, passwords, log_in, _told(settings.first_link)),
        actions=Actions(pool, others.cart, others.trigger, others.notifier, letters),
        cart=others.cart,
        trigger=others.trigger,
        notifier=others.notifier,
        figures=figures or Counted(pool, clock),
        stock=Stock(pool, clock),
        letters=letters,
        prices=MessagePrices(pool),
        drafts=TemplateDrafts(pool, others.notifier, clock),
        processes=others.processes,
        provider=_provider(settings),
        proxies=settings.trusted_proxies,
        ends=ends,
    )


def _provider(settings: ConsoleSettings) -> OidcClient | None:
    if not settings.oidc_issuer:
        return None
    back = f"{settings.public_url.rstrip('/')}/log-in/provider/return"
    return OidcClient(settings.oidc_issuer, settings.oidc_client_id, _told(settings.oidc_client_secret), back)


def _told(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""
