"""What the endpoints need: the service as they see it, and which keys open what."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials

from libs.http.deps import SERVER, StoreId, services_of
from libs.http.problems import Problem
from libs.http.server_keys import Keys, caller_of
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock


@dataclass(frozen=True, slots=True)
class Services:
    """The service as the endpoints see it. `keys` are the stores' own; without one no server may ask."""

    pool: Pool
    keys: Keys
    clock: Clock


Given = Annotated[Services, Depends(services_of)]


def opens(scope: str) -> Callable[..., Coroutine[Any, Any, str]]:
    """A dependency that lets in keys of the store with this scope, and gives the key's name."""

    async def let_in(
        request: Request,
        store_id: StoreId,
        _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(SERVER)],
    ) -> str:
        """Raises `Problem` 401 without a key of the store, 403 with one that was made for other things."""
        caller = caller_of(request, request.app.state.services.keys, store_id)
        if not caller.may(scope):
            raise Problem(403, "insufficient-scope", f"This takes a key with the scope {scope}.", scope=scope)
        return caller.name

    return let_in
