"""Every route and every role: who is let in, who is not, and that nobody else is."""

from typing import get_args

import pytest
from fastapi.routing import APIRoute

from services.console.domain.roles import ROLES, Role, may
from services.console.web.pages.app import ROUTERS
from tests.integration.console.pages.conftest import BASE, Console
from tests.integration.console.pages.fake_backtests import TRIED
from tests.integration.console.pages.fake_carts import CART_ID
from tests.integration.console.pages.fake_services import COPY_ID, KEY_ID, MERGE_ID
from tests.integration.console.pages.fake_templates import SHIPPED

OPEN = {
    ("GET", "/log-in"),
    ("POST", "/log-in"),
    ("GET", "/come/{token}"),
    ("POST", "/come/{token}"),
    ("GET", "/log-in/provider"),
    ("GET", "/log-in/provider/return"),
}
OF_ALL = {("GET", "/"), ("POST", "/log-out"), ("POST", "/language")}
S = "/stores/{store_id}"
EVERYBODY: set[str] = set(ROLES)
OWNER = {"owner"}
LETS_IN: dict[tuple[str, str], set[str]] = {
    ("GET", f"{S}/today"): EVERYBODY,
    ("GET", f"{S}/today/live"): EVERYBODY,
    ("GET", f"{S}/campaigns"): EVERYBODY,
    ("GET", f"{S}/campaigns/versions"): EVERYBODY,
    ("GET", f"{S}/campaigns/versions/{{number}}"): EVERYBODY,
    ("GET", f"{S}/campaigns/edit"): {"marketer", "owner"},
    ("POST", f"{S}/campaigns/edit"): {"marketer", "owner"},
    ("POST", f"{S}/campaigns/check"): {"marketer", "owner"},
    ("POST", f"{S}/campaigns/versions/{{number}}/roll-back"): {"marketer", "owner"},
    ("GET", f"{S}/campaigns/backtests"): {"marketer", "owner"},
    ("POST", f"{S}/campaigns/backtests"): {"marketer", "owner"},
    ("POST", f"{S}/campaigns/backtests/prices"): {"marketer", "owner"},
    ("GET", f"{S}/campaigns/backtests/{{backtest_id}}"): {"marketer", "owner"},
    ("GET", f"{S}/campaigns/backtests/{{backtest_id}}/live"): {"marketer", "owner"},
    ("POST", f"{S}/campaigns/backtests/{{backtest_id}}/cancel"): {"marketer", "owner"},
    ("GET", f"{S}/pause"): {"marketer", "ops", "owner"},
    ("POST", f"{S}/pause"): {"marketer", "ops", "owner"},
    ("POST", f"{S}/resume"): {"marketer", "ops", "owner"},
    ("GET", f"{S}/experiments"): EVERYBODY,
    ("GET", f"{S}/experiments/end"): {"marketer", "owner"},
    ("POST", f"{S}/experiments/end"): {"marketer", "owner"},
    ("GET", f"{S}/customers"): {"support", "owner"},
    ("POST", f"{S}/customers"): {"support", "owner"},
    ("GET", f"{S}/customer"): {"support", "owner"},
    ("POST", f"{S}/customer/contact"): {"support", "owner"},
    ("POST", f"{S}/customer/export"): {"support", "owner"},
    ("GET", f"{S}/customer/erase"): {"support", "owner"},
    ("POST", f"{S}/customer/erase"): {"support", "owner"},
    ("POST", f"{S}/customer/cart"): {"support", "owner"},
    ("GET", f"{S}/customer/merges/{{merge_id}}"): {"support", "owner"},
    ("POST", f"{S}/customer/merges/{{merge_id}}"): {"support", "owner"},
    ("GET", f"{S}/messages"): {"marketer", "support", "ops", "owner"},
    ("GET", f"{S}/messages/{{reminder_id}}"): {"marketer", "support", "owner"},
    ("GET", f"{S}/messages/{{reminder_id}}/letter"): {"marketer", "support", "owner"},
    ("GET", f"{S}/templates"): {"marketer", "support", "owner"},
    ("GET", f"{S}/templates/letter"): {"marketer", "support", "owner"},
    ("GET", f"{S}/templates/versions"): {"marketer", "support", "owner"},
    ("GET", f"{S}/templates/versions/{{number}}"): {"marketer", "support", "owner"},
    ("GET", f"{S}/templates/edit"): {"marketer", "owner"},
    ("POST", f"{S}/templates/edit"): {"marketer", "owner"},
    ("POST", f"{S}/templates/check"): {"marketer", "owner"},
    ("GET", f"{S}/templates/draft-letter"): {"marketer", "owner"},
    ("POST", f"{S}/templates/versions/{{number}}/roll-back"): {"marketer", "owner"},
    ("POST", f"{S}/templates/remove"): {"marketer", "owner"},
    ("GET", f"{S}/stock"): EVERYBODY,
    ("GET", f"{S}/stock/item"): EVERYBODY,
    ("POST", f"{S}/stock/people"): {"support", "owner"},
    ("GET", f"{S}/test"): {"marketer", "support", "owner"},
    ("POST", f"{S}/test"): {"marketer", "support", "owner"},
    ("GET", f"{S}/replies"): {"support", "ops", "owner"},
    ("POST", f"{S}/replies/read"): {"support", "owner"},
    ("GET", f"{S}/lift"): {"support", "owner"},
    ("POST", f"{S}/lift"): {"support", "owner"},
    ("GET", f"{S}/health"): EVERYBODY,
    ("GET", f"{S}/letters"): {"ops", "owner"},
    ("GET", f"{S}/letters/put-back"): {"ops", "owner"},
    ("POST", f"{S}/letters/put-back"): {"ops", "owner"},
    ("GET", f"{S}/letters/dismiss"): {"ops", "owner"},
    ("POST", f"{S}/letters/dismiss"): {"ops", "owner"},
    ("GET", f"{S}/upcoming"): {"marketer", "support", "ops", "owner"},
    ("GET", f"{S}/upcoming/cancel"): {"marketer", "support", "ops", "owner"},
    ("POST", f"{S}/upcoming/cancel"): {"marketer", "support", "ops", "owner"},
    ("GET", f"{S}/settings"): {"ops", "owner"},
    ("GET", f"{S}/settings/edit"): OWNER,
    ("POST", f"{S}/settings/edit"): OWNER,
    ("POST", f"{S}/settings/check"): OWNER,
    ("GET", f"{S}/settings/keys"): {"ops", "owner"},
    ("POST", f"{S}/settings/keys/make"): OWNER,
    ("GET", f"{S}/settings/keys/rotate"): OWNER,
    ("POST", f"{S}/settings/keys/rotate"): OWNER,
    ("GET", f"{S}/settings/keys/revoke"): OWNER,
    ("POST", f"{S}/settings/keys/revoke"): OWNER,
    ("GET", f"{S}/people"): OWNER,
    ("POST", f"{S}/people/invite"): OWNER,
    ("POST", f"{S}/people/role"): OWNER,
    ("POST", f"{S}/people/remove"): OWNER,
    ("GET", f"{S}/audit"): {"ops", "owner"},
}
FILLED = {"{store_id}": "shop", "{number}": "3", "{token}": "nothing", "{reminder_id}": COPY_ID, "{merge_id}": MERGE_ID}
FILLED |= {"{backtest_id}": TRIED}
QUERY = {"id": "anna", "channel": "email", "subject": "customer:anna", "reason": "stop", "template": "browse"}
QUERY |= {"topic": "cart.events", "language": "en", "cart": CART_ID, "campaign": "cart", "sku": "tea"}
QUERY |= {"key": KEY_ID, "name": "till"}
LIVE = f"{S}/today/live"


def routes() -> set[tuple[str, str]]:
    found = (route for router in ROUTERS for route in router.routes)
    return {(method, route.path) for route in found if isinstance(route, APIRoute) for method in route.methods or ()}


def address(path: str) -> str:
    for name, value in FILLED.items():
        path = path.replace(name, value)
    return path


def test_the_table_names_every_route_and_no_other():
    assert routes() == OPEN | OF_ALL | set(LETS_IN)


@pytest.mark.parametrize("role", get_args(Role))
async def test_a_role_comes_in_where_it_may_and_nowhere_else(console: Console, role: Role):
    browser = await console.somebody(role)
    console.fake.templates.versions["browse"] = [SHIPPED] * 3
    for (method, path), roles in sorted(LETS_IN.items()):
        if path == LIVE and role in roles:
            continue  # it goes on for a minute, and has a test of its own
        answer = await browser.http.request(method, address(path), params=QUERY, headers={"Origin": BASE})
        if role not in roles:
            assert (answer.status_code, "not for your role" in answer.text) == (403, True), (method, path)
        elif method == "POST":  # let in as far as the form, which has no token
            assert (answer.status_code, "form is too old" in answer.text) == (403, True), (method, path)
        else:
            assert answer.status_code in (200, 422), (method, path, answer.text[:300])
    tried = [call for call in console.fake.calls if "dry_run" in call[1] or call[:2] == ("POST", "/preview")]
    assert [call for call in console.fake.calls if call not in tried] == []


async def test_nobody_comes_in_without_a_log_in(console: Console):
    browser = console.browser()
    for method, path in sorted(OF_ALL | set(LETS_IN)):
        answer = await browser.http.request(method, address(path), headers={"Origin": BASE})
        assert answer.status_code == 303, (method, path)
        assert answer.headers["location"].startswith("/log-in")
    assert console.fake.calls == []


async def test_a_store_of_others_is_as_one_that_there_is_not(console: Console):
    await console.pool.execute(
        "INSERT INTO stores (store_id, version, name, locale, time_zone, currency)"
        " VALUES ('other', 1, 'Other', 'en', 'UTC', 'EUR')"
    )
    person, browser = await console.person("owner", ("shop",)), console.browser()
    await browser.log_in(person.email)
    assert (await browser.get("/stores/shop/today")).status_code == 200
    for method, path in sorted(LETS_IN):
        for store in ("other", "unknown"):
            path_there = address(path).replace("/shop/", f"/{store}/")
            answer = await browser.http.request(method, path_there, params=QUERY, headers={"Origin": BASE})
            assert answer.status_code == 404, (method, path, store)
    assert "Other" not in (await browser.get("/stores/shop/today")).text


def test_an_owner_may_everything_and_a_viewer_sees_nobody():
    assert not any(may("viewer", right) for right in ("customers:read", "messages:read", "campaigns:write"))
    assert all(may("owner", right) for right in ("customers:erase", "people:write", "messages:pause"))
