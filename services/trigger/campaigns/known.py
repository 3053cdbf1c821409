"""What is known of stores that checks of their campaigns go by, as far as the other services have told it."""

from collections.abc import Collection

from libs.postgres.pool import Connection
from services.trigger.campaigns.documents import Known
from services.trigger.db import campaign_assets, stores


async def known_of(connection: Connection, store_ids: Collection[str]) -> dict[str, Known]:
    """By store: the `currencies` in which it sells, and, where the notifier has told of it, its `templates` and
    `pools` of coupons.
    """
    currencies = await stores.currencies_of(connection, store_ids)
    assets = await campaign_assets.of_stores(connection, store_ids)
    told = {store_id: {"templates": one.templates, "pools": one.pools} for store_id, one in assets.items()}
    return {one: {"currencies": currencies.get(one, ())} | told.get(one, {}) for one in store_ids}
