"""Names under which changes of carts are announced: short, and without anything of the customer in them."""

import hashlib
from base64 import urlsafe_b64encode
from uuid import UUID

from services.cart.identity import Shopper

Changed = Shopper | UUID
"""Whose cart, or which cart."""


def name_of(changed: Changed) -> str:
    """11 characters for 64 bits. Two with the same name cost a needless look, nothing else."""
    key = changed.bytes if isinstance(changed, UUID) else f"{changed.store_id}\0{changed.caller}".encode()
    return urlsafe_b64encode(hashlib.blake2b(key, digest_size=8).digest()).decode().rstrip("=")
