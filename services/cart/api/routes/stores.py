"""Endpoints for stores themselves: what they are, made and changed while the service runs."""

from fastapi import APIRouter, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from libs.http.problems import Problem
from services.cart.api.deps import Services
from services.cart.api.openapi.answers import answers, nothing, takes
from services.cart.api.replies import JSON, reply
from services.cart.api.request import parsed
from services.cart.api.schemas.stores import Given, StoreAnswer, StoreBody, StoresAnswer
from services.cart.domain.api_keys import SCOPES, Scope
from services.cart.domain.limits import MAX_SERVER_BODY, STORES_PAGE
from services.cart.domain.store import SECRETS, STORE_ID

STORES = "/v1/stores"
STORE = STORES + "/{store_id}"
StoreName = Path(pattern=STORE_ID)


def store_routes(services: Services) -> APIRouter:
    """Stores, for ops and for a store's own servers."""
    router = APIRouter(tags=["servers"])

    @router.get(STORES, responses=answers(StoresAnswer, 200))
    async def list_stores(
        request: Request,
        after: str = Query("", max_length=63),
        limit: int = Query(STORES_PAGE, ge=1, le=STORES_PAGE),
    ) -> Response:
        """The stores of the installation by id, for ops. A change made elsewhere shows within five seconds."""
        services.operator(request, "stores:read")
        body = services.registering.listed(after, limit)
        return Response(body, headers={"Cache-Control": "no-store"}, media_type=JSON)

    @router.get(STORE, responses=answers(StoreAnswer, 200))
    async def read_store(request: Request, store_id: str) -> Response:
        """The settings of a store. Its secrets are told nobody."""
        services.server(request, store_id, "stores:read")
        return reply(await services.registering.show(store_id))

    @router.put(
        STORE,
        responses=answers(StoreAnswer, 200, 201, "store-fixed", "version-conflict"),
        openapi_extra=takes(StoreBody),
    )
    async def put_store(request: Request, store_id: str = StoreName) -> Response:
        """Sets all settings of a store; those that are left out have their defaults again. `jwt_key` and `secret_keys`
        stay as they are where they are left out; to set them, or another `jwks_url`, takes a key with every scope. A
        store that is not there is made, by ops. It counts here at once, and on every replica within five seconds. What
        a file or the environment of the service says of a store goes first, and can't be changed here.
        """
        caller = _caller(services, request, store_id, "stores:write")
        body = await parsed(request, Given, MAX_SERVER_BODY)
        if not body.root.keys().isdisjoint(SECRETS) or _moves_log_ins(services, store_id, body):
            for scope in sorted(SCOPES):
                _caller(services, request, store_id, scope)
        intent = services.intents.of(request, store_id, caller, body)
        return reply(await services.registering.put(store_id, body.root, intent))

    @router.delete(STORE, status_code=204, responses=nothing("store-fixed", "version-conflict"))
    async def close_store(request: Request, store_id: str) -> Response:
        """Closes a store, for ops: from now on it is not there, and its secrets are gone. What it held stays until it
        is erased, and is there again when the store is made anew under this id.
        """
        services.server(request, store_id, "stores:write")
        try:
            caller = services.operator(request, "stores:write")
        except Problem as problem:
            raise Problem(403, "forbidden", "Closing a store takes a key for the whole installation.") from problem
        return reply(await services.registering.close(store_id, services.intents.of(request, store_id, caller)))

    return router


def _caller(services: Services, request: Request, store_id: str, scope: Scope) -> str:
    """A server of the store; of the installation where there is no such store yet."""
    if services.book.get(store_id) is None:
        return services.operator(request, scope)
    return services.server(request, store_id, scope)


def _moves_log_ins(services: Services, store_id: str, body: Given) -> bool:
    """Whether another provider would say from now on who is whom."""
    entry = services.book.get(store_id)
    return body.root.get("jwks_url") != (entry.store.jwks_url if entry is not None else None)
