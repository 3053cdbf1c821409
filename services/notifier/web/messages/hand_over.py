"""A shop's server hands over one message: it goes the way of every other, and what it came to is read by its id."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Header, Path, Security
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from libs.http.body import body_of, body_within
from libs.http.deps import StoreId, opens
from libs.http.documented import refuses
from libs.http.problems import Problem
from libs.http.unkept import unkept
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.cart_client import CartUnavailableError
from services.notifier.db import answers, contacts, deliveries, hand_over
from services.notifier.db.hand_over import HandedOver
from services.notifier.domain.hand_over import Asked, fingerprint, kind_for, message_id_of
from services.notifier.domain.kinds.shop_message import LINK
from services.notifier.domain.store import Store
from services.notifier.rendering.samples import Sample, kind_shipped
from services.notifier.web.deps import STORE_PATH, Given, Services, authorize
from services.notifier.web.messages.hand_over_schemas import EXAMPLE, HandedOverMessage, NewMessage
from services.notifier.web.messages.laws import laws_of
from services.notifier.web.written import try_out, unwritable_told

BODY_MOST = 32 * 1024
LASTS = timedelta(hours=24)
LASTS_AT_MOST = timedelta(days=7)
MessageId = Annotated[UUID, Path(description="The message.", examples=["5f0c2b5e-7f0b-5c1d-9a50-000000c0ffee"])]
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="Names the request: again, it makes no second message.",
        min_length=1,
        max_length=255,
        pattern=r"^[!-~]+$",
        examples=["order-1001-thanks"],
    ),
]

router = APIRouter(prefix=STORE_PATH, tags=["messages"])


_BODY = body_of(NewMessage.model_json_schema(ref_template="#/components/schemas/{model}"), EXAMPLE)

_TAKEN: dict[int | str, dict[str, Any]] = {
    202: {
        "model": HandedOverMessage,
        "description": "It goes out, or waits; again, it is the same one",
        "headers": {
            "Location": {"description": "Where it is read.", "schema": {"type": "string"}},
            "Idempotency-Replayed": {
                "description": "`true` where the key had named it before.",
                "schema": {"type": "string"},
            },
        },
    }
}


@router.post(
    "/messages",
    status_code=202,
    responses=_TAKEN,
    openapi_extra=refuses(
        *("malformed-json", "unauthorized", "insufficient-scope", "body-too-large", "invalid-request", "unknown-store"),
        *("unknown-customer", "unknown-template", "unusable-template", "idempotency-key-reused", "unavailable"),
        requestBody=_BODY,
    ),
)
async def hand_over_message(
    request: Request,
    store_id: StoreId,
    services: Given,
    key: Key,
    caller: Annotated[str, Security(opens("messages:write"))],
) -> Response:
    """Sends one message of any template to one customer, by the same policy as every other: consent to its purpose,
    suppressions, pauses, caps, quiet hours and laws. Its words are tried at once with the variables that are given.
    """
    asked = NewMessage.model_validate_json(await body_within(request, BODY_MOST))
    same = fingerprint(asked.model_dump(mode="json"))
    message_id = message_id_of(store_id, key)
    if await _is_known(services, store_id, message_id, same):
        return await _answer(services, store_id, message_id, replayed=True)
    message = await _message(services, store_id, asked, {"reminder_id": message_id, "asked": same, "by": caller})
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        _insist(await hand_over.add(connection, message), same)
        await deliveries.wake(connection)
    return await _answer(services, store_id, message_id)


@router.head("/messages/{message_id}", include_in_schema=False, dependencies=[Security(authorize)])
@router.get(
    "/messages/{message_id}",
    dependencies=[Security(authorize)],
    responses={200: {"model": HandedOverMessage, "description": "What became of it"}},
    openapi_extra=refuses("unauthorized", "unknown-message", "invalid-request", "unavailable"),
)
async def read_message(store_id: StoreId, message_id: MessageId, services: Given) -> Response:
    """One message with its state and reason, and what was heard of it: of a reminder, too."""
    return unkept(await _told(services, store_id, message_id))


async def _message(services: Services, store_id: str, asked: NewMessage, head: Mapping[str, Any]) -> HandedOver:
    """What is to be sent. Raises `Problem` 404, 422, 503 for what can't be."""
    store = services.stores.get(store_id)
    if store is None:
        raise Problem(404, "unknown-store", "Nothing was heard of this store yet.")
    kind, now = _kind(asked, store), services.clock()
    until = asked.expires_at or now + LASTS
    if not now < until <= now + LASTS_AT_MOST:
        raise Problem(422, "invalid-request", "The expires_at is within a week from now.")
    variables = {**asked.variables, **({LINK: asked.link} if asked.link else {})}
    await _try_out(services, store_id, store, asked, variables, kind)
    said = {
        "customer_id",
        "campaign",
        "channels",
        "template",
        "cart_id",
        "order_id",
        "sku",
        "price",
        "viewed",
        "coupon",
    }
    return HandedOver(
        **head,
        **asked.model_dump(include=said),
        store_id=store_id,
        kind=kind,
        due_at=now,
        expires_at=until,
        variables=variables,
        cart_version=await _cart_version(services, store_id, asked.cart_id),
    )


async def _try_out(
    services: Services, store_id: str, store: Store, asked: NewMessage, variables: Mapping[str, str], kind: str
) -> None:
    """Writes it for whom it is to be, with sample goods, by each channel. Raises `Problem` 404, 422."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        contact = await contacts.read(connection, store_id, asked.customer_id)
    if contact is None:
        raise Problem(404, "unknown-customer", "Nothing is known of this customer.")
    with unwritable_told():
        templates = services.templates.of(store)
    sample = Sample(templates, store, contact, services.public_url, asked.coupon, variables=variables, kind=kind)
    for channel in asked.channels:
        try_out(sample, asked.template, channel, asked.variables)


def _kind(asked: NewMessage, store: Store) -> str:
    if asked.link is not None and store.link(asked.link) is None:
        raise Problem(422, "invalid-request", "The link does not lead to the store.")
    with unwritable_told():
        return kind_for(Asked(asked.template, asked.purpose, asked.given), kind_shipped(asked.template))


async def _cart_version(services: Services, store_id: str, cart_id: UUID | None) -> int | None:
    """Of the cart as it is now. Raises `Problem` 422 where there is no such cart, 503."""
    if cart_id is None:
        return None
    try:
        found = await services.carts.look(store_id, cart_id)
    except CartUnavailableError:
        raise Problem(503, "unavailable", "The cart can't be asked for at the moment.") from None
    if found is None:
        raise Problem(422, "invalid-request", "The store has no such cart.")
    return found.cart.version


async def _is_known(services: Services, store_id: str, message_id: UUID, same: str) -> bool:
    """Whether the key has named this message before. Raises `Problem` 422 where it was another."""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        before = await hand_over.asked(connection, store_id, message_id)
    if before is not None:
        _insist(before, same)
    return before is not None


def _insist(before: str | None, same: str) -> None:
    if before != same:
        raise Problem(422, "idempotency-key-reused", "This Idempotency-Key has named another message.")


async def _answer(services: Services, store_id: str, message_id: UUID, *, replayed: bool = False) -> Response:
    told = await _told(services, store_id, message_id)
    head = {"Cache-Control": "no-store", "Location": f"/v1/stores/{store_id}/messages/{message_id}"}
    head |= {"Idempotency-Replayed": "true"} if replayed else {}
    return Response(to_json(told), 202, head, "application/json")


async def _told(services: Services, store_id: str, message_id: UUID) -> dict[str, Any]:
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await hand_over.one(connection, store_id, message_id)
        heard = await answers.of(connection, [message_id])
        laws = await laws_of(connection, services.laws, store_id, [found] if found else [])
    if found is None:
        raise Problem(404, "unknown-message", "The store has no such message, or it is kept no longer.")
    return found | {"answers": heard.get(message_id, []), "laws": laws.get(message_id)}
