"""A notifier on a real database, between stand-ins that are real servers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from libs.contracts.events import (
    Event,
    MessageClicked,
    MessageFailed,
    MessageOpened,
    ProfileErased,
    ProfileSet,
    ReminderRequested,
    StoreDescribed,
    StoreMessages,
)
from libs.inbox.consumer import Received
from libs.outbox.waker import Waker
from libs.postgres.pool import Pool, open_pool
from libs.runtime.clock import utc_now
from libs.runtime.ids import uuid7
from services.notifier import main
from services.notifier.cart_client import CartClient
from services.notifier.channels import asking
from services.notifier.channels.providers import Providers
from services.notifier.consumer import Consumer
from services.notifier.db import deliveries, profiles_read
from services.notifier.db.sending import Ending
from services.notifier.domain.reminder import Reminder, State
from services.notifier.domain.store import Store
from services.notifier.domain.unsubscribe_link import Unsubscription
from services.notifier.handlers.compose import Composer
from services.notifier.handlers.delivery import Delivery
from services.notifier.jobs.clicks import ClicksJob
from services.notifier.main import MIGRATIONS, links, providers, short_links
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.settings import NotifierSettings
from services.notifier.stores import StoreRegistry
from tests.integration.notifier.scripted import Scripted
from tests.integration.notifier.stand_ins import KEY, SERVERS_KEY, STORE, CartService, Relay, Twilio
from tests.integration.playground.conftest import ACCOUNT, TOKEN
from tests.support.settings import settings_of

LEASE = timedelta(seconds=30)


@dataclass
class World:
    """Everything that a story needs: the neighbours, the database, and ways to make things happen."""

    dsn: str
    pool: Pool
    carts: CartService
    twilio: Twilio
    relay: Relay
    shop: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    now: datetime = field(default_factory=utc_now)
    registry: StoreRegistry | None = None
    _stores: dict[str, Store] = field(default_factory=dict)
    _providers: Providers | None = None
    _cart_client: CartClient | None = None
    _offset: int = 0

    @property
    def settings(self) -> NotifierSettings:
        return settings_of(
            NotifierSettings,
            mode="local",
            database_url=self.dsn,
            cart_url=self.carts.server.url,
            public_url="https://n.nordwind.example",
            link_secret="s" * 32,
            **{
                "cart_key": KEY,
                "keys": {STORE: SERVERS_KEY},
                "contact_grace_seconds": 0,
                "lease_seconds": LEASE.total_seconds(),
                **self.extra,
            },
        )

    @property
    def stores(self) -> Mapping[str, Store]:
        """The stores as the cart service has described them, or what the process has heard of them."""
        if self.registry is not None:
            return self.registry
        said = described(**self.shop).model_dump(exclude_none=True)
        self._stores[STORE] = Store.described(said, self.settings.rules)
        return self._stores

    def clock(self) -> datetime:
        return self.now

    async def receive(self, *events: Event) -> None:
        """Hands events to the consumer as one batch."""
        batch = []
        for event in events:
            self._offset += 1
            batch.append(Received(event, event.topic, 0, self._offset, utc_now()))
        await Consumer(self.pool, Waker(self.pool), self.clock).handle(batch)

    async def knows(self, customer_id: str = "anna", **known: Any) -> None:
        await self.receive(profile(customer_id, **known))

    async def asks(self, **known: Any) -> ReminderRequested:
        """A reminder request, and a cart that it is true of."""
        request = reminder(self.now, **known)
        self.carts.holds(request.cart_id, customer_id=request.customer_id)
        await self.receive(request)
        return request

    def delivery(self, at: Callable[..., None] = lambda *_: None, lease: timedelta = LEASE) -> Delivery:
        settings = self.settings
        self._providers = self._providers or providers(settings)
        if self._cart_client is None:
            self._cart_client = CartClient(settings.cart_url, settings.cart_key, settings.cart_timeout_s)
        templates, laws = StoreTemplates(settings.templates_dir), settings.read_laws()
        return Delivery(
            self.pool,
            self._cart_client,
            Composer(self.stores, templates, self._providers, short_links(settings), utc_now, laws),
            self.stores,
            Waker(self.pool),
            self.clock,
            lease=lease,
            contact_grace=settings.contact_grace,
            laws=laws,
            shops=main.shops(settings),
            at=at,
        )

    async def deliver(self, at: Callable[..., None] = lambda *_: None) -> int:
        """Takes up everything that is due, one after the other; returns how many."""
        delivery = self.delivery(at)
        async with self.pool.acquire() as connection:
            claimed = await deliveries.claim(connection, 100, uuid4(), LEASE)
        for one in claimed:
            await delivery.deliver(one)
        return len(claimed)

    async def has_read(self, until: datetime | None = None) -> None:
        """The profiles have been read up to a moment, or for good."""
        async with self.pool.acquire() as connection:
            await profiles_read.note(
                connection, range(profiles_read.PARTITIONS), until or datetime.max.replace(tzinfo=UTC)
            )

    async def passes(self, time: timedelta = timedelta(hours=1)) -> None:
        """Time goes by: for the clock, for what waits, and for leases."""
        self.now += time
        await self.pool.execute("UPDATE deliveries SET next_at = next_at - $1::interval", time)

    async def row(self, request: ReminderRequested) -> asyncpg.Record:
        found = await self.pool.fetchrow("SELECT * FROM deliveries WHERE reminder_id = $1", request.reminder_id)
        assert found is not None
        return found

    async def ended(self, request: ReminderRequested) -> tuple[str, str | None]:
        row = await self.row(request)
        return row["state"], row["reason"]

    async def texted(self) -> bool:
        """Whether a text still goes to the customer; if not, for their number is closed."""
        request = await self.asks(**low_stock())
        await self.deliver()
        state, reason = await self.ended(request)
        assert (state, reason) in {("sent", None), ("cancelled", "suppressed")}
        return state == "sent"

    async def told(self) -> list[str]:
        """The types of the events that wait in the outbox, in their order."""
        rows = await self.pool.fetch(
            "SELECT headers::json ->> 'ce_type' AS type FROM outbox WHERE topic NOT LIKE '%.dlq' "
            "AND topic <> 'customer.reach' ORDER BY id"
        )
        return [row["type"] for row in rows]

    async def restart(self) -> None:
        """The process starts anew and reads its settings and templates again."""
        await self.close()
        self._providers = self._cart_client = None

    async def close(self) -> None:
        if self._providers:
            await self._providers.close()
        if self._cart_client:
            await self._cart_client.__aexit__(None, None, None)


async def carried(world: World) -> list[tuple[str, str | None]]:
    """What was told of messages, each with the provider that it names."""
    rows = await world.pool.fetch(
        "SELECT headers::json ->> 'ce_type', convert_from(value, 'UTF8')::json ->> 'provider' FROM outbox "
        "WHERE topic = 'message.events' ORDER BY id"
    )
    return [(row[0], row[1]) for row in rows]


async def clicks_told(world: World) -> list[MessageClicked]:
    """What is told of clicks and waits in the outbox, in its order, once none is held back any more."""
    await world.pool.execute("UPDATE link_visits SET visited_at = visited_at - interval '5 min'")
    await ClicksJob(world.pool, Waker(world.pool), world.clock).round()
    rows = await world.pool.fetch(
        "SELECT value FROM outbox WHERE headers::json ->> 'ce_type' = 'message.clicked' ORDER BY id"
    )
    return [MessageClicked.model_validate_json(row["value"]) for row in rows]


async def opens_told(world: World) -> list[MessageOpened]:
    """What is told of opens and waits in the outbox, in its order."""
    rows = await world.pool.fetch(
        "SELECT value FROM outbox WHERE headers::json ->> 'ce_type' = 'message.opened' ORDER BY id"
    )
    return [MessageOpened.model_validate_json(row["value"]) for row in rows]


def profile(customer_id: str = "anna", version: int = 1, **known: Any) -> ProfileSet:
    values: dict[str, Any] = {
        "email": f"{customer_id}@mail.example",
        "phone": "+4915112345678",
        "name": customer_id.title(),
        "locale": "en",
        "email_consent": True,
        "sms_consent": True,
    }
    return ProfileSet(
        event_id=uuid7(),
        occurred_at=utc_now(),
        store_id=STORE,
        customer_id=customer_id,
        profile_version=version,
        **(values | known),
    )


def described(version: int = 1, **messages: Any) -> StoreDescribed:
    """The store as the cart service tells of it."""
    senders = {"email_from": "hello@nordwind.example", "sms_from": "+15005550006"}
    return StoreDescribed(
        event_id=uuid7(),
        occurred_at=utc_now(),
        store_id=STORE,
        store_version=version,
        name="Nordwind",
        messages=StoreMessages(**(senders | messages)),
    )


def erased(customer_id: str = "anna") -> ProfileErased:
    return ProfileErased(event_id=uuid7(), occurred_at=utc_now(), store_id=STORE, customer_id=customer_id)


def reminder(now: datetime, **known: Any) -> ReminderRequested:
    values: dict[str, Any] = {
        "reminder_id": uuid4(),
        "store_id": STORE,
        "customer_id": "anna",
        "campaign": "abandoned_cart",
        "kind": "abandoned_cart",
        "step": 1,
        "channel": "email",
        "template": "abandoned_cart",
        "cart_id": uuid7(),
        "cart_version": 3,
        "due_at": now,
        "expires_at": now + timedelta(hours=6),
    }
    return ReminderRequested(event_id=uuid7(), occurred_at=now, **(values | known))


def ending(r: Reminder, state: State, reason: str | None, provider_id: str | None = None) -> Ending:
    """A final state of a claimed reminder, and an event that tells of it."""
    says = {name: getattr(r, name) for name in ("reminder_id", "store_id", "customer_id", "campaign", "kind", "step")}
    event = MessageFailed(event_id=uuid7(), occurred_at=utc_now(), channel=r.channel, cart_id=r.cart_id, **says)
    return Ending(r, state, reason, provider_id, event)


def low_stock(**known: Any) -> dict[str, Any]:
    return {
        "campaign": "low_stock",
        "kind": "low_stock",
        "channel": "sms",
        "template": "low_stock",
        "sku": "mug",
        "threshold": 5,
        **known,
    }


def of_providers(twilio: Twilio, relay: Relay) -> dict[str, str]:
    """The settings of the providers, as their modules read them from the environment."""
    return {
        "NOTIFIER_SMTP_HOST": "127.0.0.1",
        "NOTIFIER_SMTP_PORT": str(relay.port),
        "NOTIFIER_SMTP_STARTTLS": "false",
        "NOTIFIER_TWILIO_BASE_URL": twilio.server.url,
        "NOTIFIER_TWILIO_ACCOUNT_SID": ACCOUNT,
        "NOTIFIER_TWILIO_AUTH_TOKEN": TOKEN,
    }


@pytest.fixture
async def world(make_database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[World]:
    dsn = make_database(MIGRATIONS)
    pool = await open_pool(dsn, size=6)
    carts, twilio, relay = CartService(), Twilio(tmp_path / "twilio"), Relay()
    await relay.start()
    for name, value in of_providers(twilio, relay).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(asking, "PAUSES_S", (0, 0))
    world = World(dsn, pool, carts, twilio, relay)
    await world.has_read()
    yield world
    await world.close()
    await asyncio.gather(carts.server.stop(), twilio.stop(), relay.stop())
    await pool.close()


@pytest.fixture
async def web(world: World) -> AsyncIterator[httpx.AsyncClient]:
    application = main.web(world.settings, world.pool, world.stores, {}, utc_now)
    transport = httpx.ASGITransport(application)
    async with httpx.AsyncClient(transport=transport, base_url="https://n.nordwind.example") as client:
        yield client


def unsubscribe_token(world: World, request: ReminderRequested) -> str:
    return links(world.settings).token(Unsubscription(request.store_id, request.customer_id, request.channel))


@pytest.fixture
async def scripted() -> AsyncIterator[Callable[..., Awaitable[Scripted]]]:
    """Starts relays that say what they are told to."""
    made = []

    async def make(**says: bytes | None) -> Scripted:
        relay = Scripted(**says)
        await relay.start()
        made.append(relay)
        return relay

    yield make
    for relay in made:
        await relay.stop()
