"""Endpoints for keys, and for the audit of what was changed."""

from datetime import timedelta
from uuid import UUID

from fastapi import APIRouter, Path, Query
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, nothing, takes
from services.cart.api.replies import JSON
from services.cart.api.request import parsed
from services.cart.api.schemas.api_keys import AuditAnswer, KeysAnswer, MadeAnswer
from services.cart.domain.api_keys import NewKey, Rotation
from services.cart.domain.limits import AUDIT_PAGE, MAX_BODY

KEYS = "/v1/stores/{store_id}/keys"
HEADERS = {"Cache-Control": "no-store"}
KeyId = Path(pattern=r"^[0-9a-f]{16}$", examples=["5f0c9d4e2b7a1836"])


def key_routes(services: Services) -> APIRouter:
    """A store's keys."""
    router = APIRouter(tags=["servers"])

    @router.post(
        KEYS,
        status_code=201,
        responses=answers(MadeAnswer, 201, "key-name-taken", "key-scope-exceeded"),
        openapi_extra=takes(NewKey),
    )
    async def make_key(request: Request, store_id: str) -> Response:
        """Makes a key, and tells its secret this once. A secret key gets no scope that the calling one has not.
        It is known here at once, and on every replica within five seconds. An Idempotency-Key is ignored, because the
        kept answer would hold the secret: the name can't be taken twice instead.
        """
        caller = services.server(request, store_id, "keys:write")
        new = await parsed(request, NewKey, MAX_BODY)
        made = await services.keeping.make(
            new, services.scopes(request, store_id), services.intents.of(request, store_id, caller)
        )
        return Response(to_json(made), 201, HEADERS, media_type=JSON)

    @router.get(KEYS, responses=answers(KeysAnswer, 200))
    async def list_keys(request: Request, store_id: str) -> Response:
        """The live keys of the store that were made here, without their secrets."""
        services.server(request, store_id, "keys:write")
        body = to_json({"keys": await services.keeping.listed(store_id)})
        return Response(body, headers=HEADERS, media_type=JSON)

    @router.post(
        KEYS + "/{key_id}/rotate",
        responses=answers(MadeAnswer, 200, "unknown-key", "key-scope-exceeded"),
        openapi_extra=takes(Rotation),
    )
    async def rotate_key(request: Request, store_id: str, key_id: str = KeyId) -> Response:
        """Gives a key another secret, told this once. The one until now stays live for `grace_hours`; one that was
        still in its grace ends at once, so that never more than two are live.
        """
        caller = services.server(request, store_id, "keys:write")
        grace = timedelta(hours=(await parsed(request, Rotation, MAX_BODY)).grace_hours)
        intent = services.intents.of(request, store_id, caller)
        made = await services.keeping.rotate(key_id, grace, services.scopes(request, store_id), intent)
        return Response(to_json(made), headers=HEADERS, media_type=JSON)

    @router.delete(KEYS + "/{key_id}", status_code=204, responses=nothing("unknown-key"))
    async def revoke_key(request: Request, store_id: str, key_id: str = KeyId) -> Response:
        """Ends a key for ever, with both its secrets: here at once, on every replica within five seconds."""
        caller = services.server(request, store_id, "keys:write")
        await services.keeping.revoke(key_id, services.intents.of(request, store_id, caller))
        return Response(status_code=204, headers=HEADERS)

    return router


def audit_routes(services: Services) -> APIRouter:
    """What ops and servers changed in a store."""
    router = APIRouter(tags=["servers"])

    @router.get("/v1/stores/{store_id}/audit", responses=answers(AuditAnswer, 200))
    async def read_audit(
        request: Request,
        store_id: str,
        before: UUID | None = None,
        limit: int = Query(AUDIT_PAGE, ge=1, le=AUDIT_PAGE),
    ) -> Response:
        """Who changed what and when, newest first. `next` is the `before` of the page that follows, null on the last.
        Customers stand here under a keyed hash of their id.
        """
        services.server(request, store_id, "audit:read")
        entries = await services.reading.audit(store_id, before, limit)
        following = entries[-1]["audit_id"] if len(entries) == limit else None
        return Response(to_json({"entries": entries, "next": following}), headers=HEADERS, media_type=JSON)

    return router
