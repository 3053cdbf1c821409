"""What a secret key may be made for. A key is given scopes one by one; those in a store's settings have all of them."""

from typing import Literal, get_args

Scope = Literal[
    "carts:read",
    "carts:write",
    "orders:read",
    "orders:write",
    "inventory:read",
    "inventory:write",
    "prices:write",
    "customers:read",
    "customers:write",
    "customers:erase",
    "stores:read",
    "stores:write",
    "keys:write",
    "audit:read",
]
SCOPES: frozenset[Scope] = frozenset(get_args(Scope))
"""Every scope there is."""
