"""What people do: each is a call of a service's own API with the console's key, and a row in the audit before it."""

import json
import re
from typing import Any

from tests.integration.console.pages.conftest import KEY, Console
from tests.integration.console.pages.fake_services import SUBJECT

SHOP = "/stores/shop"


async def test_a_pause_says_what_it_holds_back_needs_a_why_and_is_undone(console: Console):
    ops = await console.somebody("ops")
    asked = await ops.get(f"{SHOP}/pause", campaign="cart", step=2)
    assert "none of them begins to be sent" in asked.text
    scope: dict[str, Any] = {"campaign": "cart", "step": "2", "channel": ""}
    assert (await ops.post(f"{SHOP}/pause", why=" ", **scope)).status_code == 422
    assert console.fake.calls == []
    held = await ops.post(f"{SHOP}/pause", why="the coupon does not work", **scope)
    assert held.headers["location"] == f"{SHOP}/campaigns?done=paused"
    body = {"campaign": "cart", "step": 2, "channel": "", "why": "the coupon does not work (Ops)"}
    assert console.fake.calls == [("PUT", "/pauses", body)]
    assert console.fake.keys == {f"Bearer {KEY}"}
    page = (await ops.get(held.headers["location"])).text
    assert "3 messages wait for it" in page
    assert "held back from now on" in page
    assert (await ops.post(f"{SHOP}/resume", **scope)).headers["location"] == f"{SHOP}/campaigns?done=resumed&n=3"
    assert ("messages.pause", "cart step 2") in await console.audited()
    assert ("messages.resume", "cart step 2") in await console.audited()


async def test_campaigns_are_checked_shown_as_changes_and_put_in_force(console: Console):
    marketer = await console.somebody("marketer")
    page = (await marketer.get(f"{SHOP}/campaigns/edit")).text
    assert "delay: PT1H" in page
    form: dict[str, Any] = {"text": "campaigns: []", "etag": '"4"', "source": "api"}
    checked = await marketer.post(f"{SHOP}/campaigns/edit", **form)
    assert "steps.nudge.delay" in checked.text
    assert console.fake.calls == [("PUT", "/campaigns?dry_run", "campaigns: []")]
    assert (await marketer.post(f"{SHOP}/campaigns/edit", confirmed="yes", **form)).status_code == 303
    assert console.fake.calls[-1] == ("PUT", "/campaigns", "campaigns: []")
    assert await console.audited() == [("log_in", ""), ("campaigns.change", "")]


async def test_faults_of_a_text_are_told_by_line_and_nothing_is_kept(console: Console):
    marketer = await console.somebody("marketer")
    await marketer.get(f"{SHOP}/campaigns/edit")
    fault = {"pointer": "/campaigns/0/kind", "detail": "there is no such kind", "line": 3}
    console.fake.refuses["/campaigns"] = (422, {"detail": "The campaigns have faults.", "errors": [fault]})
    marketer.page = marketer.page
    for path in ("check", "edit"):
        answer = await marketer.post(f"{SHOP}/campaigns/{path}", text="x", confirmed="yes", etag="", source="api")
        assert "line 3" in answer.text
        assert "there is no such kind" in answer.text
    assert ("PUT", "/campaigns", "x") not in console.fake.calls


async def test_an_old_version_shows_what_it_would_change_and_comes_back(console: Console):
    marketer = await console.somebody("marketer")
    page = (await marketer.get(f"{SHOP}/campaigns/versions/3")).text
    assert "PT2H" in page
    assert (await marketer.post(f"{SHOP}/campaigns/versions/3/roll-back", etag='"4"')).status_code == 303
    assert console.fake.calls[-1] == ("POST", "/campaigns/rollback", {"version": 3})
    assert ("campaigns.roll_back", "version:3") in await console.audited()


async def test_a_customer_is_found_by_address_and_the_address_stands_nowhere(console: Console):
    support = await console.somebody("support")
    await support.get(f"{SHOP}/customers")
    found = await support.post(f"{SHOP}/customers", who="anna@shop.example")
    assert found.headers["location"] == f"{SHOP}/customer?id=anna"
    assert console.fake.calls == [("POST", "/customers/find", {"address": "anna@shop.example"})]
    by_phone = await support.post(f"{SHOP}/customers", who="+49 1511 2345678")
    assert by_phone.headers["location"] == f"{SHOP}/customer?id=anna"
    assert (await support.post(f"{SHOP}/customers", who="ben 7/x")).headers["location"] == (
        f"{SHOP}/customer?id=ben+7%2Fx"
    )
    rows = await console.pool.fetch("SELECT * FROM audit")
    assert "anna@" not in repr([dict(row) for row in rows])


async def test_a_customer_is_found_by_an_order_and_by_an_id_all_the_same(console: Console):
    support = await console.somebody("support")
    await support.get(f"{SHOP}/customers")
    whose = {"10042": "anna", "78": "78", "ben": "ben"}  # an order, one of nobody, and none
    for who, customer_id in whose.items():
        answer = await support.post(f"{SHOP}/customers", who=f" {who} ")
        assert answer.headers["location"] == f"{SHOP}/customer?id={customer_id}"
    both = (await support.post(f"{SHOP}/customers", who="77")).text
    assert "customer?id=anna" in both
    assert "customer?id=77" in both, "an order's number and a customer's id at once"
    assert await console.audited() == [("log_in", ""), *[("customers.find", "")] * 4]
    console.fake.refuses["/orders/10042"] = (403, {"detail": "This takes a key with the scope orders:read."})
    assert (await support.post(f"{SHOP}/customers", who="10042")).headers["location"] == f"{SHOP}/customer?id=10042"
    assert (await console.audited())[-1] == ("customers.find.failed", "")


async def test_name_and_address_are_shown_when_asked_for_and_that_is_written_down_first(console: Console):
    support = await console.somebody("support")
    page = (await support.get(f"{SHOP}/customer", id="anna")).text
    assert "Anna Example" not in page
    assert "anna@shop.example" not in page
    assert all(told in page for told in ("nudge", "Ordered", "Planned", "gone quiet", "Green tea"))
    shown = await support.post(f"{SHOP}/customer/contact", id="anna")
    assert "Anna Example" in shown.text
    assert "+4915112345678" in shown.text
    assert "<dt>Country</dt><dd>DE</dd><dt>Region</dt><dd>BE</dd>" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert await console.audited() == [
        ("log_in", ""),
        ("customers.open", "customer:anna"),
        ("customers.look", "customer:anna"),
    ]


async def test_what_a_silent_service_knows_is_missing_and_said_to_be(console: Console):
    support = await console.somebody("support")
    console.fake.silent = {"notifier"}
    page = (await support.get(f"{SHOP}/customer", id="anna")).text
    assert "The notifier does not answer" in page
    assert "Decided to write" in page
    assert (await support.get(f"{SHOP}/replies")).status_code == 502
    health = (await support.get(f"{SHOP}/health")).text
    assert "1 service does not answer" in health


async def test_an_erasure_is_typed(console: Console):
    support = await console.somebody("support")
    await support.get(f"{SHOP}/customer/erase", id="anna")
    wrong = await support.post(f"{SHOP}/customer/erase", id="anna", typed="ann")
    assert wrong.status_code == 422
    assert console.fake.calls == []
    done = await support.post(f"{SHOP}/customer/erase", id="anna", typed="anna")
    assert "The erasure has begun" in done.text
    assert console.fake.calls == [("POST", "/customers/anna/erasure", "")]
    assert ("customers.erase", "customer:anna") in await console.audited()


async def test_an_export_holds_what_every_service_holds(console: Console):
    support = await console.somebody("support")
    await support.get(f"{SHOP}/customer", id="anna")
    answer = await support.post(f"{SHOP}/customer/export", id="anna")
    assert "attachment" in answer.headers["content-disposition"]
    assert set(json.loads(answer.text)) == {"cart", "trigger", "notifier"}
    assert ("customers.export", "customer:anna") in await console.audited()


async def test_a_stop_is_lifted_with_a_name_and_a_why(console: Console):
    support = await console.somebody("support")
    what: dict[str, Any] = {"channel": "email", "subject": SUBJECT, "reason": "bounced"}
    await support.get(f"{SHOP}/lift", **what)
    assert (await support.post(f"{SHOP}/lift", why="", **what)).status_code == 422
    assert (await support.post(f"{SHOP}/lift", why="it is there again", **what | {"reason": "x"})).status_code == 422
    assert console.fake.calls == []
    assert (await support.post(f"{SHOP}/lift", why="it is there again", **what)).status_code == 303
    (method, path, body), *_ = console.fake.calls
    assert (method, path, body["reasons"], body["by"], body["why"]) == (
        "POST",
        "/suppressions/lift",
        ["bounced"],
        "Support <support@shop.example>",
        "it is there again",
    )


async def test_what_a_service_refuses_is_told_and_written_down_as_failed(console: Console):
    ops = await console.somebody("ops")
    await ops.get(f"{SHOP}/pause")
    console.fake.refuses["/pauses"] = (422, {"detail": "There is no such channel."})
    refused = await ops.post(f"{SHOP}/pause", campaign="", step="", channel="pigeon", why="a test")
    assert refused.status_code == 409
    assert "There is no such channel" in refused.text
    assert [action for action, _ in await console.audited()][-2:] == ["messages.pause", "messages.pause.failed"]


async def test_the_audit_shows_who_did_what_and_an_erasure_takes_the_customer_out(console: Console):
    owner = await console.somebody("owner")
    await owner.get(f"{SHOP}/customer", id="anna")
    assert "customer:anna" in (await owner.get(f"{SHOP}/audit")).text
    async with console.pool.acquire() as connection, connection.transaction():
        from services.console.db import audit

        await audit.forget(connection, "shop", ["anna"])
    page = (await owner.get(f"{SHOP}/audit")).text
    assert "customer:anna" not in page
    assert "looked at a customer" in page


async def test_messages_are_asked_for_by_what_is_chosen(console: Console):
    marketer = await console.somebody("marketer")
    await marketer.get(
        f"{SHOP}/messages", state="cancelled", reason="ordered", campaign="cart", step="x", channel="sms"
    )
    assert console.figures.asked == [{"state": "cancelled", "reason": "ordered", "campaign": "cart", "channel": "sms"}]
    assert "customer?id=" not in marketer.page  # a marketer sees no customer


async def test_health_shows_how_old_the_outbox_of_a_relay_is_and_which_process_is_silent(console: Console):
    ops = await console.somebody("ops")
    page = (await ops.get(f"{SHOP}/health")).text
    assert "12 minutes" in page, "the cart's relay is a process of its own"
    assert page.count("Records put aside") == 0, "a process forgets what it has put aside: the topics tell it"
    console.fake.silent = {"cart-relay"}
    page = (await ops.get(f"{SHOP}/health")).text
    assert "1 service does not answer" in page
    assert "deploy/evercart logs cart-relay" in page
    assert "deploy/evercart logs cart-api" not in page


async def test_health_says_what_is_wrong_as_ops_were_told(console: Console):
    now = console.clock()
    for fault in (
        ("silence", "shop", "", 3.2, 40.0),
        ("sender", "shop", "email bounced", 0.0712, 0.05),
        ("dead_letters", "", "cart.events", 2.0, 0.0),
        ("outbox", "", "cart-relay cart", 720.0, 0.0),
        ("silence", "other", "", 9.0, 777.0),
    ):
        await console.pool.execute(
            "INSERT INTO faults (kind, store_id, about, value, expected, since, seen_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $6)",
            *fault,
            now,
        )
    ops = await console.somebody("ops")
    page = (await ops.get(f"{SHOP}/health")).text
    assert "nothing has gone out for 3 h; at these hours it was at least 40 in each of the last weeks" in page
    assert "7.1\u00a0% of a week" in page
    assert "4 things want somebody now" in page
    without_tokens = re.sub("[0-9a-f]{64,}", "", page)  # which may have those digits by chance
    assert "777" not in without_tokens, "that is another store's"
    support = await console.somebody("support")
    support.http.headers["accept-language"] = "de"
    assert "Ruf als Absender" in (await support.get(f"{SHOP}/health")).text
