"""What endpoints of several services depend on: the service as they see it, and who may ask about a store."""

from collections.abc import Callable, Coroutine
from typing import Annotated, Any

from fastapi import Path, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from libs.http.keys import require_store_key
from libs.http.server_keys import caller_of

StoreId = Annotated[str, Path(description="The store.", examples=["shop"])]
SERVER = HTTPBearer(
    scheme_name="server", description="A key of the store, of the service's setting `KEYS`.", auto_error=False
)


async def services_of(request: Request) -> Any:  # noqa: ANN401 - each service says in its `Given` what its own are
    """The services of the application that takes the request."""
    return request.app.state.services


async def authorize(
    request: Request,
    store_id: StoreId,
    _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(SERVER)],
) -> None:
    """Lets in whoever has the store's key of the service's `keys`. Raises `Problem` 401."""
    require_store_key(request, request.app.state.services.keys, store_id)


def opens(scope: str) -> Callable[..., Coroutine[Any, Any, str]]:
    """A dependency that lets in keys of the store with this scope, and gives the key's name."""

    async def let_in(
        request: Request,
        store_id: StoreId,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(SERVER)],
    ) -> str:
        """Raises `Problem` 401 without a key of the store, 403 with one that was made for other things."""
        caller = caller_of(request, request.app.state.services.keys, store_id)
        caller.must(scope)
        return caller.name

    return let_in
