"""Which open streams a change of stock or prices may concern: those that hold it, and none is missed."""

import asyncio

from pydantic_core import to_json

from services.cart.domain.cart_json import CartView, empty_view
from services.cart.domain.shopper import Shopper
from services.cart.live.names import MANY, Good, goods, name_of
from services.cart.live.publisher import PAGE, pages
from services.cart.live.subscriptions import Subscription, Subscriptions
from tests.unit.cart.live.test_subscriptions import ANNA, CART


def holding(*skus: str, version: int = 1) -> CartView:
    lines = to_json([{"sku": sku} for sku in skus])
    return CartView(CART, "shop", "anna", "active", version, "EUR", lines, 1, 1, None, None)


class Shelf:
    """A cart that is looked at when `open`."""

    def __init__(self, view: CartView) -> None:
        self.view, self.open = view, asyncio.Event()
        self.open.set()

    async def look(self) -> CartView:
        await self.open.wait()
        return self.view


async def opened(rooms: Subscriptions, shelf: Shelf, who: Shopper = ANNA) -> Subscription:
    room = rooms.enter(who, "phone", shelf.look)
    await room.read()
    return room


def moved(rooms: Subscriptions, *skus: str, store_id: str = "shop") -> list[Subscription]:
    rooms.wake(name_of(good) for good in goods(store_id, skus))
    return rooms.in_doubt()


async def test_a_good_concerns_those_who_hold_it_in_this_store():
    rooms = Subscriptions()
    tea = await opened(rooms, Shelf(holding("tea", "jam")))
    await opened(rooms, Shelf(holding("milk")), Shopper("shop", customer_id="ben"))
    await opened(rooms, Shelf(empty_view("shop", "cleo")), Shopper("shop", customer_id="cleo"))
    assert moved(rooms, "jam") == [tea]
    assert moved(rooms, "jam", store_id="other") == []
    assert not rooms.doubt.is_set()


async def test_many_goods_concern_whoever_holds_anything_of_the_store():
    rooms = Subscriptions()
    tea = await opened(rooms, Shelf(holding("tea")))
    await opened(rooms, Shelf(empty_view("shop", "ben")), Shopper("shop", customer_id="ben"))
    assert moved(rooms, *(f"sku-{n}" for n in range(MANY + 1))) == [tea]


async def test_what_moves_while_a_cart_is_looked_at_is_not_missed():
    rooms, shelf = Subscriptions(), Shelf(holding("tea"))
    room = await opened(rooms, shelf)
    shelf.open.clear()
    shelf.view = holding("tea", "jam", version=2)
    looking = asyncio.create_task(room.read())
    await asyncio.sleep(0)
    assert moved(rooms, "jam") == [room]
    shelf.open.set()
    await looking
    assert moved(rooms, "jam") == [room]
    assert moved(rooms, "milk") == []


async def test_nothing_is_noted_where_nobody_listens():
    rooms = Subscriptions()
    assert moved(rooms, "tea") == []
    assert not rooms.doubt.is_set()


def test_a_page_of_goods_fits_a_notification():
    assert len(goods("shop", [f"sku-{n}" for n in range(MANY)])) == MANY
    assert goods("shop", [f"sku-{n}" for n in range(10_000)]) == [Good("shop", None)]
    (page,) = pages([name_of(Good("shop", f"sku-{n}")) for n in range(PAGE)])
    assert len(" ".join(("s" * 8, *page))) < 8000
