"""What SMS providers tell us: text messages that customers send back."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter, Security
from fastapi.security import APIKeyHeader
from starlette.requests import Request
from starlette.responses import Response

from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.http.problems import Problem
from libs.http.refused_log_ins import note_refused
from libs.postgres.pool import ACQUIRE_TIMEOUT_S, Connection
from services.notifier.channels.ports import (
    Callback,
    ForgedCallbackError,
    Reply,
    ReplyReader,
    UnreadableCallbackError,
)
from services.notifier.db import contacts, replies, suppressions
from services.notifier.domain.replies import Meaning, meaning
from services.notifier.handlers.reach import tell_reach_of_address
from services.notifier.metrics import REPLIES
from services.notifier.web.deps import Given, Services

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
    return router


@tolerates_unknown
async def take_reply(request: Request, services: Given) -> Response:
    """Takes STOP, START and HELP, once however often a message is delivered, and answers HELP: the provider confirms
    the others itself.
    """
    reader = services.readers[request.url.path.split("/")[1]]
    reply = await _read(reader, request, services)
    asked = reply.read_as or meaning(reply.text)
    said = ""
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection, connection.transaction():
        for store_id in _addressed(services, reply):
            if await replies.note(connection, reply.reply_id, store_id, asked, reply.sender):
                REPLIES.labels(asked).inc()
                said = await _act(connection, services, store_id, asked, reply.sender) or said
    return Response(reader.answer("" if reply.read_as else said), media_type=reader.media_type)


async def _act(connection: Connection, services: Services, store_id: str, asked: Meaning, number: str) -> str:
    """Does what was asked for; returns what is to be answered."""
    if asked == "stop":
        await suppressions.suppress_address(connection, store_id, "sms", number, "stop", suppressions.ClosedBy("reply"))
        await tell_reach_of_address(connection, store_id, "sms", number, services.clock())
    elif asked == "start":
        await suppressions.restore_address(connection, store_id, "sms", number)
        await tell_reach_of_address(connection, store_id, "sms", number, services.clock())
    elif asked == "help":
        store = services.stores[store_id]
        locale = await contacts.locale_of_number(connection, store_id, number)
        words = services.templates.or_shipped(store).wordings.choose(locale or store.locale, store.locale)
        return words.show("sms.help", {"store": store.name})
    return ""


def _addressed(services: Services, reply: Reply) -> Sequence[str]:
    """The stores that send from what was written to; several may share it, and some may send elsewhere by now."""
    return [store_id for store_id, store in services.stores.items() if store.sms_from in reply.to]


async def _read(reader: ReplyReader, request: Request, services: Services) -> Reply:
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
