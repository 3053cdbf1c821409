"""A draft of the campaigns is tried on the last days: asked for, watched, stopped, shown beside what is in force."""

from typing import Any

from services.console.web.pages import backtests
from tests.integration.console.pages import fake_backtests
from tests.integration.console.pages.conftest import Browser, Console
from tests.integration.console.pages.fake_backtests import DONE, TRIED

AT = "/stores/shop/campaigns/backtests"
ONE = f"{AT}/{TRIED}"
SIDES = ("live", "draft")
FORM: dict[str, Any] = {"text": "campaigns: []", "etag": '"4"', "source": "api"}


async def marketer(console: Console) -> Browser:
    browser = await console.somebody("marketer")
    page = (await browser.get("/stores/shop/campaigns/edit")).text
    assert "Try on the last 7 days" in page
    assert f'formaction="{AT}"' in page
    return browser


async def test_a_draft_is_tried_and_shown_beside_what_is_in_force(console: Console):
    browser = await marketer(console)
    asked = await browser.post(AT, days="30", **FORM)
    assert asked.headers["location"] == ONE
    assert console.fake.calls[-1] == ("POST", "/backtests", "campaigns: []")
    assert console.fake.queries[-1] == {"days": "30"}
    assert (await console.audited())[-1] == ("campaigns.try", "")
    page = (await browser.get(ONE)).text
    assert "17 messages would be others with the draft, for 12 people." in page
    assert "in force: 44" in page
    assert "events reach back to" in page
    assert "2 events could not be read" in page
    assert page.index("nudge") < page.index("not agreed") < page.index("offer")
    held = page[page.index("Held back: by the shop") :]
    assert held.index("has not agreed") < held.index("too soon after another message") < held.index("Sent later:")
    assert "count as when sending, by the rules of today" in held
    assert 'role="img"' in page
    assert "sse-connect" not in page, "it has ended"
    assert "Not counted, for nobody has said what they cost: e-mail, text" in page


async def test_one_tried_by_an_older_release_says_that_rules_are_not_counted(console: Console, monkeypatch):
    older: dict[str, Any] = {key: value for key, value in DONE.items() if key != "rules"}
    older |= {side: {k: v for k, v in DONE[side].items() if k not in ("held_back", "put_off")} for side in SIDES}
    monkeypatch.setattr(fake_backtests, "DONE", older)
    page = (await (await marketer(console)).get(ONE)).text
    assert "are not counted: nothing is known of the shop" in page
    assert "Held back" not in page


async def test_cost_is_counted_by_what_the_shop_has_said(console: Console):
    browser = await marketer(console)
    await browser.get(ONE)
    prices: dict[str, Any] = {"backtest": TRIED, "price.email": "0.5", "price.sms": "0,07"}
    said = await browser.post(f"{AT}/prices", **prices)
    assert said.headers["location"] == ONE
    assert ("prices.change", "") in await console.audited()
    page = (await browser.get(ONE)).text
    assert "€15.50" in page
    assert "in force: €20.28" in page
    assert 'value="0.07"' in page
    assert "Not counted" not in page
    refused = await browser.post(f"{AT}/prices", **prices | {"price.email": "a lot"})
    assert (refused.status_code, "That is no price" in refused.text) == (422, True)
    assert await console.pool.fetchval("SELECT count(*) FROM message_prices") == 2


async def test_one_under_way_says_how_far_it_is_and_is_stopped(console: Console):
    console.fake.backtests.state = "running"
    browser = await marketer(console)
    page = (await browser.get(ONE)).text
    assert "4,100 events read, up to" in page
    assert f'sse-connect="{ONE}/live" sse-close="closed"' in page
    assert "<noscript>" in page
    stopped = await browser.post(f"{ONE}/cancel")
    assert stopped.headers["location"] == ONE
    assert console.fake.calls[-1][:2] == ("DELETE", f"/backtests/{TRIED}")
    assert (await console.audited())[-1] == ("campaigns.try_cancel", f"backtest:{TRIED}")
    assert "It was stopped" in (await browser.get(ONE)).text


async def test_a_stream_tells_what_changed_and_ends_with_the_backtest(console: Console, monkeypatch):
    browser = await marketer(console)
    told = (await browser.get(f"{ONE}/live")).text
    assert told.startswith("event: backtest\ndata: ")
    assert told.endswith("event: ended\ndata: \n\nevent: closed\ndata: \n\n")
    monkeypatch.setattr(backtests, "EVERY_S", 0.25)
    monkeypatch.setattr(backtests, "LOOKS", 3)
    console.fake.backtests.state = "running"
    told = (await browser.get(f"{ONE}/live")).text
    assert told.count("event: backtest") == 1
    assert told.count(": nothing new") == 2
    assert "event: ended" not in told


async def test_whoever_asks_while_one_is_under_way_sees_that_one(console: Console):
    console.fake.backtests.under_way = True
    browser = await marketer(console)
    assert (await browser.post(AT, days="7", **FORM)).headers["location"] == ONE


async def test_what_is_wrong_with_a_draft_is_told_where_it_is_edited(console: Console):
    browser = await marketer(console)
    fault = {"pointer": "/campaigns/0/kind", "detail": "there is no such kind", "line": 3}
    console.fake.refuses["/backtests"] = (422, {"detail": "The campaigns have faults.", "errors": [fault]})
    refused = await browser.post(AT, days="7", **FORM)
    assert (refused.status_code, "line 3" in refused.text) == (422, True)
    assert "campaigns: []" in refused.text


async def test_the_draft_is_found_again_and_why_one_failed_is_told(console: Console):
    browser = await marketer(console)
    console.fake.backtests.said = {"campaigns": [{"name": "from_the_draft"}]}
    page = (await browser.get("/stores/shop/campaigns/edit", backtest=TRIED)).text
    assert "name: from_the_draft" in page
    for reason in ("too_long", "too_much", "unanswered", "interrupted", "faulty_draft"):
        console.fake.backtests.state, console.fake.backtests.reason = "failed", reason
        assert 'class="note bad"' in (await browser.get(ONE)).text
    assert "failed" in (await browser.get(AT)).text
    assert (await browser.get(f"{AT}/{TRIED[:-1]}8")).status_code == 404
    assert (await browser.get(f"{AT}/no-id")).status_code == 404
