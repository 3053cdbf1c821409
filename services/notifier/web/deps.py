"""What the endpoints need: the service as they see it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends
from pydantic import SecretStr

from libs.http.deps import services_of
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from services.notifier.cart_client import CartClient
from services.notifier.channels.ports import ReplyReader
from services.notifier.channels.providers import EventSource
from services.notifier.domain.store import Store
from services.notifier.domain.unsubscribe_link import Links
from services.notifier.rendering.store_templates import StoreTemplates

STORE_PATH = "/v1/stores/{store_id}"


@dataclass(frozen=True, slots=True)
class Services:
    """The service as the endpoints see it. `readers` read the replies that providers call back with, `events` what they
    tell of messages, `keys` are those of stores; `chromium` takes pictures, where there is one. One of `bounce_secrets`
    has signed the address that a message of ours comes back to.
    """

    pool: Pool
    stores: Mapping[str, Store]
    links: Links
    carts: CartClient
    templates: StoreTemplates
    readers: Mapping[str, ReplyReader]
    keys: Mapping[str, SecretStr]
    public_url: str
    clock: Clock
    events: Mapping[str, EventSource] = field(default_factory=dict)
    chromium: Path | None = None
    bounce_secrets: Sequence[bytes] = ()


Given = Annotated[Services, Depends(services_of)]
