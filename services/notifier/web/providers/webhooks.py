"""What providers of texts and chats tell us: messages that customers send back."""

from collections.abc import Mapping

import structlog
from fastapi import APIRouter, Security
from fastapi.security import APIKeyHeader
from starlette.requests import Request
from starlette.responses import Response

from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.http.problems import Problem
from libs.http.refused_log_ins import note_refused
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.cart_client import CartUnavailableError
from services.notifier.channels.ports import (
    Callback,
    ForgedCallbackError,
    Reply,
    ReplyReader,
    UnreadableCallbackError,
)
from services.notifier.channels.providers import account_replies
from services.notifier.db import contacts
from services.notifier.domain.store import Store
from services.notifier.handlers.replies import Hearing, hear
from services.notifier.web.deps import Given, Services

log = structlog.get_logger(__name__)

BODY_MOST = 64 * 1024


def reply_router(readers: Mapping[str, ReplyReader]) -> APIRouter:
    """One address a provider, to be set there as the webhook for incoming messages: `<public URL>/<name>/inbound`."""
    router = APIRouter(tags=["providers"])
    for name, reader in readers.items():
        signed = APIKeyHeader(
            name=reader.signed_by, scheme_name=name, description="The provider's signature.", auto_error=False
        )
        answer = {reader.media_type: {"schema": {"type": "string"}, "example": reader.answer("")}}
        router.add_api_route(
            f"/{name}/inbound",
            take_reply,
            methods=["POST"],
            name=f"take_{name}_reply",
            response_class=Response,
            dependencies=[Security(signed)],
            responses={200: {"description": "What the provider is to answer, if anything", "content": answer}},
            openapi_extra=refuses(
                "bad-signature", "body-too-large", "invalid-request", "unavailable", requestBody=reader.request_body
            ),
        )
    router.add_api_route("/{account}/inbound", take_reply, methods=["POST"], include_in_schema=False)
    return router


def _reader(name: str, services: Services) -> tuple[ReplyReader, Mapping[str, Store]]:
    """Who reads what comes to a provider's address, or to that of a further account, and for which stores that is.

    Raises `Problem` 404: whatever else is called so is no address of ours.
    """
    if name in services.readers:
        return services.readers[name], services.stores
    found, naming = services.account_readers.get(name), services.naming(name)
    if naming and found is None and (found := account_replies(name)):
        services.account_readers[name] = found
    if not naming or found is None:
        raise Problem(404, "not-found", "There is nothing here.")
    return found, naming


@tolerates_unknown
async def take_reply(request: Request, services: Given) -> Response:
    """Takes STOP, START and HELP, once however often a message is delivered, and answers what the provider does not
    confirm itself. A chat that a link of ours started is tied to the customer of the link.
    """
    reader, stores = _reader(request.url.path.split("/")[1], services)
    reply = await _read(reader, request, services)
    said = ""
    if reply is not None:
        started = await start_chat(services, stores, reply) if reply.payload else ""
        async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
            said = await hear(connection, Hearing(stores, services.templates), reply, services.clock())
        said = started or said
    return Response(reader.answer(said, reply), media_type=reader.media_type)


async def start_chat(services: Services, stores: Mapping[str, Store], reply: Reply) -> str:
    """Ties a chat to the customer whose link started it; what is to be answered. Raises `Problem` 503."""
    now = services.clock()
    name = services.chat_links.read(reply.channel, reply.payload or "", now)
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        found = await contacts.named(connection, name) if name else None
    store = stores.get(found[0]) if found else None
    if found is None or store is None or store.sender(reply.channel) not in reply.to:
        log.info("chat.unknown_link", channel=reply.channel)
        return ""
    store_id, customer_id, locale = found
    try:
        tied = await services.carts.tie(store_id, customer_id, reply.channel, reply.sender, now)
    except CartUnavailableError as error:
        log.warning("chat.not_tied", store_id=store_id, channel=reply.channel, error=str(error))
        raise Problem(503, "unavailable", "What was agreed to can't be written down at the moment.") from None
    words = services.templates.or_shipped(store).wordings.choose(locale, store.locale)
    return words.show("confirm_page.done", {"store": store.name}) if tied else ""


async def _read(reader: ReplyReader, request: Request, services: Services) -> Reply | None:
    """The reply, if the provider has signed it. Raises `Problem` 403, 413 or 422."""
    body = await _limited(request)
    query = f"?{request.url.query}" if request.url.query else ""
    url = services.public_url.rstrip("/") + request.url.path + query
    try:
        return reader.read(Callback(url, dict(request.headers), body))
    except ForgedCallbackError:
        note_refused("providers", "", "bad-signature")
        raise Problem(403, "bad-signature", "The request does not bear the provider's signature.") from None
    except UnreadableCallbackError as error:
        raise Problem(422, "invalid-request", str(error)) from None


async def _limited(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MOST:
            raise Problem(413, "body-too-large", f"A body has at most {BODY_MOST} bytes here.", limit=BODY_MOST)
    return body
