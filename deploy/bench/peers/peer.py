"""What a peer is: a shop from packages. One more is a module, a folder and a line in the registry."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.http.client import HttpClient

HERE = Path(__file__).parent
Shop = dict[str, Any]
"""What a shop's `populate` has left in `shop.json`: keys and ids that its adds need. Empty where it needs none."""
MakeCart = Callable[[HttpClient, Shop], Awaitable[list[bytes]]]
"""Makes an empty cart and returns the requests that put one unit each of five items into it."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A shop that `npm` installs from `folder/package.json`; commands run in that folder.

    Their environment: `PEER_DATABASE_URL` (a database, empty at first) and `PEER_PORT` (of the loopback, to listen on).
    """

    name: str
    """As people call it, with the version."""
    folder: Path
    beside: str
    """What an add of theirs does that ours does not, and the other way about: a sentence or two."""
    populate: tuple[tuple[str, ...], ...]
    start: tuple[str, ...]
    units: str
    """SQL: the units in all of its carts."""
    make_cart: MakeCart
    env: dict[str, str] = field(default_factory=dict)
    health: str = "/health"
