"""What endpoints depend on: who calls and how, the store that is called, and the handlers that answer.

All are coroutines, because FastAPI runs plain functions in threads. Who calls comes before the body in a signature:
dependencies are solved in their order, and strangers' bodies are not read.
"""

from typing import Annotated, Any, cast

from fastapi import Depends, Security
from fastapi.security import SecurityScopes
from starlette.requests import Request

from services.cart.api.openapi.declared import declares
from services.cart.api.openapi.schemes import CUSTOMER, GUEST, SECRET_KEY, STOREFRONT_KEY
from services.cart.api.request import Call, device_of, entity_tags
from services.cart.api.services import services_of
from services.cart.auth.authenticator import Authenticator
from services.cart.domain.api_keys import Scope
from services.cart.domain.shopper import Shopper
from services.cart.domain.store import Store

ANY_CALL = ("unknown-store", "rate-limited")
STOREFRONT = ("publishable-key-required", "origin-not-allowed")
CREDENTIALS = ("unauthorized", "forbidden")
WRITE = ("invalid-header", "request-in-flight", "idempotency-key-reused", "busy")


# who calls


@declares(
    *ANY_CALL,
    *CREDENTIALS,
    *STOREFRONT,
    "identity-provider-unavailable",
    schemes=(CUSTOMER, GUEST, STOREFRONT_KEY),
)
async def shopper(request: Request, store_id: str) -> Shopper:
    """The shopper who calls, counted. Raises `Problem` 401, 403, 404, 429."""
    return services_of(request).callers.shopper(request, store_id)


@declares(*ANY_CALL, *CREDENTIALS, *STOREFRONT, "identity-provider-unavailable", schemes=(CUSTOMER, STOREFRONT_KEY))
async def customer(request: Request, store_id: str) -> Shopper:
    """The customer who calls, counted. Raises `Problem` 401, 403 (for a guest too), 404, 429."""
    return services_of(request).callers.customer(request, store_id)


@declares(*ANY_CALL, *CREDENTIALS, "insufficient-scope", schemes=(SECRET_KEY,))
async def calling_server(request: Request, store_id: str, scopes: SecurityScopes) -> str:
    """The name of the server that calls, counted. Raises `Problem` 401, 403, 404, 429."""
    return services_of(request).callers.server(request, store_id, _only(scopes))


@declares(*CREDENTIALS, "insufficient-scope", schemes=(SECRET_KEY,))
async def calling_operator(request: Request, scopes: SecurityScopes) -> str:
    """The name of the caller with a key for the whole installation. Raises `Problem` 401, 403, 429."""
    return services_of(request).callers.operator(request, _only(scopes))


def server(scope: Scope) -> Any:  # noqa: ANN401 - as Security
    """The name of the server that calls with a key for `scope`."""
    return Security(calling_server, scopes=[scope])


def operator(scope: Scope) -> Any:  # noqa: ANN401 - as Security
    """The name of who calls with a key for the whole installation and for `scope`."""
    return Security(calling_operator, scopes=[scope])


def _only(scopes: SecurityScopes) -> Scope:
    (scope,) = scopes.scopes
    return cast("Scope", scope)  # `server` and `operator` took nothing else


@declares(*ANY_CALL, *STOREFRONT, schemes=(STOREFRONT_KEY,))
async def new_guest(request: Request, store_id: str) -> None:
    """Counts somebody who asks for a guest's token. Raises `Problem` 401, 403, 404, 429."""
    services_of(request).callers.new_guest(request, store_id)


@declares(*ANY_CALL, *STOREFRONT, schemes=(STOREFRONT_KEY,))
async def storefront(request: Request, store_id: str) -> None:
    """Lets a storefront in that has the key it needs. Raises `Problem` 401, 403, 404."""
    services_of(request).callers.authenticator(store_id).storefront(request.headers)


CallingShopper = Annotated[Shopper, Security(shopper)]
CallingCustomer = Annotated[Shopper, Security(customer)]


# how they call


async def plain_call(request: Request) -> Call:
    """A call that may change something. That it takes a key and tags is not shown: the same again changes nothing."""
    return Call(request, services_of(request).write_requests)


@declares(*WRITE, headers=("Idempotency-Key", "X-Request-Id"))
async def server_call(request: Request) -> Call:
    """A server's call that may change something."""
    return await plain_call(request)


@declares(*WRITE, headers=("Idempotency-Key", "If-Match", "X-Request-Id"))
async def store_call(request: Request) -> Call:
    """A call that may change a store."""
    return await plain_call(request)


@declares(*WRITE, "version-conflict", headers=("Idempotency-Key", "If-Match", "X-Origin", "X-Request-Id"))
async def cart_call(request: Request) -> Call:
    """A server's call that may change a cart."""
    return await plain_call(request)


@declares(*WRITE, headers=("Idempotency-Key", "X-Origin", "X-Request-Id"))
async def view_call(request: Request) -> Call:
    """A call that tells what somebody looks at."""
    return await plain_call(request)


@declares(*WRITE, "version-conflict", headers=("Idempotency-Key", "If-Match", "X-Device", "X-Origin"))
async def shopper_call(request: Request) -> Call:
    """A shopper's call that may change a cart."""
    return await plain_call(request)


@declares("invalid-header", headers=("X-Device",))
async def device(request: Request) -> str | None:
    """The name of the device, if it has one. Raises `Problem` 400 for one that can't be."""
    return device_of(request)


@declares("invalid-header", headers=("If-None-Match",))
async def known_states(request: Request) -> frozenset[str]:
    """The entity tags of the states that the caller knows. Raises `Problem` 400 for what is none."""
    condition = request.headers.get("if-none-match")
    return frozenset() if condition is None else entity_tags(condition, "If-None-Match", weakly=True)


ServerCall = Annotated[Call, Depends(server_call)]
StoreCall = Annotated[Call, Depends(store_call)]
CartCall = Annotated[Call, Depends(cart_call)]
ViewCall = Annotated[Call, Depends(view_call)]
ShopperCall = Annotated[Call, Depends(shopper_call)]


# the store that is called


async def store(request: Request, store_id: str) -> Store:
    """The settings of the store. Raises `Problem` 404."""
    return services_of(request).callers.store(store_id)


async def authenticator(request: Request, store_id: str) -> Authenticator:
    """Who checks the store's callers. Raises `Problem` 404."""
    return services_of(request).callers.authenticator(store_id)


async def token_secret(request: Request) -> bytes:
    """The key by which tokens are signed."""
    return services_of(request).token_secrets[0]


CalledStore = Annotated[Store, Depends(store)]
StoreAuthenticator = Annotated[Authenticator, Depends(authenticator)]
TokenSecret = Annotated[bytes, Depends(token_secret)]
