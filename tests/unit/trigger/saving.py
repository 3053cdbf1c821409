"""Carts in which something is set aside, as their events tell it."""

from datetime import datetime
from typing import Any

from libs.contracts.events import CartDetailsSet, CartLine
from tests.unit.trigger.making import T0, noted


def saved(
    name: str = "a", version: int = 2, at: datetime = T0, *skus: str, customer: str | None = "", **more: Any
) -> CartDetailsSet:
    """These are set aside in the cart now, and nothing else is; nothing is in it."""
    lines = tuple(CartLine(sku, 1, 900, saved=True, currency="EUR") for sku in skus)
    told = noted(name, version, at, holds={}, customer=customer)
    return told.model_copy(update={"changed": ("saved",), "lines": lines} | more)
