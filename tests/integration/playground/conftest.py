import asyncio
import base64
import contextlib
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest
import pytest_asyncio

from deploy.playground.server import Listeners, create_server
from deploy.playground.settings import Settings
from tests.integration.playground.fake_cart import FakeCart
from tests.integration.playground.scenes import Scene
from tests.support.browser import close_devices
from tests.support.serving import free_port, serving

ACCOUNT, TOKEN = "AC" + "0" * 32, "twilio-token"


@dataclass
class Running:
    """A playground in this process, and what a client needs to speak with it."""

    settings: Settings
    smtp_port: int
    http: httpx.AsyncClient
    connections: list[aiosmtplib.SMTP] = field(default_factory=list)

    async def send(self, message: EmailMessage | bytes, to: str = "ana@example.com"):
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=self.smtp_port) as client:
            content = message if isinstance(message, bytes) else message.as_bytes()
            return await client.sendmail("shop@example.com", [to], content)

    async def text(self, **fields):
        form = {"To": "+12015550123", "From": "+12015550100", "Body": "hello"} | fields
        return await self.http.post(
            f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json",
            data={name: value for name, value in form.items() if value is not None},
            headers={"Authorization": "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()},
        )

    async def messages(self, **query):
        return (await self.http.get("/api/messages", params=query)).json()["messages"]

    async def fault(self, **request):
        assert (await self.http.post("/api/faults", json=request)).status_code == 201


def an_email(subject="Your cart", message_id="<1@shop>", html=None, text="It waits."):
    message = EmailMessage()
    message["From"] = "Shop <shop@example.com>"
    message["Subject"] = subject
    message["Message-ID"] = message_id
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def settings_for(state: Path, **overrides) -> Settings:
    """Settings with free ports."""
    values = {
        "HOST": "127.0.0.1",
        "PORT": "0",
        "SMTP_PORT": "0",
        "CART_URL": "http://127.0.0.1:9",
        "STORE_JWT_KEY": "a key for the tokens of the store's customers",
        "STORE_SECRET_KEY": "sk_test",
        "STATE_DIR": str(state),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
    }
    values |= {name.upper(): str(value) for name, value in overrides.items()}
    return Settings.from_environment({f"PLAYGROUND_{name}": value for name, value in values.items()})


@contextlib.asynccontextmanager
async def running(settings: Settings):
    """Runs a playground until the block ends."""
    listeners = Listeners.bind(settings)
    server = create_server(settings, listeners)
    serving = asyncio.create_task(server.serve(sockets=[listeners.http]))
    base = f"http://127.0.0.1:{listeners.http.getsockname()[1]}"
    smtp_port = listeners.smtp.getsockname()[1]
    try:
        async with httpx.AsyncClient(base_url=base, timeout=30) as client:
            # The socket listens already: the first answer comes as soon as the server has started.
            assert (await client.get("/health/ready")).status_code == 200
            yield Running(settings, smtp_port, client)
    finally:
        server.should_exit = True
        await serving


@pytest.fixture
async def playground(tmp_path):
    """A playground with an empty mailbox."""
    async with running(settings_for(tmp_path)) as started:
        yield started


@pytest.fixture
def free_ports() -> tuple[int, int]:
    """Two ports that nobody listened on just now."""
    return free_port(), free_port()


@pytest_asyncio.fixture(loop_scope="module")
async def scene(browser, tmp_path):
    fake = FakeCart()
    complaints: list[str] = []
    async with serving(fake.app()) as cart_url, running(settings_for(tmp_path, cart_url=cart_url)) as shop:
        yield Scene(shop, fake, browser, complaints)
        await close_devices(browser)
    assert complaints == []
