"""What providers tell of messages that they have taken: delivered, bounced, called spam, opened, clicked."""

from collections.abc import Mapping, Sequence

import structlog
from fastapi import APIRouter, Security, params
from fastapi.security import APIKeyHeader
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from libs.http.body import body_within
from libs.http.documented import refuses
from libs.http.known_parameters import tolerates_unknown
from libs.http.problems import Problem
from libs.http.refused_log_ins import note_refused
from libs.postgres.pool import ACQUIRE_TIMEOUT_S
from services.notifier.channels.ports import (
    AnswersChallenge,
    Callback,
    ForgedCallbackError,
    Reply,
    UncheckedCallbackError,
    UnreadableCallbackError,
)
from services.notifier.channels.providers import EventSource, account_events
from services.notifier.domain.answers import Answer
from services.notifier.handlers.answers import From, take_answer
from services.notifier.handlers.replies import Hearing, hear
from services.notifier.metrics import ANSWERS
from services.notifier.web.deps import Given, Services

log = structlog.get_logger(__name__)

BODY_MOST = 1024 * 1024
"""SendGrid gathers what it tells up to 768 kB."""


def event_router(sources: Mapping[str, EventSource]) -> APIRouter:
    """One address a provider, to be set there as the webhook for events: `<public URL>/<name>/events`."""
    router = APIRouter(tags=["providers"])
    for name, source in sources.items():
        router.add_api_route(
            f"/{name}/events",
            take_events,
            methods=["POST"],
            name=f"take_{name}_events",
            response_class=Response,
            status_code=204,
            dependencies=_signed(name, source.reader.signed_by),
            responses={204: {"description": "Taken; also what is of no message that is known here"}},
            openapi_extra=refuses(
                "bad-signature",
                "body-too-large",
                "invalid-request",
                "unavailable",
                requestBody=source.reader.request_body,
            ),
        )
        if isinstance(source.reader, AnswersChallenge):
            router.add_api_route(
                f"/{name}/events",
                answer_challenge,
                methods=["GET"],
                name=f"answer_{name}_challenge",
                response_class=PlainTextResponse,
                responses={200: {"description": "The provider's word, said back"}},
                openapi_extra=refuses("bad-signature"),
            )
    for method in ("GET", "POST"):
        endpoint = answer_challenge if method == "GET" else take_events
        router.add_api_route("/{account}/events", endpoint, methods=[method], include_in_schema=False)
    return router


def _source(name: str, services: Services) -> tuple[EventSource, From]:
    """Who reads what comes to a provider's address, or to that of a further account that a store names.

    Raises `Problem` 404: whatever else is called so is no address of ours.
    """
    if name in services.events:
        source = services.events[name]
        return source, From(name, source.channel)
    found, naming = services.accounts.get(name), frozenset(services.naming(name))
    if naming and found is None and (found := account_events(name)):
        services.accounts[name] = found
    if not naming or found is None:
        raise Problem(404, "not-found", "There is nothing here.")
    return found, From(name, found.channel, stores=naming)


@tolerates_unknown
async def answer_challenge(request: Request, services: Given) -> PlainTextResponse:
    """Says the provider's word back, once it has shown that it knows ours: when the webhook is set there."""
    reader = _source(request.url.path.split("/")[1], services)[0].reader
    if not isinstance(reader, AnswersChallenge):
        raise Problem(404, "not-found", "There is nothing here.")
    try:
        return PlainTextResponse(reader.challenge(request.query_params))
    except ForgedCallbackError:
        note_refused("providers", "", "bad-signature")
        raise Problem(403, "bad-signature", "The request does not bear the provider's signature.") from None


def _signed(name: str, header: str | None) -> Sequence[params.Depends]:
    if header is None:
        return []
    says = "The provider's signature, or what it logs in with."
    return [Security(APIKeyHeader(name=header, scheme_name=f"{name}-events", description=says, auto_error=False))]


@tolerates_unknown
async def take_events(request: Request, services: Given) -> Response:
    """Takes what the provider tells of messages, each thing once however often it is told. Their state and reason
    stay; what was told stands beside them. A bounce for good and a complaint close the address on this channel.
    """
    name = request.url.path.split("/")[1]
    source, by = _source(name, services)
    told = await _read(source, request, services)
    stores = {store_id: store for store_id, store in services.stores.items() if by.speaks_of(store_id)}
    async with services.pool.acquire(timeout=ACQUIRE_TIMEOUT_S) as connection:
        for answer in told:
            if isinstance(answer, Reply):
                async with connection.transaction():
                    await hear(connection, Hearing(stores, services.templates), answer, services.clock())
                continue
            async with connection.transaction():
                taken = await take_answer(connection, by, answer, services.stores, services.clock())
            ANSWERS.labels(name, answer.kind, taken).inc()
            if taken == "unknown_message":
                log.info("answer.of_unknown_message", provider=name, answer=answer.kind)
    return Response(status_code=204)


async def _read(source: EventSource, request: Request, services: Services) -> Sequence[Answer | Reply]:
    """What it tells, if the provider has signed it. Raises `Problem` 403, 413 or 422."""
    body = await body_within(request, BODY_MOST)
    query = f"?{request.url.query}" if request.url.query else ""
    url = services.public_url.rstrip("/") + request.url.path + query
    try:
        return await source.reader.read(Callback(url, dict(request.headers), body), services.clock())
    except ForgedCallbackError:
        note_refused("providers", "", "bad-signature")
        raise Problem(403, "bad-signature", "The request does not bear the provider's signature.") from None
    except UncheckedCallbackError as error:
        log.warning("answer.unchecked", url=request.url.path, error=str(error))
        raise Problem(503, "unavailable", "What the request is signed by can't be had at the moment.") from None
    except UnreadableCallbackError as error:
        raise Problem(422, "invalid-request", str(error)) from None
