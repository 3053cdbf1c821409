"""Endpoints for a store's keys."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from libs.http import paging
from libs.http.paging import page_of
from services.cart.api.body import json_body
from services.cart.api.deps import ServerCall, StoreAuthenticator, server
from services.cart.api.handler_deps import ApiKeys
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.paths import STORE
from services.cart.api.replies import NO_STORE, reply_json, reply_secret
from services.cart.api.schemas.api_keys import ApiKeyPage, CreatedKey
from services.cart.domain.api_keys import NewKey, Rotation
from services.cart.domain.limits import KEYS_PAGE, MAX_BODY

router = APIRouter(prefix=STORE + "/keys", tags=["servers"])
KeyId = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$", examples=["5f0c9d4e2b7a1836"])]


@router.post("", status_code=201, responses=answers(CreatedKey, 201, "key-name-taken", "key-scope-exceeded"))
async def make_key(
    request: Request,
    caller: Annotated[str, server("keys:write")],
    new: Annotated[NewKey, json_body(NewKey, MAX_BODY)],
    call: ServerCall,
    authenticator: StoreAuthenticator,
    api_keys: ApiKeys,
) -> Response:
    """Makes a key, and tells its secret this once. It gets no scope that the calling one has not, and does not outlive
    it; for a page that the store does not let in yet, the calling key needs every scope. It is known here at once, and
    on every replica within five seconds. An Idempotency-Key is ignored, because the kept answer would hold the secret:
    the name can't be taken twice instead.
    """
    holder, known = authenticator.holder(request.headers), authenticator.known_origins()
    return reply_secret(to_json(await api_keys.make(new, holder, known, call.write_request(caller))), 201)


@router.get("", responses=answers(ApiKeyPage, 200), dependencies=[server("keys:write")])
async def list_keys(
    store_id: str,
    api_keys: ApiKeys,
    after: Annotated[str, paging.text_after("till", 100)] = "",
    limit: Annotated[int, paging.limit(KEYS_PAGE)] = KEYS_PAGE,
) -> Response:
    """The live keys of the store that were made here, by name, without their secrets."""
    keys, following = page_of(await api_keys.listed(store_id, after, limit + 1), limit, lambda key: str(key["name"]))
    return reply_json(to_json({"keys": keys, "next": following}))


@router.post("/{key_id}/rotate", responses=answers(CreatedKey, 200, "unknown-key", "key-scope-exceeded"))
async def rotate_key(
    request: Request,
    key_id: KeyId,
    caller: Annotated[str, server("keys:write")],
    rotation: Annotated[Rotation, json_body(Rotation, MAX_BODY)],
    call: ServerCall,
    authenticator: StoreAuthenticator,
    api_keys: ApiKeys,
) -> Response:
    """Gives a key another secret, told this once. The one until now stays live for `grace_hours`; one that was
    still in its grace ends at once, so that never more than two are live. One that can do more than the calling key,
    or outlives the secret with which it is called, is left as it is.
    """
    holder, grace = authenticator.holder(request.headers), timedelta(hours=rotation.grace_hours)
    return reply_secret(to_json(await api_keys.rotate(key_id, grace, holder, call.write_request(caller))))


@router.delete("/{key_id}", status_code=204, responses=nothing("unknown-key", "key-scope-exceeded"))
async def revoke_key(
    request: Request,
    key_id: KeyId,
    caller: Annotated[str, server("keys:write")],
    call: ServerCall,
    authenticator: StoreAuthenticator,
    api_keys: ApiKeys,
) -> Response:
    """Ends a key for ever, with both its secrets: here at once, on every replica within five seconds. One that can do
    more than the calling key is left as it is.
    """
    await api_keys.revoke(key_id, authenticator.holder(request.headers), call.write_request(caller))
    return Response(status_code=204, headers=NO_STORE)
