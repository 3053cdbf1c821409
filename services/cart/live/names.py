"""Names under which changes are announced: short, and without anything of the customer in them."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from services.cart.domain.shopper import Shopper

GOOD = "."
"""What names of goods begin with: carts that hold them may be told something, though nothing in them has changed."""
MANY = 100
"""Goods that are announced one by one: of more it is only told that they are many."""


@dataclass(frozen=True, slots=True)
class Good:
    """A sku of a store, of which the stock or a price has changed; None for many of them."""

    store_id: str
    sku: str | None


Changed = Shopper | UUID | Good
"""Whose cart, which cart, or what may be in carts."""


def goods(store_id: str, skus: Sequence[str]) -> list[Good]:
    """What to announce where these skus have changed: a change of a whole catalogue is one name."""
    return [Good(store_id, sku) for sku in skus] if len(skus) <= MANY else [Good(store_id, None)]


@lru_cache(10_000)  # asked twice by each change, mostly of those who have just changed something
def name_of(changed: Changed) -> str:
    """11 characters for 64 bits, after a point for goods. Two with the same name cost a needless look, nothing else."""
    if isinstance(changed, UUID):
        return _short(changed.bytes)
    if isinstance(changed, Good):
        return GOOD + _short(f"{changed.store_id}\0{changed.sku or ''}".encode())
    return _short(f"{changed.store_id}\0{changed.caller}".encode())


def _short(key: bytes) -> str:
    return urlsafe_b64encode(hashlib.blake2b(key, digest_size=8).digest()).decode().rstrip("=")
