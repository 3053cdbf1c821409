"""Replies that a person has to read: said once what is in them, from the list itself."""

from tests.integration.console.pages.conftest import Console
from tests.integration.console.pages.fake_services import REPLY

SHOP = "/stores/shop"
READ = f"{SHOP}/replies/read"
SID = REPLY["message_sid"]
CALL = f"/replies/{SID}/read"


async def test_support_says_that_a_reply_is_a_stop_and_it_is_done_and_noted(console: Console):
    support = await console.somebody("support")
    listed = (await support.get(f"{SHOP}/replies")).text
    assert "They want no more messages" in listed
    done = await support.post(READ, reply=SID, read_as="stop")
    assert done.headers["location"] == f"{SHOP}/replies?done=read_stop"
    ((method, path, told),) = console.fake.calls
    assert (method, path, told["read_as"]) == ("POST", CALL, "stop")
    assert "support" in told["by"]
    assert ("replies.read", f"reply:{SID}") in await console.audited()
    assert "Nothing is sent there any more" in (await support.get(done.headers["location"])).text


async def test_what_is_no_stop_is_noted_as_that(console: Console):
    support = await console.somebody("support")
    await support.get(f"{SHOP}/replies")
    done = await support.post(READ, reply=SID, read_as="other")
    assert console.fake.calls[0][2]["read_as"] == "other"
    assert "no stop" in (await support.get(done.headers["location"])).text


async def test_who_may_only_read_them_is_shown_no_button(console: Console):
    ops = await console.somebody("ops")
    assert "They want no more messages" not in (await ops.get(f"{SHOP}/replies")).text


async def test_a_refusal_is_told_and_noted_and_another_reading_is_none(console: Console):
    support = await console.somebody("support")
    await support.get(f"{SHOP}/replies")
    assert (await support.post(READ, reply=SID, read_as="start")).status_code == 422
    assert (await support.post(READ, reply="", read_as="stop")).status_code == 422
    assert console.fake.calls == []
    console.fake.refuses[CALL] = (409, {"detail": "It was read as a stop before."})
    refused = await support.post(READ, reply=SID, read_as="other")
    assert (refused.status_code, "read as a stop before" in refused.text) == (409, True)
    assert (await console.audited())[-1] == ("replies.read.failed", f"reply:{SID}")
