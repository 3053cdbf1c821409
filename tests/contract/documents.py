"""The documents that others build against: the schemas of all events, and the services' OpenAPI documents.

They are checked in, so that a change of one is seen in review. `python -m tests.contract.documents` writes them anew.
"""

import asyncio
import base64
import json
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import SecretStr
from starlette.types import ASGIApp

from libs.contracts.events import EVENTS
from libs.postgres.pool import Pool
from libs.runtime.clock import utc_now
from services.cart.feeds.records import order_record_schema
from services.cart.main import application
from services.cart.settings import CartSettings
from services.console.web import deps as console_deps
from services.console.web.app import application as console_application
from services.notifier.cart_client import CartClient
from services.notifier.channels.email.mailgun_events import MailgunEvents, MailgunEventSettings
from services.notifier.channels.email.postmark_events import PostmarkEvents, PostmarkEventSettings
from services.notifier.channels.email.resend_events import ResendEvents, ResendEventSettings
from services.notifier.channels.email.sendgrid_events import SendGridEvents, SendGridEventSettings
from services.notifier.channels.email.ses_events import SesEvents, SesEventSettings
from services.notifier.channels.ports import CallbackReader
from services.notifier.channels.providers import EventSource
from services.notifier.channels.sms.twilio import TwilioReplies, TwilioSettings
from services.notifier.channels.sms.twilio_events import TwilioEvents
from services.notifier.channels.sms.vonage_events import VonageEvents, VonageEventSettings
from services.notifier.domain.unsubscribe_link import Links
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.web import deps as notifier_deps
from services.notifier.web.app import application as notifier_application
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.web import deps as trigger_deps
from services.trigger.web.app import application as trigger_application
from tests.contract.golden import FOLDER

_STORE = {"name": "Demo", "currency": "EUR", "jwt_key": "k" * 32, "recovery_url": "https://shop.example/{token}"}


def event_schemas() -> dict[str, Any]:
    """JSON Schema of each event's data, by type and version."""
    return {
        f"{kind.type} v{kind.version}": {"topic": kind.topic, "data": kind.model_json_schema()}
        for kind in sorted(EVENTS, key=lambda k: k.type)
    }


def cart_app() -> ASGIApp:
    """The cart service's application, without a database."""
    settings = CartSettings.model_validate(
        {"database_url": "postgresql://nowhere", "stores": {"demo": _STORE}, "token_secret": "s" * 32}
    )
    return application(settings, cast("Pool", None), utc_now, lambda *_: None)


def _events(twilio: TwilioSettings) -> dict[str, EventSource]:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    shown = base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
    secret, topic = SecretStr("c2VjcmV0"), "arn:aws:sns:eu-central-1:123456789012:evercart"
    email: dict[str, CallbackReader] = {
        "ses": SesEvents(SesEventSettings(topic_arn=topic)),
        "resend": ResendEvents(ResendEventSettings(webhook_secret=secret)),
        "postmark": PostmarkEvents(PostmarkEventSettings(webhook_password=secret)),
        "sendgrid": SendGridEvents(SendGridEventSettings(webhook_public_key=shown)),
        "mailgun": MailgunEvents(MailgunEventSettings(webhook_key=secret)),
    }
    sms: dict[str, CallbackReader] = {
        "twilio": TwilioEvents(twilio),
        "vonage": VonageEvents(VonageEventSettings(signature_secret=secret)),
    }
    return {name: EventSource("email", one) for name, one in email.items()} | {
        name: EventSource("sms", two) for name, two in sms.items()
    }


def notifier_app() -> ASGIApp:
    """The notifier's web role, without a database."""
    twilio = TwilioSettings(account_sid="AC" + "0" * 32, auth_token=SecretStr("token"))
    services = notifier_deps.Services(
        cast("Pool", None),
        stores={},
        links=Links("s" * 32, "https://n.demo.example"),
        carts=cast("CartClient", None),
        templates=StoreTemplates(None),
        readers={"twilio": TwilioReplies(twilio)},
        keys={},
        public_url="https://n.demo.example",
        clock=utc_now,
        events=_events(twilio),
    )
    return notifier_application(services, {})


def trigger_app() -> ASGIApp:
    """What every process of the trigger serves, without a database."""
    return trigger_application(
        trigger_deps.Services(cast("Pool", None), {}, utc_now, cast("CampaignRegistry", None)), {}
    )


def console_app() -> ASGIApp:
    """The console's web role, without a database."""
    return console_application(console_deps.Services(cast("Pool", None), {}, utc_now), {})


def cart_openapi() -> dict[str, Any]:
    """What the cart service serves as `/openapi.json`."""
    return _served(cart_app)


def notifier_openapi() -> dict[str, Any]:
    """What the notifier's web role serves as `/openapi.json`."""
    return _served(notifier_app)


def trigger_openapi() -> dict[str, Any]:
    """What every process of the trigger serves as `/openapi.json`."""
    return _served(trigger_app)


def console_openapi() -> dict[str, Any]:
    """What the console's web role serves as `/openapi.json`."""
    return _served(console_app)


def _served(app: Callable[[], ASGIApp]) -> dict[str, Any]:
    """A document of the caller's own."""
    document: dict[str, Any] = json.loads(_bytes(app))
    return document


@cache
def _bytes(app: Callable[[], ASGIApp]) -> bytes:
    """Asked for once in a process: making the cart's takes a second."""
    return asyncio.run(_answer(app()))


async def _answer(app: ASGIApp) -> bytes:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://cart.example") as client:
        return (await client.get("/openapi.json")).raise_for_status().content


DOCUMENTS = {
    "events.schema.json": event_schemas,
    "cart.openapi.json": cart_openapi,
    "notifier.openapi.json": notifier_openapi,
    "trigger.openapi.json": trigger_openapi,
    "console.openapi.json": console_openapi,
    "orders.feed.schema.json": order_record_schema,
}
"""File name → what makes it."""


def checked_in(service: str) -> dict[str, Any]:
    """A service's OpenAPI document as it was reviewed; `test_documents` holds it to what is served. Making one takes
    half a second, and every worker of a test run needs all four before it begins.
    """
    document: dict[str, Any] = json.loads((FOLDER / f"{service}.openapi.json").read_text(encoding="utf-8"))
    return document


def dump(document: object) -> str:
    """As it is checked in."""
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    for name, make in DOCUMENTS.items():
        (FOLDER / name).write_text(dump(make()), encoding="utf-8")
