"""What customers look at: kept where the store says so, told to the others, shown to the last look, and gone again."""

from datetime import timedelta
from typing import Any

import pytest

from libs.contracts.events import ProductViewed
from services.cart.domain.views import KEPT, MAX_VIEWS
from services.cart.handlers.views import ViewHandlers
from tests.integration.cart.handlers.test_erasure import erase
from tests.integration.cart.shop import Shop, Visitor, done, refused


@pytest.fixture(autouse=True)
def keeping(shop: Shop) -> None:
    shop.change_store(views="kept")


async def look(who: Visitor, *skus: str, path: str = "/views", **headers: str) -> None:
    told = {"views": [{"sku": sku, "title": sku.title()} for sku in skus]}
    assert done(await who.ask("POST", path, told, **headers), 204) is None


async def kept(shop: Shop, *skus: str, customer: str = "anna") -> list[str]:
    """Which of these skus the last look knows that they looked at, in that order."""
    asked = "&".join(f"viewed={sku}" for sku in skus or ("tea", "jam", "rug"))
    seen = done(await shop.server().ask("GET", f"/customers/{customer}/look?{asked}"))
    return [one["sku"] for one in seen["viewed"]]


async def told(shop: Shop) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.customer_id, one.skus) for one in await shop.events() if isinstance(one, ProductViewed)]


async def test_one_call_tells_of_several_products_and_of_each_once(shop: Shop):
    await look(shop.customer(), "tea", "jam", " tea")
    assert await told(shop) == [("anna", ("jam", "tea"))]
    assert shop.touched
    assert await kept(shop) == ["tea", "jam"]
    assert await kept(shop, "jam", "tea") == ["jam", "tea"]
    assert await kept(shop, customer="ben") == []


async def test_the_last_look_shows_it_as_the_page_told_it_with_what_is_left(shop: Shop):
    anna, server = shop.customer(), shop.server()
    page, picture = "https://shop.test/tea", "https://elsewhere.test/tea.jpg"
    told = [{"sku": "tea", "title": "Tea", "url": page, "image_url": picture}, {"sku": "jam"}]
    done(await anna.ask("POST", "/views", {"views": told}), 204)
    await server.level("tea", 3)
    seen = done(await server.ask("GET", "/customers/anna/look?viewed=tea"))
    assert seen["viewed"] == [{"sku": "tea", "title": "Tea", "url": page, "image_url": None}]
    assert seen["inventory"] == {"tea": 3}
    bare = done(await server.ask("GET", "/customers/anna/look"))
    assert (bare["viewed"], bare["inventory"]) == ([], {})


async def test_a_server_tells_of_a_customer_under_any_name_of_theirs(shop: Shop):
    server = shop.server()
    done(await server.ask("PUT", "/customers/anna/identities/loyal-7"))
    await look(server, "tea", path="/customers/loyal-7/views")
    assert await told(shop) == [("anna", ("tea",))]
    assert await kept(shop) == ["tea"]


async def test_a_store_that_says_nothing_takes_and_keeps_nothing(shop: Shop):
    shop.change_store(views="off")
    views = {"views": [{"sku": "tea"}]}
    refused(await shop.customer().ask("POST", "/views", views), 403, "views-off")
    refused(await shop.server().ask("POST", "/customers/anna/views", views), 403, "views-off")
    assert (await told(shop), await shop.count("views")) == ([], 0)


async def test_of_a_guest_nothing_is_taken(shop: Shop):
    guest = await shop.guest()
    refused(await guest.ask("POST", "/views", {"views": [{"sku": "tea"}]}), 403, "forbidden")
    assert (await told(shop), await shop.count("views")) == ([], 0)


@pytest.mark.parametrize("origin", ["staff", "bot", "import"])
async def test_what_no_shopper_looks_at_is_neither_kept_nor_told(shop: Shop, origin: str):
    await look(shop.customer(), "tea", X_Origin=origin)
    await look(shop.server(), "tea", path="/customers/anna/views", X_Origin=origin)
    assert (await told(shop), await shop.count("views")) == ([], 0)


@pytest.mark.parametrize(
    "views", [[], [{"sku": str(n)} for n in range(51)], [{"sku": " "}], [{"sku": "a", "url": "x"}]]
)
async def test_what_can_not_be_is_refused_and_changes_nothing(shop: Shop, views: list[dict[str, Any]]):
    refused(await shop.customer().ask("POST", "/views", {"views": views}), 422, "invalid-request")
    assert (await told(shop), await shop.count("views")) == ([], 0)


async def test_the_same_call_again_tells_nothing_twice(shop: Shop):
    anna = shop.customer()
    await look(anna, "tea", Idempotency_Key="k-1")
    await look(anna, "tea", Idempotency_Key="k-1")
    assert await told(shop) == [("anna", ("tea",))]


async def test_what_they_ordered_is_forgotten_unless_they_looked_later(shop: Shop):
    anna, server = shop.customer(), shop.server()
    await look(anna, "tea", "jam")
    before = (shop.clock() - timedelta(days=1)).isoformat()
    line = {"sku": "jam", "quantity": 1}
    await server.order("1", customer_id="anna", lines=[line], placed_at=before)
    assert await kept(shop) == ["tea", "jam"]
    await server.order("2", customer_id="anna", lines=[line])
    assert await kept(shop) == ["tea"]
    await server.order("3", lines=[{"sku": "tea", "quantity": 1}])
    assert await kept(shop) == ["tea"], "nobody knows who ordered that"


async def test_only_the_newest_are_kept(shop: Shop):
    anna = shop.customer()
    for start in range(0, MAX_VIEWS + 50, 50):
        await look(anna, *(f"item-{n}" for n in range(start, start + 50)))
        shop.clock.forward(timedelta(minutes=1))
    assert await shop.count("views") == MAX_VIEWS
    assert await kept(shop, "item-0", "item-49", "item-50", f"item-{MAX_VIEWS + 49}") == [
        "item-50",
        f"item-{MAX_VIEWS + 49}",
    ]


async def test_it_is_forgotten_after_a_while_and_when_the_store_keeps_none_any_more(shop: Shop):
    anna, off = shop.customer(), list[str]()
    house = ViewHandlers(shop.pool, shop.clock, lambda *_: None, off=lambda: off)
    await look(anna, "tea")
    shop.clock.forward(KEPT - timedelta(minutes=1))
    await look(anna, "jam")
    assert await house.round() == 0
    shop.clock.forward(timedelta(minutes=2))
    assert (await house.round(), await kept(shop)) == (1, ["jam"])
    assert shop.books[0].without_views() == ["other"]
    shop.change_store(views="off")
    off.extend(shop.books[0].without_views())
    assert (await house.round(), await kept(shop)) == (1, [])


async def test_customers_who_become_one_have_looked_at_all_of_it(shop: Shop):
    anna, old = shop.customer(), shop.customer("loyal-7")
    await look(old, "tea", "jam")
    await look(anna, "tea", "rug")
    done(await shop.server().ask("POST", "/customers/loyal-7/merge", {"into": "anna"}))
    assert await kept(shop) == ["tea", "jam", "rug"]
    assert await shop.count("views") == 3


async def test_an_erasure_takes_it_and_an_export_lists_it(shop: Shop):
    await look(shop.customer(), "tea")
    [one] = done(await shop.server().ask("GET", "/customers/anna/export"))["views"]
    assert (one["sku"], one["title"], one["customer_id"]) == ("tea", "Tea", "anna")
    await erase(shop.server())
    assert (await kept(shop), await shop.count("views")) == ([], 0)
