"""A store that is made through the API, by those who may make stores, on two replicas."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from libs.postgres.pool import Pool
from services.cart.stores.secrets import Seal
from services.cart.stores.table import StoreTable
from tests.integration.cart.shop import (
    TOKEN_SECRET,
    Shop,
    Visitor,
    done,
)

OPS_KEY = "sk_ops_0123456789abcdef0123"
KEY = "customers-of-the-new-store-0123456789-abc"
SERVER_KEY = "sk_of_the_new_store_0123456789"
NEW: dict[str, Any] = {
    "name": "New",
    "currency": "PLN",
    "time_zone": "Europe/Warsaw",
    "recovery_url": "https://new.test/cart/{token}",
    "origins": ["https://new.test"],
    "limits": {"lines": 2, "quantity": 5, "bytes": 100_000},
}
SEAL = Seal(TOKEN_SECRET.encode())
SECRETS = {"jwt_key": KEY, "secret_keys": [SERVER_KEY]}


@pytest.fixture
async def shop(pool: Pool) -> AsyncIterator[Shop]:
    shop = Shop.open(pool, ops_keys=(SecretStr(OPS_KEY),))
    yield shop
    await shop.close()


def ops(shop: Shop, store: str = "new", replica: int = 0) -> Visitor:
    return shop.server(OPS_KEY, store, replica)


async def made(shop: Shop, **more: Any) -> httpx.Response:
    answer = await ops(shop).ask("PUT", "", NEW | SECRETS | more)
    done(answer, 201)
    return answer


async def learn(shop: Shop, replica: int = 1) -> None:
    """What a replica does every two seconds."""
    await StoreTable(shop.pool, shop.books[replica], SEAL).refresh()
