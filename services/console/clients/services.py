"""The other services, over connections that are shared and kept."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

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
    processes: Mapping[str, ServiceClient] = field(default_factory=dict)
    """Whoever is asked how it is, by name; those of a service have its name first: `cart-relay`."""


@asynccontextmanager
async def other_services(
    cart: Place, trigger: Place, notifier: Place, processes: Mapping[str, str]
) -> AsyncIterator[OtherServices]:
    """Them, until the block ends. `processes` has the addresses of all that are asked how they are; without any it is
    those that pages ask.
    """
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=16)
    async with httpx.AsyncClient(limits=limits, follow_redirects=False, trust_env=False) as http:
        places = {"cart": cart, "trigger": trigger, "notifier": notifier}
        asked = {name: ServiceClient(name, place.url, place.keys, http) for name, place in places.items()}
        yield OtherServices(
            Cart(asked["cart"]),
            Trigger(asked["trigger"]),
            Notifier(asked["notifier"]),
            {name: ServiceClient(name, url, {}, http) for name, url in processes.items()} or asked,
        )
