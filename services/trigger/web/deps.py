"""What the endpoints need: the service as they see it, and who may ask about a store."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Path, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from libs.http.keys import require_store_key
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock

StoreId = Annotated[str, Path(description="The store.", examples=["shop"])]
SERVER = HTTPBearer(scheme_name="server", description="The store's secret key.", auto_error=False)


@dataclass(frozen=True, slots=True)
class Services:
    """The service as the endpoints see it. `keys` are the stores' own; without one nobody may ask."""

    pool: Pool
    keys: Mapping[str, SecretStr]
    clock: Clock


async def services_of(request: Request) -> Services:
    """The services of the application that takes the request."""
    return cast("Services", request.app.state.services)


Given = Annotated[Services, Depends(services_of)]


async def authorize(
    request: Request,
    store_id: StoreId,
    services: Given,
    _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(SERVER)],
) -> None:
    """Lets in whoever has the store's key. Raises `Problem` 401."""
    require_store_key(request, services.keys, store_id)
