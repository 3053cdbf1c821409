"""The other services, over connections that are shared and kept."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr

from services.console.clients.cart import Cart
from services.console.clients.notifier import Notifier
from services.console.clients.service import ServiceClient
from services.console.clients.trigger import Trigger

Keys = Mapping[str, SecretStr]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is, and a key for each store (`*`: every store)."""

    url: str
    keys: Keys


@dataclass(frozen=True, slots=True)
class OtherServices:
    """What the console asks, and acts through."""

    cart: Cart
    trigger: Trigger
    notifier: Notifier


@asynccontextmanager
async def other_services(cart: Place, trigger: Place, notifier: Place) -> AsyncIterator[OtherServices]:
    """Them, until the block ends."""
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
    async with httpx.AsyncClient(limits=limits, follow_redirects=False, trust_env=False) as http:
        yield OtherServices(
            Cart(ServiceClient("cart", cart.url, cart.keys, http)),
            Trigger(ServiceClient("trigger", trigger.url, trigger.keys, http)),
            Notifier(ServiceClient("notifier", notifier.url, notifier.keys, http)),
        )
