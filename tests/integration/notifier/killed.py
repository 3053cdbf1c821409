"""Delivers what is due and ends, without a goodbye, at the point that it is given."""

import asyncio
import os
import sys
from uuid import uuid4

from libs.outbox.waker import Waker
from libs.postgres.pool import open_pool
from libs.runtime.clock import utc_now
from services.notifier.cart_client import CartClient
from services.notifier.db import deliveries
from services.notifier.handlers.compose import Composer
from services.notifier.handlers.delivery import Delivery
from services.notifier.main import providers, short_links
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.settings import NotifierSettings
from services.notifier.stores import StoreRegistry


async def main(point: str) -> None:
    settings = NotifierSettings()
    pool = await open_pool(settings.database_url.get_secret_value())
    stores = StoreRegistry(pool, settings.rules)
    await stores.refresh()
    carts = CartClient(settings.cart_url, settings.cart_key, settings.cart_timeout_s)
    delivery = Delivery(
        pool,
        carts,
        Composer(stores, StoreTemplates(), providers(settings), short_links(settings), utc_now),
        stores,
        Waker(pool),
        utc_now,
        lease=settings.lease,
        contact_grace=settings.contact_grace,
        at=lambda here, _: os._exit(9) if here == point else None,
    )
    async with pool.acquire() as connection:
        for one in await deliveries.claim(connection, 10, uuid4(), settings.lease):
            await delivery.deliver(one)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
