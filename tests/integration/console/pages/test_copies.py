"""The exact copy of a message: for who answers for it, each look noted first, and nothing in it runs."""

from tests.integration.console.pages.conftest import Console
from tests.integration.console.pages.fake_services import COPY_ID, MESSAGE, TEXT_ID

SHOP = "/stores/shop"
COPY = f"{SHOP}/messages/{COPY_ID}"


async def test_messages_and_a_customer_lead_to_what_was_sent_those_who_may_see_it(console: Console):
    marketer, ops, support = [await console.somebody(role) for role in ("marketer", "ops", "support")]
    page = (await marketer.get(f"{SHOP}/messages")).text
    assert f'href="{COPY}"' in page
    assert f"{SHOP}/messages/{TEXT_ID}" not in page, "it was cancelled: there is no copy"
    assert f'href="{COPY}"' not in (await ops.get(f"{SHOP}/messages")).text
    sent = MESSAGE["reminder_id"]
    assert f"{SHOP}/messages/{sent}" in (await support.get(f"{SHOP}/customer", id="anna")).text


async def test_a_copy_shows_the_letter_in_a_frame_and_each_look_is_noted(console: Console):
    support = await console.somebody("support")
    page = (await support.get(COPY)).text
    assert all(told in page for told in ("Anna, your cart waits", '<iframe sandbox title="', f'src="{COPY}/letter"'))
    assert "It waits</h1>" not in page, "only in its frame"
    assert await console.audited() == [("log_in", ""), ("contents.look", f"message:{COPY_ID}")]
    letter = await support.get(f"{COPY}/letter")
    assert "It waits</h1>" in letter.text
    assert (await console.audited())[2:] == [("contents.look", f"message:{COPY_ID}")]
    policy = letter.headers["content-security-policy"].split("; ")
    assert {"default-src 'none'", "sandbox", "img-src https: http:", "frame-ancestors 'self'"} <= set(policy)
    assert not [one for one in policy if one.startswith("script-src")]
    assert letter.headers["cache-control"] == "no-store"


async def test_a_text_has_no_frame_and_what_is_not_kept_is_said_in_words(console: Console):
    marketer = await console.somebody("marketer")
    page = (await marketer.get(f"{SHOP}/messages/{TEXT_ID}")).text
    assert "It waits: https://" in page
    assert "<iframe" not in page
    assert "customer?id=" not in page, "a marketer sees no customer's page"
    assert (await marketer.get(f"{SHOP}/messages/{TEXT_ID}/letter")).status_code == 404
    gone = COPY_ID[:-1] + "9"
    page = (await marketer.get(f"{SHOP}/messages/{gone}")).text
    assert "its copy is not kept any more" in page
    assert (await marketer.get(f"{SHOP}/messages/no-id")).status_code == 404


async def test_a_key_that_may_not_is_said_and_the_look_is_noted_as_failed(console: Console):
    support = await console.somebody("support")
    detail = "This takes a key with the scope contents:read."
    console.fake.refuses["/content"] = (403, {"detail": detail})
    refused = await support.get(COPY)
    assert (refused.status_code, detail in refused.text) == (409, True)
    assert [action for action, _ in await console.audited()][-2:] == ["contents.look", "contents.look.failed"]
