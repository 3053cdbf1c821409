"""Endpoints for stores themselves, for ops and for a store's own servers: what they are, made and changed."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Security
from starlette.requests import Request
from starlette.responses import Response

from libs.contracts.names import STORE_ID
from libs.http import paging
from libs.http.problems import Problem
from services.cart.api.body import json_body
from services.cart.api.deps import ANY_CALL, CREDENTIALS, StoreCall, operator, server
from services.cart.api.handler_deps import StoreChanges
from services.cart.api.openapi.answers import answers, nothing
from services.cart.api.openapi.declared import declares
from services.cart.api.openapi.schemes import SECRET_KEY
from services.cart.api.replies import reply, reply_json
from services.cart.api.schemas.stores import Given, StoreBody, StoreDetails, StorePage
from services.cart.api.services import services_of
from services.cart.auth.challenges import forbidden
from services.cart.domain.api_keys import SCOPES
from services.cart.domain.limits import MAX_SERVER_BODY, STORES_PAGE
from services.cart.domain.store import SECRETS

router = APIRouter(prefix="/v1/stores", tags=["servers"])
DryRun = Annotated[bool, Query(description="Keeps nothing, and tells what the store would be.", examples=[True])]
NewStoreId = Annotated[str, Path(pattern=STORE_ID)]


@declares(*ANY_CALL, *CREDENTIALS, "insufficient-scope", schemes=(SECRET_KEY,))
async def store_writer(request: Request, store_id: NewStoreId) -> str:
    """The name of the store's server that calls; of the operator where there is no such store yet."""
    return services_of(request).callers.server_or_operator(request, store_id, "stores:write")


@router.get("", responses=answers(StorePage, 200), dependencies=[operator("stores:read")])
async def list_stores(
    store_changes: StoreChanges,
    after: Annotated[str, paging.text_after("shop", 63)] = "",
    limit: Annotated[int, paging.limit(STORES_PAGE)] = STORES_PAGE,
) -> Response:
    """The stores of the installation by id, for ops. A change made elsewhere shows within five seconds."""
    return reply_json(store_changes.listed(after, limit))


@router.get("/{store_id}", responses=answers(StoreDetails, 200), dependencies=[server("stores:read")])
async def read_store(store_id: str, store_changes: StoreChanges) -> Response:
    """The settings of a store. Its secrets are told nobody."""
    return reply(await store_changes.show(store_id))


@router.put("/{store_id}", responses=answers(StoreDetails, 200, 201, "store-fixed", "version-conflict"))
async def put_store(
    request: Request,
    store_id: str,
    caller: Annotated[str, Security(store_writer)],
    body: Annotated[Given, json_body(Given, MAX_SERVER_BODY, StoreBody)],
    call: StoreCall,
    store_changes: StoreChanges,
    dry_run: DryRun = False,
) -> Response:
    """Sets all settings of a store; those that are left out have their defaults again. `jwt_key` and `secret_keys`
    stay as they are where they are left out; to set them, or to change who is trusted (`jwks_url`, the other `jwt_…`,
    `recovery_url`, `share_url`, `origins`, `cookie`), takes a key with every scope that does not expire. A store that
    is not there is made, by ops. It counts here at once, and on every replica within five seconds. What a file or the
    environment of the service says of a store goes first, and can't be changed here.
    """

    def prove_trusted() -> None:
        for scope in sorted(SCOPES):
            services_of(request).callers.server_or_operator(request, store_id, scope)
        # a secret of the store would open it when the key that has set it is not there any more
        if services_of(request).callers.ends(request, store_id) is not None:
            raise forbidden("To say whom a store trusts takes a key that does not expire, by its newest secret.")

    if not body.root.keys().isdisjoint(SECRETS):
        prove_trusted()
    said = (store_id, body.root, prove_trusted, call.write_request(caller, body))
    return reply(await (store_changes.check(*said) if dry_run else store_changes.put(*said)))


@router.delete(
    "/{store_id}",
    status_code=204,
    responses=nothing("store-fixed", "version-conflict"),
    dependencies=[server("stores:write")],
)
async def close_store(request: Request, store_id: str, call: StoreCall, store_changes: StoreChanges) -> Response:
    """Closes a store, for ops: from now on it is not there, and its secrets are gone. What it held stays until it
    is erased, and is there again when the store is made anew under this id.
    """
    try:
        caller = services_of(request).callers.operator(request, "stores:write")
    except Problem as problem:
        raise Problem(403, "forbidden", "Closing a store takes a key for the whole installation.") from problem
    return reply(await store_changes.close(store_id, call.write_request(caller)))
