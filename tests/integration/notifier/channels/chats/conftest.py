"""A store with a Telegram bot and a WhatsApp number, and customers who have agreed to both."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from libs.contracts.events import Handle, ReminderRequested
from services.notifier import main
from tests.integration.notifier.channels.chats.stand_ins import Telegram, WhatsApp
from tests.integration.notifier.conftest import World, low_stock, profile, reminder
from tests.integration.notifier.http_stand_ins import SECRET
from tests.integration.notifier.stand_ins import willing

BOT, CHAT = "nordwind_bot", "4711000815"
NUMBER = "+4915112345678"
WEBHOOK = "webhook-secret-0123456789"
APPROVED = {
    "name": "cart_left",
    "languages": {"en": "en_US"},
    "parameters": ["name", "count"],
    "button": True,
}
YES = {"whatsapp": True, "telegram": True}


class Chats:
    """Both stand-ins, and a store that sends by them."""

    def __init__(self, world: World) -> None:
        self.world, self.telegram, self.whatsapp = world, Telegram(), WhatsApp()
        world.shop["channels"] = {
            "telegram": {"sender": BOT},
            "whatsapp": {"sender": WhatsApp.NUMBER_ID, "templates": {"abandoned_cart_1": APPROVED}},
        }

    async def agrees(self, customer_id: str = "anna", version: int = 1, **known: Any) -> None:
        both = {"telegram": Handle(handle=CHAT, consent=True), "whatsapp": Handle(handle=NUMBER, consent=True)}
        await self.world.receive(profile(customer_id, version, **{"handles": both} | known))

    async def asks(self, channel: str, **known: Any) -> ReminderRequested:
        """A reminder by a channel, true of a cart whose customer wants it there."""
        said = {"channel": channel, "template": "abandoned_cart_1"} | known
        request = reminder(self.world.now, **said)
        self.world.carts.holds(request.cart_id, recipient=willing(reach=YES, consent=YES))
        await self.world.receive(request)
        return request

    async def asks_of_stock(self, channel: str) -> ReminderRequested:
        return await self.asks(**low_stock(channel=channel))

    async def ends(self, request: ReminderRequested) -> tuple[str, str | None]:
        await self.world.deliver()
        return await self.world.ended(request)

    def web(self) -> httpx.AsyncClient:
        world = self.world
        application = main.web(world.settings, world.pool, world.stores, {}, world.clock)
        return httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="https://n.nordwind.example")


@pytest.fixture
async def chats(world: World, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Chats]:
    made = Chats(world)
    settings = {
        "TELEGRAM_BASE_URL": made.telegram.server.url,
        "TELEGRAM_BOT_TOKEN": Telegram.TOKEN,
        "TELEGRAM_BOT_USERNAME": BOT,
        "TELEGRAM_WEBHOOK_SECRET": WEBHOOK,
        "WHATSAPP_BASE_URL": made.whatsapp.server.url,
        "WHATSAPP_ACCESS_TOKEN": SECRET,
        "WHATSAPP_APP_SECRET": SECRET,
        "WHATSAPP_VERIFY_TOKEN": SECRET,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"NOTIFIER_{name}", value)
    yield made
    await made.telegram.stop()
    await made.whatsapp.stop()
