"""A swap as the service would send it."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.integration.cart.shop import LINE


def swap_arguments(cart_id: UUID, version: int, key: str | None = None) -> tuple[Any, ...]:
    """Arguments of `swap.SWAP`: customer-7 has one line from this version on."""
    return (
        None,
        "shop",
        "c:customer-7",
        key,
        b"f" * 32,
        '"1"',
        b"{}",
        "cart.events",
        "k",
        b"{}",
        "{}",
        cart_id,
        version,
        "EUR",
        1,
        500,
        json.dumps([LINE]),
        datetime.now(UTC),
        "[]",
        "{}",
        version,
        None,
        "customer-7",
        None,
        None,
    )
