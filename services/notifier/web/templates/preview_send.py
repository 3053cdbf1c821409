"""A test of a message, to an address of whoever runs the store: marked as one, and counted nowhere."""

from dataclasses import replace
from typing import Annotated, Any, Literal

import structlog
from fastapi import APIRouter, Security
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.message_rules import TestAddress
from libs.http.body import body_of, body_within
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.runtime.ids import uuid7
from services.notifier.channels.outcome import Accepted, Outcome, Postponed, Refused, Unclear, Withheld
from services.notifier.channels.providers import ProviderNotConfiguredError, UnknownProviderError
from services.notifier.channels.registry import CHANNELS
from services.notifier.domain.addresses import spelled
from services.notifier.domain.snapshot import CartSnapshot
from services.notifier.domain.store import Store
from services.notifier.rendering.draft import Draft
from services.notifier.rendering.mime import UnusableAddressError
from services.notifier.rendering.samples import Sample
from services.notifier.web.deps import STORE_PATH, Given, Services
from services.notifier.web.messages.hand_over_schemas import Slug, Value, VariableName
from services.notifier.web.schemas import like
from services.notifier.web.templates.preview import contact_of
from services.notifier.web.written import unwritable_told

log = structlog.get_logger(__name__)

BODY_MOST = 32 * 1024
MARK = "[Test] "
TESTED = ("email", "sms")
"""A chat can't be begun with whoever has not written first, or by approved templates alone."""
_EXAMPLE: dict[str, Any] = {
    "to": "mia@shop.example",
    "template": "abandoned_cart_1",
    "channel": "email",
    "language": "fr",
}

router = APIRouter(prefix=STORE_PATH, tags=["preview"])


class AskedTest(BaseModel):
    """Which message is to be tried, in which language, and where it goes: one of the store's `test_addresses`. It has
    the name and the language of a customer where one is named; their address is not used.
    """

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    to: TestAddress
    template: Slug
    channel: str = "email"
    language: str = Field("", max_length=35, pattern=r"^[A-Za-z0-9_-]*$")
    customer_id: str | None = Field(None, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")
    coupon: str | None = Field(None, min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")
    variables: dict[VariableName, Value] = Field(default={}, max_length=20)


class SentTest(BaseModel):
    """What the provider said, and why, where it did not take it."""

    model_config = like({"outcome": "accepted", "reason": None})

    outcome: Literal["accepted", "refused", "postponed", "unclear"]
    reason: str | None


_BODY = body_of(AskedTest.model_json_schema(), _EXAMPLE)


@router.post(
    "/preview/send",
    responses={200: {"model": SentTest, "description": "What the provider said"}},
    openapi_extra=refuses(
        *("malformed-json", "unauthorized", "insufficient-scope", "not-a-test-address", "unknown-store"),
        *(
            "unknown-template",
            "unknown-customer",
            "body-too-large",
            "invalid-request",
            "unusable-template",
            "unavailable",
        ),
        requestBody=_BODY,
    ),
)
async def send_test(
    request: Request, store_id: StoreId, services: Given, caller: Annotated[str, Security(opens("messages:write"))]
) -> Response:
    """Sends a template with sample goods to an address of whoever runs the store. Its subject begins with "[Test]"; no
    cap, figure or event knows of it, and its links lead nowhere.
    """
    asked = AskedTest.model_validate_json(await body_within(request, BODY_MOST))
    store = services.stores.get(store_id)
    if store is None:
        raise Problem(404, "unknown-store", "Nothing was heard of this store yet.")
    _insist_on_operator(asked, store)
    locale = asked.language or store.locale
    called = await contact_of(services, store_id, asked.customer_id, locale, chosen=bool(asked.language))
    email, phone = (asked.to, None) if "@" in asked.to else (None, asked.to)
    contact = replace(called, email=email, phone=phone)
    with unwritable_told():
        templates, at = services.templates.of(store), services.public_url
        sample = Sample(templates, store, contact, at, asked.coupon, variables=asked.variables or None)
        draft = sample.draft(asked.template, asked.channel)
        made = replace(draft.reminder, reminder_id=uuid7(), store_id=store_id)
        outcome = await _send(services, replace(draft, reminder=made, now=services.clock(), mark=MARK))
    log.info("test.sent", store_id=store_id, by=caller, template=asked.template, outcome=type(outcome).__name__)
    return unkept(_told(outcome))


def _insist_on_operator(asked: AskedTest, store: Store) -> None:
    """Raises `Problem` 403 for an address that the store does not name, 422 for what no test goes by."""
    if asked.channel not in TESTED:
        raise Problem(422, "invalid-request", f"Tests go by {' and '.join(TESTED)}.")
    if spelled(asked.to).lower() not in {spelled(one).lower() for one in store.test_addresses}:
        raise Problem(403, "not-a-test-address", "This address is not one of the store's test_addresses.")
    if ("@" in asked.to) != (asked.channel == "email"):
        raise Problem(422, "invalid-request", "The address is of another channel.")
    if store.silent(asked.channel):
        raise Problem(422, "invalid-request", "The store has no sender on this channel.")


async def _send(services: Services, draft: Draft) -> Outcome:
    """Raises `Problem` 503 where no provider is there, and what `compose_letter` raises."""

    async def last_word() -> CartSnapshot:
        return draft.snapshot

    channel, store_id = draft.reminder.channel, draft.reminder.store_id
    try:
        assert services.providers is not None
        provider = services.providers.of(channel, store_id, draft.store)
        return await CHANNELS[channel].compose(draft, provider)(last_word)
    except (UnknownProviderError, ProviderNotConfiguredError):
        raise Problem(503, "unavailable", "The store's provider is not configured in this process.") from None
    except UnusableAddressError:
        raise Problem(422, "invalid-request", "Nothing can be sent to or from such an address.") from None


def _told(outcome: Outcome) -> dict[str, str | None]:
    match outcome:
        case Accepted():
            return {"outcome": "accepted", "reason": None}
        case Refused(reason):
            return {"outcome": "refused", "reason": reason}
        case Postponed(reason):
            return {"outcome": "postponed", "reason": reason}
        case Unclear(reason):
            return {"outcome": "unclear", "reason": reason}
        case Withheld():
            return {"outcome": "postponed", "reason": "withheld"}
