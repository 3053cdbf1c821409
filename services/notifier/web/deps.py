"""What the endpoints need: the service as they see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials

from libs.http.deps import SERVER, StoreId, services_of
from libs.http.server_keys import Keys, caller_of, lacks
from libs.policy.laws import Laws
from libs.postgres.pool import Pool
from libs.runtime.clock import Clock
from services.notifier.cart_client import CartClient
from services.notifier.channels.ports import ReplyReader
from services.notifier.channels.providers import EventSource, Providers
from services.notifier.channels.registry import CHANNELS
from services.notifier.domain.chat_link import ChatLinks
from services.notifier.domain.store import Store
from services.notifier.domain.unsubscribe_link import Links
from services.notifier.handlers.senders import SenderChecks
from services.notifier.rendering.store_templates import StoreTemplates

STORE_PATH = "/v1/stores/{store_id}"


@dataclass(frozen=True, slots=True)
class Services:
    """The service as the endpoints see it. `readers` read the replies that providers call back with, `events` what they
    tell of messages, `keys` are those of stores; `chromium` takes pictures, where there is one. One of `bounce_secrets`
    has signed the address that a message of ours comes back to, `chat_links` sign the links that start a chat.
    `accounts` are the `events` of further accounts, `account_readers` their `readers`, as they were first called.
    `providers` send tests, `laws` say of whom opens may be counted; `senders` look up what the DNS says of who sends.
    """

    pool: Pool
    stores: Mapping[str, Store]
    links: Links
    carts: CartClient
    templates: StoreTemplates
    readers: Mapping[str, ReplyReader]
    keys: Keys
    public_url: str
    clock: Clock
    events: Mapping[str, EventSource] = field(default_factory=dict)
    chromium: Path | None = None
    bounce_secrets: Sequence[bytes] = ()
    signing_secret: Callable[[str, str], str] = lambda _store, _pool: ""
    """With which requests about a pool of coupons are signed."""
    accounts: dict[str, EventSource] = field(default_factory=dict)
    account_readers: dict[str, ReplyReader] = field(default_factory=dict)
    chat_links: ChatLinks = field(default_factory=ChatLinks)
    providers: Providers | None = None
    laws: Laws | None = None
    senders: SenderChecks | None = None
    wake: Callable[[], None] = lambda: None
    """Has the relay look at the outbox at once: for what the caller may go on with in the next moment."""

    def naming(self, provider: str) -> Mapping[str, Store]:
        """The stores that name a provider, or a further account at one, by their ids."""
        return {
            store_id: store
            for store_id, store in self.stores.items()
            if any(provider in store.providers(channel) for channel in CHANNELS)
        }


Given = Annotated[Services, Depends(services_of)]


async def authorize(
    request: Request,
    store_id: StoreId,
    _bearer: Annotated[HTTPAuthorizationCredentials | None, Security(SERVER)],
) -> None:
    """Lets in a key of the store that stands alone, or one with a name for `messages:read`, to change anything for
    `messages:write`. Raises `Problem` 401, 403.
    """
    caller = caller_of(request, request.app.state.services.keys, store_id)
    reads = request.method in ("GET", "HEAD") or request.url.path.endswith("/find")
    scope = "messages:read" if reads else "messages:write"
    if caller.scopes is not None and scope not in caller.scopes:
        raise lacks(scope)
