"""What a store tells of prices goes out on `price.levels`: whole, each change once, the newest last."""

import asyncio
from typing import Any

from libs.contracts.events import PriceSet
from tests.integration.cart.handlers.test_prices import tell
from tests.integration.cart.shop import Shop, done


async def told(shop: Shop) -> list[PriceSet]:
    """The records, in order."""
    return [event for event in await shop.events() if isinstance(event, PriceSet)]


def prices(event: PriceSet) -> list[tuple[Any, ...]]:
    """Currency, options, price and what it was before."""
    return [(one.currency, one.options, one.price, one.previous) for one in event.prices]


async def test_a_price_that_changed_is_told_with_all_others_of_its_item(shop: Shop):
    """Story: a record in złoty took the place of the one in euros, and half of the shops forgot their prices."""
    await tell(shop, 1000)
    await tell(shop, 4300, currency="PLN")
    await tell(shop, 1200, options={"size": "L"})
    await tell(shop, 800)
    events = await told(shop)
    assert [(one.sku, one.price_version, one.key()) for one in events] == [("tea", n, "shop:tea") for n in range(1, 5)]
    assert prices(events[0]) == [("EUR", {}, 1000, None)]
    assert prices(events[3]) == [
        ("EUR", {"size": "L"}, 1200, None),
        ("EUR", {}, 800, 1000),
        ("PLN", {}, 4300, None),
    ]


async def test_a_price_that_is_told_again_or_is_stale_tells_nothing(shop: Shop):
    await tell(shop, 1000, sequence=7)
    await tell(shop, 1000, sequence=8)
    await tell(shop, 900, sequence=3)
    assert [prices(one) for one in await told(shop)] == [[("EUR", {}, 1000, None)]]


async def test_of_many_prices_at_once_each_item_is_told_once(shop: Shop):
    rows = [{"sku": sku, "price": 500, "currency": currency} for sku in ("tea", "jam") for currency in ("EUR", "PLN")]
    done(await shop.server().ask("POST", "/prices", {"prices": rows}))
    events = await told(shop)
    assert sorted((one.sku, len(one.prices), one.price_version) for one in events) == [("jam", 2, 1), ("tea", 2, 1)]


async def test_of_two_that_set_prices_of_one_item_at_once_the_later_record_has_both(shop: Shop):
    codes = ("EUR", "PLN", "CZK", "SEK", "NOK", "DKK", "GBP", "USD")
    await asyncio.gather(*(tell(shop, 100 + n, currency=code) for n, code in enumerate(codes)))
    events = await told(shop)
    assert [one.price_version for one in events] == list(range(1, 9))
    assert [len(one.prices) for one in events] == list(range(1, 9))
