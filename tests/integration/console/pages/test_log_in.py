"""Log-ins: the first person, passwords, sessions that end, forms of others, and too many attempts."""

import re
from typing import Any

import pytest

from services.console.domain.attempts import OF_ONE_ADDRESS
from tests.integration.console.pages.conftest import FIRST_LINK, PASSWORD, Console

COME = f"/come/{FIRST_LINK}"
OLGA: dict[str, Any] = {"email": "Olga@Shop.example", "name": "Olga", "password": PASSWORD}


async def test_the_first_link_makes_an_owner_once(console: Console):
    browser, other = console.browser(), console.browser()
    assert (await browser.get(COME)).status_code == 200
    await other.get(COME)
    came = await browser.post(COME, **OLGA)
    assert (came.status_code, came.headers["location"]) == (303, "/")
    assert (await browser.get("/")).headers["location"] == "/stores/shop/today"
    assert (await other.post(COME, **OLGA | {"email": "mallory@x.example"})).status_code == 404
    assert (await console.browser().get(COME)).status_code == 404
    assert [(one.email, one.role) for one in await console.house.people.all()] == [("olga@shop.example", "owner")]
    assert await console.audited() == [("people.came", "person:olga@shop.example"), ("log_in", "")]


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"password": "short"}, "at least 12 characters"),
        ({"password": "aaaaaaaaaaaaaaaa"}, "too few characters"),
        ({"password": "olga@olgaolga"}, "too close"),
        ({"email": "no address"}, "no e-mail address"),
        ({"name": " "}, "your name"),
    ],
)
async def test_who_comes_is_told_what_is_missing(console: Console, wrong: dict[str, Any], told: str):
    browser = console.browser()
    await browser.get(COME)
    answer = await browser.post(COME, **OLGA | wrong)
    assert answer.status_code == 422
    assert told in answer.text
    assert await console.house.people.all() == []


async def test_a_password_opens_and_a_wrong_one_does_not(console: Console):
    await console.person("viewer")
    browser = console.browser()
    wrong = await browser.log_in("viewer@shop.example", "not the password")
    assert wrong.status_code == 401
    assert "wrong" in wrong.text
    nobody = await browser.log_in("nobody@shop.example")
    assert nobody.status_code == 401
    assert (await browser.log_in("VIEWER@shop.example ")).headers["location"] == "/"
    assert (await browser.get("/stores/shop/today")).status_code == 200
    assert await console.audited() == [("log_in.failed", ""), ("log_in", "")]


async def test_after_a_log_in_one_is_where_one_wanted_to_go_and_never_elsewhere(console: Console):
    await console.person("viewer")
    browser = console.browser()
    sent_away = await browser.get("/stores/shop/campaigns")
    assert sent_away.headers["location"] == "/log-in?next=%2Fstores%2Fshop%2Fcampaigns"
    await browser.get(sent_away.headers["location"])
    form: dict[str, Any] = {"email": "viewer@shop.example", "password": PASSWORD}
    assert (await browser.post("/log-in", next="/stores/shop/campaigns", **form)).headers["location"] == (
        "/stores/shop/campaigns"
    )
    for elsewhere in ("https://evil.example", "//evil.example", "/\\evil.example"):
        await browser.get("/log-in")
        assert (await browser.post("/log-in", next=elsewhere, **form)).headers["location"] == "/"


async def test_a_log_in_ends_when_it_is_left_alone_and_at_last_however_busy(console: Console):
    idle, busy = await console.somebody("viewer"), await console.somebody("ops")
    console.clock.passes(hours=2)
    assert (await idle.get("/stores/shop/today")).status_code == 303
    for _ in range(7 * 24):
        console.clock.passes(hours=1)
        answer = await busy.get("/stores/shop/today")
        if answer.status_code == 303:
            break
    assert answer.status_code == 303, "it lasts for ever"
    assert await console.pool.fetchval("SELECT count(*) FROM sessions") == 0


async def test_a_busy_log_in_goes_on(console: Console):
    browser = await console.somebody("viewer")
    for _ in range(6):
        console.clock.passes(minutes=90)
        assert (await browser.get("/stores/shop/today")).status_code == 200


async def test_who_logs_out_is_out_with_a_stolen_cookie_as_well(console: Console):
    browser = await console.somebody("viewer")
    stolen = browser.http.cookies["evercart_console"]
    await browser.get("/stores/shop/today")
    assert (await browser.post("/log-out")).headers["location"] == "/log-in"
    thief = console.browser()
    thief.http.cookies.set("evercart_console", stolen, domain="console.test")
    assert (await thief.get("/stores/shop/today")).status_code == 303


async def test_a_form_of_another_site_or_session_changes_nothing(console: Console):
    browser, other = await console.somebody("owner"), await console.somebody("ops")
    await browser.get("/stores/shop/pause")
    form: dict[str, Any] = {"campaign": "", "step": "", "channel": "", "why": "a test"}
    foreign = await browser.post("/stores/shop/pause", {"Origin": "https://evil.example"}, **form)
    none = await browser.http.post("/stores/shop/pause", data=form | {"token": "00"}, headers={"Origin": "null"})
    cross = await browser.post("/stores/shop/pause", {"Sec-Fetch-Site": "cross-site"}, **form)
    browser.page = (await other.get("/stores/shop/pause")).text
    others = await browser.post("/stores/shop/pause", **form)
    browser.page = ""
    without = await browser.post("/stores/shop/pause", **form)
    assert [one.status_code for one in (foreign, none, cross, others, without)] == [403] * 5
    assert "Nothing was changed" in foreign.text
    assert console.fake.calls == []
    await browser.get("/log-in")
    assert (await console.browser().post("/log-in", email="a@b.c", password="x")).status_code == 403


async def test_after_many_failures_nothing_is_tried_for_a_while(console: Console):
    await console.person("viewer")
    browser = console.browser()
    for _ in range(OF_ONE_ADDRESS):
        assert (await browser.log_in("viewer@shop.example", "wrong again and again")).status_code == 401
    assert (await browser.log_in("viewer@shop.example")).status_code == 429
    console.clock.passes(minutes=15)
    assert (await browser.log_in("viewer@shop.example")).status_code == 303


async def test_an_invitation_is_for_one_address_once_and_not_for_ever(console: Console):
    owner = await console.somebody("owner")
    await owner.get("/stores/shop/people")
    made = await owner.post("/stores/shop/people/invite", email="mia@shop.example", role="marketer", stores="this")
    link = re.search(r"/come/[\w-]+", made.text)
    assert link is not None
    mia = console.browser()
    await mia.get(link.group())
    console.clock.passes(days=8)
    assert (await mia.get(link.group())).status_code == 404
    console.clock.passes(days=-8)
    await mia.get(link.group())
    form: dict[str, Any] = {"email": "mallory@x.example", "name": "Mia", "password": PASSWORD}
    assert (await mia.post(link.group(), **form)).status_code == 303
    found = next(one for one in await console.house.people.all() if one.name == "Mia")
    assert (found.email, found.role, found.stores) == ("mia@shop.example", "marketer", frozenset({"shop"}))
    assert (await console.browser().get(link.group())).status_code == 404


async def test_the_last_owner_stays_and_who_is_removed_is_out_at_once(console: Console):
    owner, viewer = await console.somebody("owner"), await console.somebody("viewer")
    ids = {one.role: str(one.person_id) for one in await console.house.people.all()}
    await owner.get("/stores/shop/people")
    changes: dict[str, dict[str, Any]] = {"role": {"role": "viewer"}, "remove": {}}
    for path, form in changes.items():
        refused = await owner.post(f"/stores/shop/people/{path}", person=ids["owner"], **form)
        assert refused.status_code == 422
        assert "One owner has to stay" in refused.text
    assert (await owner.post("/stores/shop/people/role", person=ids["viewer"], role="ops")).status_code == 303
    assert (await viewer.get("/stores/shop/audit")).status_code == 200
    assert (await owner.post("/stores/shop/people/remove", person=ids["viewer"])).status_code == 303
    assert (await viewer.get("/stores/shop/audit")).status_code == 303


async def test_cookies_are_kept_from_scripts_and_other_sites(console: Console):
    await console.person("viewer")
    answer = await console.browser().log_in("viewer@shop.example")
    cookie = next(one for one in answer.headers.get_list("set-cookie") if one.startswith("evercart_console="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age" not in cookie


async def test_the_database_keeps_no_token(console: Console):
    browser = await console.somebody("viewer")
    token = browser.http.cookies["evercart_console"]
    kept = await console.pool.fetch("SELECT * FROM sessions")
    assert token not in repr([dict(row) for row in kept])
