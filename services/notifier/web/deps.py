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
from services.notifier.channels.ports import ReplyReader
from services.notifier.domain.store import Store
from services.notifier.domain.unsubscribe_link import Links
from services.notifier.rendering.store_templates import StoreTemplates

STORE_PATH = "/v1/stores/{store_id}"
StoreId = Annotated[str, Path(description="The store.", examples=["shop"])]
SERVER = HTTPBearer(scheme_name="server", description="A key of `NOTIFIER_KEYS`.", auto_error=False)


@dataclass(frozen=True, slots=True)
class Services:
    """The service as the endpoints see it. `readers` read what providers call back with, `keys` are those of stores."""

    pool: Pool
    stores: Mapping[str, Store]
    links: Links
    templates: StoreTemplates
    readers: Mapping[str, ReplyReader]
    keys: Mapping[str, SecretStr]
    public_url: str
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
