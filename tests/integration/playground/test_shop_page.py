"""What shoppers tripped over in the shop, in a real browser: by mouse, by keyboard, on a phone and on a desk."""

import pytest
from playwright.async_api import Page

from tests.integration.playground.scenes import Scene, log_in, sent
from tests.support.browser import IN_A_BROWSER

pytestmark = IN_A_BROWSER
FOCUSED = "document.activeElement.dataset.focus ?? document.activeElement.id"
QUANTITY = "#cart .quantity"
FOR_EVER = """{
    const plain = setTimeout;
    window.setTimeout = (what, ms, ...more) => (ms === 4500 ? 0 : plain(what, ms, ...more));
}"""
"""What is said in passing goes on being said while the page is looked through."""
COVERED = """() => {
    const order = document.querySelector("[data-focus=order]").getBoundingClientRect();
    const found = [];
    for (let x = order.left + 5; x < order.right; x += 10) {
        const top = document.elementFromPoint(x, order.top + order.height / 2);
        if (top?.closest("#toast, .to-cart")) found.push([x, top.textContent]);
    }
    return found;
}"""
COVERED_WHEREVER = f"""async () => {{
    const covered = {COVERED};
    const found = [];
    for (let top = 0; top <= document.body.scrollHeight; top += 15) {{
        scrollTo({{ top, behavior: "instant" }});
        await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
        found.push(...covered());
    }}
    return [found, document.getElementById("toast").textContent];
}}"""


async def put_in(page: Page, *skus: str) -> None:
    for count, sku in enumerate(skus, 1):
        await page.click(f"#{sku} button")
        await page.wait_for_selector(f"#count:text-is('{count}')")


async def cart_of(scene: Scene, page: Page) -> list[tuple[str, int]]:
    """What the service holds, once it knows what the page shows."""
    await sent(page)
    [cart] = scene.fake.carts.values()
    return [(line["sku"], line["quantity"]) for line in cart["lines"]]


async def test_a_line_that_only_came_along_was_not_put_together(scene):
    """Story: after a log-in every line was "put together from two devices", also what only the phone had."""
    page = await scene.shopper()
    await log_in(page, "Ana")
    told = {"kind": "line_merged", "line_id": "1", "at": "2026-11-22T10:15:00Z"}
    came = told | {"notice_id": "n1", "sku": "mug", "title": "Enamel mug", "before": 0, "after": 2}
    both = told | {"notice_id": "n2", "sku": "lamp", "title": "Reading lamp", "before": 1, "after": 3}
    lines = [{"sku": "mug", "title": "Enamel mug", "price": 1, "quantity": 2, "line_id": "1", "options": {}}]
    scene.fake.carts["ana"] = scene.fake.cart("ana") | {"notices": [came]}
    scene.fake.save("ana", [dict(line) for line in lines])
    await page.wait_for_selector("#cart .title:has-text('Enamel mug')")
    assert await page.locator("#cart .notice.warn").count() == 0
    scene.fake.carts["ana"]["notices"] = [came, both]
    scene.fake.save("ana", [line | {"quantity": 3} for line in lines])
    await page.wait_for_selector("#cart .notice.warn")
    assert await page.locator("#cart .notice.warn li").all_inner_texts() == [
        "Reading lamp was put together from two devices: there are 3 of it now."
    ]


@pytest.mark.parametrize(
    ("width", "skus"), [(390, ["mug"]), (1280, ["mug"]), (1280, ["mug", "lamp", "kettle", "lantern"])]
)
async def test_nothing_lies_over_the_order_button_wherever_one_has_scrolled(scene, width: int, skus: list[str]):
    """Story: "Enamel mug is in the cart" lay over the button to order, and the second press opened the cart instead."""
    page = await scene.shopper(width)
    await put_in(page, *skus)
    await page.evaluate(FOR_EVER)
    await page.click("#mug button")
    found, said = await page.evaluate(COVERED_WHEREVER)
    assert (found, said) == ([], "Enamel mug is in the cart.")


async def test_what_is_said_in_passing_ends_with_its_truth(scene):
    """Story: the mug was taken out at once, and the shop still said that it was in the cart."""
    page = await scene.shopper()
    await page.evaluate(FOR_EVER)
    await put_in(page, "mug")
    assert await page.inner_text("#toast") == "Enamel mug is in the cart."
    await page.click("#cart [aria-label='Remove Enamel mug']")
    await page.wait_for_selector("#toast", state="hidden")
    await page.click("summary")
    for level, said in ((2, "visible"), (5, "hidden")):
        if said == "hidden":
            await scene.shop.http.put("/shop/api/stock/lamp", json={"available": level})
            await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        else:
            await page.fill("#stock-lamp", str(level))
            await page.press("#stock-lamp", "Enter")
        await page.wait_for_selector("#toast", state=said)


async def test_what_was_taken_out_comes_back(scene):
    """Story: one wrong press emptied a cart that had taken an evening."""
    page = await scene.shopper()
    await put_in(page, "mug", "lamp")
    await page.click("#cart [aria-label='One more: Enamel mug']")
    await page.wait_for_selector("#count:text-is('3')")
    before = await cart_of(scene, page)
    await page.click("#cart [aria-label='Remove Enamel mug']")
    await page.wait_for_selector("#undo:has-text('Enamel mug is out of the cart.')")
    assert await page.evaluate(FOCUSED) == "undo"
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#count:text-is('3')")
    assert await page.evaluate(FOCUSED) == "cart"
    await page.click("text=Empty the cart")
    await page.wait_for_selector("#count:text-is('0')")
    await page.click("#undo button")
    await page.wait_for_selector("#undo:empty", state="attached")
    await page.wait_for_selector("#count:text-is('3')")
    assert sorted(await cart_of(scene, page)) == sorted(before) == [("lamp", 1), ("mug", 2)]


@pytest.mark.parametrize("ending", ["added", "ordered", "logged in"])
async def test_an_undo_is_offered_no_longer_than_it_makes_sense(scene, ending: str):
    page = await scene.shopper()
    await put_in(page, "lamp", "mug")
    await page.click("#cart [aria-label='One less: Enamel mug']")
    await page.wait_for_selector("#undo button")
    if ending == "added":
        await page.click("#mug button")
    elif ending == "ordered":
        await page.click("text=Place the order")
    else:
        await log_in(page, "Ana")
    await page.wait_for_selector("#undo:empty", state="attached")


@pytest.mark.parametrize(
    ("typed", "key", "count"), [("12", "Enter", 12), ("7", "Tab", 7), ("x", "Enter", 1), ("5", "Escape", 1)]
)
async def test_a_quantity_can_be_typed(scene, typed: str, key: str, count: int):
    """Story: twelve mugs for the club took eleven presses."""
    page = await scene.shopper()
    await put_in(page, "mug")
    await page.get_by_label("Quantity of Enamel mug").fill(typed)
    await page.press(QUANTITY, key)
    await page.wait_for_selector(f"#count:text-is('{count}')")
    assert (await cart_of(scene, page), await page.input_value(QUANTITY)) == ([("mug", count)], str(count))
    assert await page.evaluate(FOCUSED) == ("mug+" if key == "Tab" else "mugquantity")


@pytest.mark.parametrize("width", [390, 1280])
async def test_whoever_types_and_orders_at_once_orders_what_was_typed(scene, width: int):
    """The cart was drawn anew while the button was down, which was then no button to be clicked any more."""
    page = await scene.shopper(width)
    await put_in(page, "mug")
    await page.fill(QUANTITY, "7")
    await page.click("text=Place the order")
    await page.wait_for_selector(".notice:has-text('is placed')")
    assert [line["quantity"] for order in scene.fake.orders for line in order["lines"]] == [7]


async def test_a_step_goes_on_from_what_was_typed(scene):
    page = await scene.shopper()
    await put_in(page, "mug")
    await page.fill(QUANTITY, "7")
    await page.click("#cart [aria-label='One more: Enamel mug']")
    await page.wait_for_selector("#count:text-is('8')")


async def test_a_quantity_of_none_takes_the_line_out_and_can_be_undone(scene):
    page = await scene.shopper()
    await put_in(page, "mug")
    await page.fill(QUANTITY, "0")
    await page.press(QUANTITY, "Enter")
    await page.wait_for_selector("#undo button")
    await page.click("#undo button")
    await page.wait_for_selector("#count:text-is('1')")


async def test_what_is_half_typed_survives_a_change_from_elsewhere(scene):
    page = await scene.shopper()
    await log_in(page, "Ana")
    await put_in(page, "mug")
    await page.fill(QUANTITY, "4")
    other = await scene.shopper(390)
    await log_in(other, "Ana")
    await other.click("#lamp button")
    await page.wait_for_selector("#cart .lines li:nth-child(2)")
    assert await page.input_value(QUANTITY) == "4"
    await page.keyboard.press("2")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#count:text-is('43')")


@pytest.mark.parametrize("width", [390, 1280])
async def test_the_focus_is_where_it_was_after_logging_in_and_out(scene, width: int):
    """Story: after logging in a screen reader began again at the top of the page."""
    page = await scene.shopper(width)
    await page.focus("#account button")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#login[open]")
    await page.focus("#people button:has-text('Ana')")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#account button:has-text('Ana')")
    assert await page.evaluate(FOCUSED) == "account"
    await page.keyboard.press("Tab")
    assert await page.evaluate(FOCUSED) == "log out"
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#account button:has-text('Log in')")
    assert await page.evaluate(FOCUSED) == "account"


async def test_whoever_logs_in_from_a_letter_s_link_goes_on_in_the_cart(scene):
    phone = await scene.shopper(390)
    await put_in(phone, "lantern")
    await log_in(phone, "Ana")
    await sent(phone)
    scene.fake.recoverable["token"] = scene.fake.carts["ana"]
    page = await scene.open(await scene.device(), "/shop?recover=token", "#recovered .lines")
    await page.focus("text=Log in to continue")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#login[open]")
    await page.focus("#people button:has-text('Ana')")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#recovered", state="hidden")
    assert await page.evaluate(FOCUSED) == "cart"
