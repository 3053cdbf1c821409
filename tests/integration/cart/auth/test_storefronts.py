"""Storefronts: publishable keys, the pages that may call with them, and guests' tokens in cookies."""

from collections.abc import AsyncIterator

import httpx
import pytest

from libs.postgres.pool import Pool
from services.cart.domain.rate import Rate, Rates
from tests.integration.cart.shop import LINE, OTHER_KEY, SECRET_KEY, Shop, Visitor, customer_token, done, held, refused

WEB, KIOSK, EVIL = "https://shop.test", "https://kiosk.test", "https://evil.test"


async def published(shop: Shop, name: str = "web", origins: tuple[str, ...] = (WEB,)) -> str:
    body = {"name": name, "kind": "publishable", "origins": origins}
    return str(done(await shop.server().ask("POST", "/keys", body), 201)["secret"])


def allowed(answer: httpx.Response) -> object:
    """The origin whose pages may read an answer."""
    return answer.headers.get("access-control-allow-origin")


async def preflight(shop: Shop, origin: str, path: str = "/v1/stores/shop/cart") -> httpx.Response:
    headers = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    return await shop.clients[0].options(path, headers=headers)


async def test_a_store_without_keys_asks_for_none(shop: Shop):
    guest = await shop.guest()
    await guest.add()
    done(await guest.ask("GET", "/cart", X_Publishable_Key="pk_whatever"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/cart/token"),
        ("DELETE", "/cart/token"),
        ("GET", "/cart"),
        ("POST", "/cart/lines"),
        ("PUT", "/cart/contact"),
        ("POST", "/cart/claim"),
    ],
)
async def test_a_store_with_a_key_asks_every_shopper_for_it(shop: Shop, method: str, path: str):
    await published(shop)
    problem = await shop.customer().ask(method, path, LINE)
    refused(problem, 401, "publishable-key-required")
    assert problem.headers["www-authenticate"].startswith("Bearer")
    refused(await shop.customer().ask(method, path, LINE, X_Publishable_Key="pk_x"), 401, "publishable-key-required")


async def test_servers_need_no_publishable_key_and_it_opens_nothing_to_them(shop: Shop):
    key = await published(shop)
    await shop.server().order("1")
    visitor = Visitor(shop.clients[0], {"Authorization": f"Bearer {key}"})
    refused(await visitor.ask("POST", "/orders", {"order_id": "2"}), 401, "unauthorized")
    refused(await visitor.ask("GET", "/cart", X_Publishable_Key=key), 401, "unauthorized")


async def test_a_key_is_of_one_store(shop: Shop):
    key = await published(shop)
    body = {"name": "web", "kind": "publishable", "origins": ["https://other.test"]}
    done(await shop.server(OTHER_KEY, "other").ask("POST", "/keys", body), 201)
    there = shop.customer(store="other")
    refused(await there.ask("GET", "/cart", X_Publishable_Key=key), 401, "publishable-key-required")


async def test_a_secret_key_is_no_publishable_key(shop: Shop):
    await published(shop)
    made = done(await shop.server().ask("POST", "/keys", {"name": "erp", "scopes": ["carts:read"]}), 201)
    answer = await shop.customer().ask("GET", "/cart", X_Publishable_Key=made["secret"])
    refused(answer, 401, "publishable-key-required")


async def test_pages_call_with_the_key_of_their_own_origin_only(shop: Shop):
    web, kiosk = await published(shop), await published(shop, "kiosk", (KIOSK,))
    anna = shop.customer()
    answer = await anna.ask("GET", "/cart", X_Publishable_Key=web, Origin=WEB)
    assert (done(answer)["units"], allowed(answer), answer.headers["vary"]) == (0, WEB, "Origin")
    for key, origin in ((web, KIOSK), (kiosk, WEB), (web, EVIL), (web, "null")):
        answer = await anna.ask("GET", "/cart", X_Publishable_Key=key, Origin=origin)
        refused(answer, 403, "origin-not-allowed")
        assert allowed(answer) is None
    done(await anna.ask("GET", "/cart", X_Publishable_Key=web))  # an app: no browser, no Origin


async def test_a_preflight_which_carries_no_key_allows_the_pages_of_all_storefronts(shop: Shop):
    await published(shop, "kiosk", (KIOSK,))
    for origin in (WEB, KIOSK):
        answer = await preflight(shop, origin)
        assert allowed(answer) == origin
        assert "X-Publishable-Key" in answer.headers["access-control-allow-headers"]
    assert allowed(await preflight(shop, EVIL)) is None
    assert allowed(await preflight(shop, KIOSK, "/v1/stores/other/cart")) is None


async def test_a_page_may_read_why_it_was_refused_for_want_of_a_key(shop: Shop):
    await published(shop)
    answer = await shop.customer().ask("GET", "/cart", Origin=WEB)
    refused(answer, 401, "publishable-key-required")
    assert allowed(answer) == WEB


async def test_when_the_last_key_is_revoked_none_is_asked_for(shop: Shop):
    await published(shop)
    (key,) = done(await shop.server().ask("GET", "/keys"))["keys"]
    done(await shop.server().ask("DELETE", f"/keys/{key['key_id']}"), 204)
    await (await shop.guest()).add()


@pytest.fixture(params=["same-site", "cross-site"])
async def cookies(pool: Pool, request: pytest.FixtureRequest) -> AsyncIterator[Shop]:
    shop = Shop.open(pool, store={"cookie": request.param})
    yield shop
    await shop.close()


async def given(shop: Shop, origin: str = WEB) -> tuple[httpx.Response, str]:
    """The answer that sets the cookie, and the Cookie header of the browser from then on."""
    answer = await shop.clients[0].post("/v1/stores/shop/cart/token", headers={"Origin": origin})
    shop.clients[0].cookies.clear()  # the test is the browser
    return answer, answer.headers.get("set-cookie", "").partition(";")[0]


def browser(shop: Shop, cookie: str, **headers: str) -> Visitor:
    return Visitor(shop.clients[0], {"Cookie": cookie} | {k.replace("_", "-"): v for k, v in headers.items()})


async def test_the_browser_keeps_the_token_where_no_script_can_read_it(cookies: Shop):
    answer, _ = await given(cookies)
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name == f"__Host-evercart-shop={answer.json()['cart_token']}"
    site = cookies.books[0].get("shop").store.cookie  # type: ignore[union-attr]
    same = {"same-site": "SameSite=Lax", "cross-site": "SameSite=None"}[site]
    assert set(attributes) == {"Path=/", "Secure", "HttpOnly", same, "Max-Age=34560000"}


async def test_a_guest_shops_by_cookie(cookies: Shop):
    _, cookie = await given(cookies)
    guest = browser(cookies, cookie, Origin=WEB)
    await guest.add("tea", 2)
    answer = await guest.ask("GET", "/cart")
    assert held(done(answer)) == {"tea": 2}
    assert (allowed(answer), answer.headers["access-control-allow-credentials"]) == (WEB, "true")
    assert (await preflight(cookies, WEB)).headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    "page",
    [{"Origin": EVIL}, {"Origin": "null"}, {}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
     {"Sec-Fetch-Site": "none"}, {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize(
    "call", [("POST", "/cart/lines"), ("DELETE", "/cart/lines"), ("PATCH", "/cart"), ("DELETE", "/cart/token")]
)
async def test_no_page_of_somebody_else_changes_a_cart_by_its_cookie(
    cookies: Shop, call: tuple[str, str], page: dict[str, str]
):
    _, cookie = await given(cookies)
    await browser(cookies, cookie, Origin=WEB).add()
    answer = await browser(cookies, cookie, **page).ask(call[0], call[1], LINE)
    refused(answer, 403, "origin-not-allowed")
    assert "access-control-allow-origin" not in answer.headers
    assert held(await browser(cookies, cookie).cart()) == {"tea": 1}


async def test_a_page_of_the_api_s_own_origin_is_vouched_for_by_the_browser(cookies: Shop):
    _, cookie = await given(cookies)
    await browser(cookies, cookie, Sec_Fetch_Site="same-origin").add()


async def test_no_page_of_somebody_else_swaps_a_shopper_s_cookie(cookies: Shop):
    for origin in (EVIL, "null"):
        answer, _ = await given(cookies, origin)
        assert "set-cookie" not in answer.headers


async def test_who_shows_a_header_is_not_asked_for_a_cookie(cookies: Shop):
    _, cookie = await given(cookies)
    await browser(cookies, cookie, Origin=WEB).add("tea")
    anna = browser(cookies, cookie, Authorization=f"Bearer {customer_token('anna')}")
    await anna.add("jam")
    assert held(await anna.cart()) == {"jam": 1}
    guest = await cookies.guest()
    await Visitor(guest.http, guest.headers | {"Cookie": cookie}).add("oil")
    assert held(await guest.cart()) == {"oil": 1}
    assert held(await browser(cookies, cookie).cart()) == {"tea": 1}


async def test_a_log_in_takes_the_cart_of_the_cookie_along_and_a_log_out_forgets_it(cookies: Shop):
    _, cookie = await given(cookies)
    await browser(cookies, cookie, Origin=WEB).add("tea", 2)
    anna = browser(cookies, cookie, Origin=WEB, Authorization=f"Bearer {customer_token('anna')}")
    assert held(done(await anna.ask("POST", "/cart/claim", {}))["cart"]) == {"tea": 2}
    answer = await browser(cookies, cookie, Origin=WEB).ask("DELETE", "/cart/token")
    assert answer.status_code == 204
    assert answer.headers["set-cookie"].startswith("__Host-evercart-shop=; Path=/; Max-Age=0; Secure; HttpOnly")
    assert held(await browser(cookies, cookie).cart()) == {}


async def test_a_cookie_that_was_planted_beside_the_own_opens_neither(cookies: Shop):
    _, cookie = await given(cookies)
    _, planted = await given(cookies)
    refused(await browser(cookies, f"{planted}; {cookie}").ask("GET", "/cart"), 401, "unauthorized")
    refused(await browser(cookies, "__Host-evercart-shop=nonsense").ask("GET", "/cart"), 401, "unauthorized")
    refused(await browser(cookies, cookie.replace("shop", "other")).ask("GET", "/cart"), 401, "unauthorized")


async def test_where_cookies_are_off_they_count_for_nothing(shop: Shop):
    answer, _ = await given(shop)
    assert "set-cookie" not in answer.headers
    cookie = f"__Host-evercart-shop={answer.json()['cart_token']}"
    refused(await browser(shop, cookie).ask("GET", "/cart"), 401, "unauthorized")
    answer = await shop.customer().ask("GET", "/cart", Origin=WEB)
    assert "access-control-allow-credentials" not in answer.headers
    refused(await shop.customer().ask("POST", "/cart/claim", {}), 422, "invalid-request")


async def test_with_keys_the_cookie_goes_by_the_origins_of_the_key(cookies: Shop):
    _, cookie = await given(cookies)
    key = await published(cookies, "kiosk", (KIOSK,))
    await browser(cookies, cookie, Origin=KIOSK, X_Publishable_Key=key).add()
    answer = await browser(cookies, cookie, Origin=WEB, X_Publishable_Key=key).ask("POST", "/cart/lines", LINE)
    refused(answer, 403, "origin-not-allowed")


async def test_a_server_needs_its_key_whatever_cookie_it_sends(cookies: Shop):
    _, cookie = await given(cookies)
    refused(await browser(cookies, cookie, Origin=WEB).ask("GET", "/keys"), 403, "forbidden")
    assert (await browser(cookies, cookie, Authorization=f"Bearer {SECRET_KEY}").ask("GET", "/keys")).status_code == 200


async def test_each_storefront_is_counted_by_its_own_key(shop: Shop):
    web, kiosk = await published(shop), await published(shop, "kiosk", (KIOSK,))
    shop.change_store(rates=Rates(storefront=Rate(per_second=0.1, burst=2)))
    for customer in ("anna", "ben"):
        done(await shop.customer(customer).ask("GET", "/cart", X_Publishable_Key=web))
    answer = await shop.customer("cleo").ask("GET", "/cart", X_Publishable_Key=web)
    assert refused(answer, 429, "rate-limited")["limit"] == "storefront"
    done(await shop.customer("cleo").ask("GET", "/cart", X_Publishable_Key=kiosk))
