"""What each provider that is spoken to over HTTP is told, and what it answers in each case that all have to pass."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.notifier.channels.ports import FilledTemplate, Limits
from services.notifier.channels.registry import CHANNELS
from services.notifier.domain.envelope import Envelope, Parts
from tests.integration.notifier import http_stand_ins
from tests.integration.notifier.channels.chats import stand_ins as chat_stand_ins
from tests.integration.notifier.http_stand_ins import SECRET, StandIn

CONTENT = b"Message-ID: <00000000-0000-0000-0000-000000000001@nordwind.example>\r\nSubject: x\r\n\r\nx\r\n"
HEADERS = (("List-Unsubscribe", "<https://n.example/u/x>"), ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
PARTS = Parts('Nordwind "Möbel"', "Ihr Warenkorb", "Zwei Becher", "<p>Zwei Becher</p>", HEADERS)
LETTER = Envelope(UUID(int=1), "hello@nordwind.example", "anna@mail.example", CONTENT, PARTS)


@dataclass(frozen=True)
class Spoken:
    """A stand-in, the settings that lead to it, and its answers: status, body and headers."""

    stand_in: type[StandIn]
    settings: Mapping[str, str]
    answers: Mapping[str, tuple[Any, ...]]
    channel: str = "email"


def ses(kind: str, message: str = "x") -> tuple[Any, ...]:
    return {"message": message}, {"x-amzn-ErrorType": f"{kind}:http://internal.amazon.com/coral/"}


def resend(status: int, name: str, message: str = "x") -> tuple[Any, ...]:
    return status, {"statusCode": status, "name": name, "message": message}


def sendgrid(field: str | None) -> dict[str, Any]:
    return {"errors": [{"message": "Does not contain a valid address.", "field": field, "help": None}]}


def vonage(code: int) -> dict[str, Any]:
    return {"type": f"https://developer.vonage.com/api-errors/messages-olympus#{code}", "title": "x", "detail": "x"}


def meta(status: int, code: int) -> tuple[Any, ...]:
    return status, {"error": {"message": f"(#{code}) x", "type": "OAuthException", "code": code}}


def telegram(status: int, description: str) -> tuple[Any, ...]:
    return status, {"ok": False, "error_code": status, "description": description}


HTTP = {
    "ses": Spoken(
        http_stand_ins.Ses,
        {"region": "eu-central-1", "access_key_id": http_stand_ins.Ses.KEY_ID, "secret_access_key": SECRET},
        {
            "refused": (400, *ses("MessageRejected", "Email contains a virus")),
            "later": (429, *ses("TooManyRequestsException")),
            "unclear": (500, *ses("InternalFailure")),
            "ours": (400, *ses("MessageRejected", "Email address is not verified.")),
            "down": (503, *ses("ServiceUnavailable")),
        },
    ),
    "resend": Spoken(
        http_stand_ins.Resend,
        {"api_key": SECRET},
        {
            "refused": resend(422, "validation_error", "Invalid `to` field."),
            "later": (*resend(429, "rate_limit_exceeded"), {"Retry-After": "7"}),
            "unclear": resend(409, "invalid_idempotent_request"),
            "ours": resend(403, "invalid_api_key"),
            "down": resend(503, "service_unavailable"),
        },
    ),
    "postmark": Spoken(
        http_stand_ins.Postmark,
        {"server_token": SECRET},
        {
            "refused": (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'x'."}),
            "later": (429, {"ErrorCode": 429, "Message": "Rate limit exceeded"}, {"Retry-After": "7"}),
            "unclear": (500, {"ErrorCode": 500, "Message": "x"}),
            "closed": (422, {"ErrorCode": 406, "Message": "You tried to send to recipients marked as inactive."}),
            "ours": (422, {"ErrorCode": 400, "Message": "The 'From' address is no Sender Signature."}),
            "down": (503, None),
        },
    ),
    "sendgrid": Spoken(
        http_stand_ins.SendGrid,
        {"api_key": SECRET},
        {
            "refused": (400, sendgrid("personalizations.0.to.0.email")),
            "later": (429, sendgrid(None), {"Retry-After": "7"}),
            "unclear": (502, None),
            "ours": (400, sendgrid("from.email")),
            "down": (503, None),
        },
    ),
    "mailgun": Spoken(
        http_stand_ins.Mailgun,
        {"api_key": SECRET, "domain": http_stand_ins.Mailgun.DOMAIN},
        {
            "refused": (400, {"message": "to parameter is not a valid address. please check documentation"}),
            "later": (429, {"message": "Too many requests"}, {"Retry-After": "7"}),
            "unclear": (500, {"message": "Internal Server Error"}),
            "ours": (400, {"message": "from parameter is not a valid address. please check documentation"}),
            "down": (503, None),
        },
    ),
    "vonage": Spoken(
        http_stand_ins.Vonage,
        {"api_key": http_stand_ins.Vonage.ACCOUNT, "api_secret": SECRET},
        {
            "refused": (422, vonage(1040)),
            "later": (429, vonage(1000), {"Retry-After": "7"}),
            "unclear": (500, vonage(1030)),
            "closed": (422, vonage(1050)),
            "ours": (422, vonage(1120)),
            "down": (503, None),
        },
        channel="sms",
    ),
    "whatsapp": Spoken(
        chat_stand_ins.WhatsApp,
        {"access_token": SECRET},
        {
            "refused": meta(400, 132012),
            "later": meta(400, 131056),
            "unclear": meta(500, 131000),
            "closed": meta(400, 131026),
            "ours": meta(404, 132001),
            "down": meta(503, 131016),
        },
        channel="whatsapp",
    ),
    "telegram": Spoken(
        chat_stand_ins.Telegram,
        {"bot_token": chat_stand_ins.Telegram.TOKEN, "bot_username": "nordwind_bot"},
        {
            "refused": telegram(400, "Bad Request: message is too long"),
            "later": (429, {"ok": False, "error_code": 429, "parameters": {"retry_after": 7}}),
            "unclear": telegram(500, "Internal Server Error"),
            "closed": telegram(403, "Forbidden: bot was blocked by the user"),
            "ours": telegram(401, "Unauthorized"),
            "down": (503, None),
        },
        channel="telegram",
    ),
}
TEXT = "2 items are still in your cart"
FILLED = FilledTemplate("cart_left", "en_US", (("name", "Anna"), ("count", TEXT)), button="Zm9vYmFyYmF")
TALKS: Mapping[str, tuple[str, str, Any]] = {
    "sms": ("+15005550006", "+4915112345678", TEXT),
    "whatsapp": (chat_stand_ins.WhatsApp.NUMBER_ID, "+4915112345678", FILLED),
    "telegram": ("nordwind_bot", "4915112345678", TEXT),
}
"""From whom to whom a message of a channel goes that is no letter, and what it says."""


def at(name: str, url: str, **changed: str) -> Any:
    """The provider as the registry builds it, at a URL."""
    spoken = HTTP[name]
    provider = CHANNELS[spoken.channel].providers[name]
    settings = provider.settings.model_validate({"base_url": url, **spoken.settings, **changed})
    return provider.build(settings, Limits())
