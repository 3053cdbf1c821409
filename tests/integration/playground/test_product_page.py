"""The page of one product: what is chosen there is what is in the cart."""

import pytest

from tests.integration.playground.scenes import sent
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER


@pytest.mark.parametrize("width", [390, 1280])
async def test_a_product_s_page_adds_what_was_chosen_there(scene, width: int):
    page = await scene.shopper(width)
    await page.click("text=Choose size and colour")
    await page.wait_for_selector("h1:has-text('Canvas rucksack')")
    assert page.url == f"{scene.base}/shop/products/rucksack"
    await page.get_by_label("22 litres").focus()
    await page.keyboard.press("Space")
    assert await page.inner_text("#product-price") == "€133.00"
    await page.get_by_label("moss").focus()
    await page.keyboard.press("ArrowRight")
    await page.get_by_label("Quantity", exact=True).fill("2")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#count:text-is('2')")
    await page.wait_for_selector("#toast:text-is('Canvas rucksack, 22 litres, sand is in the cart.')")
    await page.click(".choice:has-text('black')")
    await page.click("#product form button")
    await page.wait_for_selector("#cart .lines li:nth-child(2)")
    await sent(page)
    [cart] = scene.fake.carts.values()
    assert [(line["options"], line["quantity"], line["price"]) for line in cart["lines"]] == [
        ({"size": "22 litres", "colour": "sand"}, 2, 13300),
        ({"size": "22 litres", "colour": "black"}, 2, 13300),
    ]
    assert "22 litres, black" in await page.inner_text("#cart .lines li:nth-child(2)")
    await page.click("#cart [aria-label='One more: Canvas rucksack, 22 litres, black']")
    await page.wait_for_selector("#count:text-is('5')")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.click("text=Place the order")
    await page.wait_for_selector(".notice:has-text('is placed')")
    [order] = scene.fake.orders
    assert len({line["line_id"] for line in order["lines"]}) == 2, "two lines of one sku are told apart"
    await page.click("text=All products")
    await page.wait_for_selector("#mug")


async def test_a_product_that_is_not_there_says_so_and_one_that_is_sold_out_can_not_be_added(scene):
    page = await scene.open(await scene.device(), "/shop/products/nothing", "h1:has-text('no such product')")
    assert await page.get_by_role("link", name="All products").count() == 1
    await scene.shop.http.put("/shop/api/stock/mug", json={"available": 0})
    page = await scene.open(await scene.device(), "/shop/products/mug", "#product form")
    assert await page.is_disabled("#product form button")


async def test_what_is_chosen_stays_chosen_when_the_stock_changes(scene):
    page = await scene.open(await scene.device(), "/shop/products/rucksack", "#product form")
    await page.click(".choice:has-text('sand')")
    await page.fill("#wanted", "3")
    await scene.shop.http.put("/shop/api/stock/rucksack", json={"available": 4})
    await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await page.wait_for_selector("#product .badge:has-text('only 4 left')")
    assert await page.get_by_label("sand").is_checked()
    assert await page.input_value("#wanted") == "3"
