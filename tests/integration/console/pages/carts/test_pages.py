"""Support changes a customer's open cart: on the state that was seen, once, and told in words where it can't be."""

import re
from typing import Any

import httpx
import pytest

from libs.contracts.events import LevelLow
from libs.runtime.ids import uuid7
from services.console.db import stock_levels
from tests.integration.console.pages.conftest import Browser, Console
from tests.integration.console.pages.fake_carts import CART_ID, JAM_LINE, TEA_LINE

CUSTOMER, CART = "/stores/shop/customer", "/stores/shop/customer/cart"
DONE = f"{CUSTOMER}?id=anna&done=cart_changed#carts"
ACTIONS = "/customers/anna/cart/actions"
HIDDEN = re.compile(r'name="(version|key)" value="([^"]+)"')


async def at_customer(console: Console, role: Any = "support") -> Browser:
    browser = await console.somebody(role)
    await browser.get(CUSTOMER, id="anna")
    return browser


async def send(browser: Browser, **fields: Any) -> httpx.Response:
    """A form of the page that was seen last."""
    return await browser.post(CART, id="anna", **(dict(HIDDEN.findall(browser.page)) | fields))


async def again(browser: Browser, answer: httpx.Response) -> str:
    """The page that a fault was told on, to go on from."""
    assert answer.status_code == 422, answer.text
    browser.page = answer.text
    return answer.text


def asked(console: Console) -> list[dict[str, Any]]:
    calls = [body["actions"] for _, path, body in console.fake.calls if path == ACTIONS]
    return [action for actions in calls for action in actions]


async def test_an_item_of_an_earlier_cart_is_put_in_by_its_sku_alone(console: Console):
    support = await at_customer(console)
    answer = await send(support, sku=" jam ", quantity="2", title="", price="")
    assert (answer.status_code, answer.headers["location"]) == (303, DONE)
    put_in = {"action": "add", "sku": "jam", "quantity": 2, "title": "Plum jam", "price": 390, "currency": "EUR"}
    assert asked(console) == [put_in | {"options": {"size": "340 g"}}]
    assert console.fake.carts.origins == ["staff"]
    assert console.fake.if_match == [f'"7-{CART_ID[-12:]}"']
    page = (await support.get(DONE)).text
    assert all(told in page for told in ("The cart is changed", "Plum jam", "4 units", "340 g"))


async def test_a_kind_that_the_customer_has_not_had_is_put_in_by_its_options(console: Console):
    support = await at_customer(console)
    page = await again(support, await send(support, sku="jam", quantity="1", options="size 200 g"))
    assert "in a line of its own" in page
    assert ">size 200 g</textarea>" in page
    page = await again(support, await send(support, sku="jam", quantity="1", options="size: 200 g"))
    assert "or not of this kind" in page
    small = {"sku": "jam", "quantity": "1", "title": "Plum jam", "price": "2.90", "options": "size: 200 g"}
    assert (await send(support, **small)).headers["location"] == DONE
    (put_in,) = asked(console)
    assert (put_in["options"], put_in["price"]) == ({"size": "200 g"}, 290)
    assert "size: 200 g" in (await support.get(DONE)).text


async def test_a_quantity_is_changed_and_a_line_taken_out(console: Console):
    support = await at_customer(console)
    assert (await send(support, line=TEA_LINE, quantity="5")).headers["location"] == DONE
    assert "5 units" in (await support.get(CUSTOMER, id="anna")).text
    assert (await send(support, line=TEA_LINE, quantity="5", do="remove")).headers["location"] == DONE
    assert asked(console) == [
        {"action": "set", "line_id": TEA_LINE, "quantity": 5},
        {"action": "remove", "line_id": TEA_LINE},
    ]
    assert console.fake.carts.lines == {}


async def test_each_change_is_a_row_of_the_audit_before_it_is_made_with_nothing_of_the_person(console: Console):
    support = await at_customer(console)
    await send(support, sku="jam", quantity="2")
    await support.get(CUSTOMER, id="anna")
    console.fake.refuses[ACTIONS] = (409, {"type": "urn:evercart:problem:busy", "detail": "Try again."})
    await send(support, line=TEA_LINE, quantity="1")
    rows = await console.pool.fetch(
        "SELECT action, subject, detail FROM audit WHERE action LIKE 'carts%' ORDER BY 1, 3"
    )
    assert [tuple(row) for row in rows] == [
        ("carts.change", "customer:anna", "add jam x2"),
        ("carts.change", "customer:anna", "set tea x1"),
        ("carts.change.failed", "customer:anna", "Try again."),
    ]


async def test_what_the_customer_changed_meanwhile_is_shown_and_not_overwritten(console: Console):
    support = await at_customer(console)
    assert console.fake.carts.lines is not None
    console.fake.carts.lines[TEA_LINE] |= {"quantity": 9}
    console.fake.carts.version += 1
    page = await again(support, await send(support, line=TEA_LINE, quantity="1"))
    assert "The cart changed meanwhile" in page
    assert "9 units" in page
    assert console.fake.carts.lines[TEA_LINE]["quantity"] == 9
    assert (await send(support, line=TEA_LINE, quantity="1")).status_code == 303


async def test_two_clicks_put_it_in_once(console: Console):
    support = await at_customer(console)
    first = await send(support, sku="jam", quantity="2")
    console.fake.carts.under_way = 1
    second = await send(support, sku="jam", quantity="2")
    assert (first.headers["location"], second.headers["location"]) == (DONE, DONE)
    assert len(set(console.fake.idempotency)) == 1
    assert console.fake.carts.lines is not None
    assert console.fake.carts.lines[JAM_LINE]["quantity"] == 2


async def test_another_change_from_an_old_page_is_none(console: Console):
    support = await at_customer(console)
    await send(support, line=TEA_LINE, quantity="5")
    page = await again(support, await send(support, line=TEA_LINE, quantity="6"))
    assert "The cart changed meanwhile" in page
    assert "5 units" in page


async def test_what_nobody_knows_of_is_sent_again_under_the_same_key(console: Console):
    support = await at_customer(console)
    key = dict(HIDDEN.findall(support.page))["key"]
    console.fake.refuses[ACTIONS] = (503, {})
    page = await again(support, await send(support, sku="jam", quantity="2"))
    assert "it is done only once" in page
    assert dict(HIDDEN.findall(page))["key"] == key
    assert 'value="jam"' in page
    console.fake.refuses.clear()
    assert (await send(support, sku="jam", quantity="2")).status_code == 303
    assert console.fake.idempotency == [f"{key}-add"] * 2


async def test_without_an_open_cart_what_is_put_in_makes_one(console: Console):
    console.fake.carts.lines = None
    support = await at_customer(console)
    assert "What you put in makes one" in support.page
    answer = await send(support, sku="cup", quantity="1", title="Blue cup", price="12,50")
    assert answer.headers["location"] == DONE
    made = {"action": "add", "sku": "cup", "quantity": 1, "title": "Blue cup", "price": 1250, "currency": "EUR"}
    assert asked(console) == [made]
    assert console.fake.if_match == ['"0"']


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"sku": "", "quantity": "1"}, "Type the item&#39;s SKU"),
        ({"sku": "jam", "quantity": "0"}, "a whole number from 1 to 999"),
        ({"sku": "jam", "quantity": "two"}, "a whole number from 1 to 999"),
        ({"line": TEA_LINE, "quantity": "-1"}, "a whole number from 0 to 999"),
        ({"sku": "mug", "quantity": "1"}, "was in none of this customer&#39;s carts"),
        ({"sku": "mug", "quantity": "1", "title": "Mug"}, "was in none of this customer&#39;s carts"),
        ({"sku": "mug", "quantity": "1", "title": "Mug", "price": "much"}, "Type the price of one"),
        ({"sku": "jam", "quantity": "1", "options": "large"}, "Type each option once"),
        ({"line": "x", "quantity": "1"}, "The cart changed meanwhile"),
        ({"sku": "jam", "quantity": "1", "version": "7"}, "The cart changed meanwhile"),
    ],
)
async def test_what_can_not_be_asked_is_told_at_the_form_and_asks_nobody(
    console: Console, fields: dict[str, str], told: str
):
    support = await at_customer(console)
    assert told in await again(support, await send(support, **fields))
    assert console.fake.calls == []
    assert "carts.change" not in [action for action, _ in await console.audited()]


@pytest.mark.parametrize(
    ("status", "slug", "members", "told"),
    [
        (409, "limit-reached", {"which": "lines", "limit": 100}, "100 different items at most"),
        (409, "limit-reached", {"which": "quantity", "limit": 20}, "20 of one item at most"),
        (409, "limit-reached", {"which": "bytes", "limit": 9}, "has refused it: It is full."),
        (409, "currency-mismatch", {"currency": "PLN"}, "another currency"),
        (403, "insufficient-scope", {}, "the scope carts:write"),
        (401, "unauthorized", {}, "the scope carts:write"),
        (422, "invalid-request", {}, "has refused it: It is full."),
        (404, "unknown-line", {}, "The cart changed meanwhile"),
    ],
)
async def test_what_the_cart_refuses_is_told_in_words_with_what_was_typed(
    console: Console, status: int, slug: str, members: dict[str, Any], told: str
):
    support = await at_customer(console)
    problem = {"type": f"urn:evercart:problem:{slug}", "detail": "It is full."} | members
    console.fake.refuses[ACTIONS] = (status, problem)
    page = await again(support, await send(support, sku="jam", quantity="7"))
    assert told in page
    assert page.count('role="alert"') == 1
    assert ('value="7"' in page) is ("changed meanwhile" not in told)


async def test_what_runs_low_is_told_at_its_line(console: Console):
    low = LevelLow(
        event_id=uuid7(), occurred_at=console.clock(), store_id="shop", sku="tea", available=1, level_version=1,
        threshold=3, rearm_above=1,
    )  # fmt: skip
    async with console.pool.acquire() as connection:
        await stock_levels.keep(connection, [low])
    assert "Runs low: 1 was left" in (await at_customer(console)).page


async def test_nobody_changes_a_guest_s_cart_or_one_that_is_not_known(console: Console):
    support = await console.somebody("support")
    assert CART not in (await support.get(CUSTOMER, id="guest:0f3c")).text
    console.fake.silent.add("cart")
    page = (await support.get(CUSTOMER, id="anna")).text
    assert CART not in page
    assert "it is done only once" in await again(support, await send(support, sku="jam", quantity="1"))
