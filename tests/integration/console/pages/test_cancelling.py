"""One reminder is cancelled before it is sent: by the service that has it at that moment, and told as it is."""

from tests.integration.console.pages.conftest import Console
from tests.integration.console.pages.fake_carts import CART_ID
from tests.integration.console.pages.fake_services import AHEAD, WAITS_ID

CANCEL = "/stores/shop/upcoming/cancel"
REMINDER = AHEAD["reminder_id"]
AT_TRIGGER = ("POST", f"/carts/{CART_ID}/reminders/{REMINDER}/cancel", "")
DECIDED = {"detail": "It was asked for before.", "outcome": "would_send", "reason": "idle"}


async def test_what_is_ahead_is_cancelled_from_upcoming_by_ops_who_see_no_customer(console: Console):
    ops = await console.somebody("ops")
    page = (await ops.get("/stores/shop/upcoming")).text
    assert f"{CANCEL}?cart={CART_ID}" in page
    assert f"{CANCEL}?message={WAITS_ID}" in page
    assert "anna" not in page
    asked = (await ops.get(CANCEL, cart=CART_ID)).text
    assert "Cancel cart · offer" in asked
    assert console.fake.calls == []
    done = await ops.post(CANCEL, cart=CART_ID, reminder=REMINDER)
    assert done.headers["location"] == "/stores/shop/upcoming?done=cancelled"
    assert console.fake.calls == [AT_TRIGGER]
    assert await console.audited() == [("log_in", ""), ("reminders.cancel", f"message:{REMINDER}")]
    assert "is not sent" in (await ops.get(done.headers["location"])).text


async def test_what_was_asked_for_meanwhile_is_stopped_at_the_notifier(console: Console):
    support = await console.somebody("support")
    await support.get(CANCEL, cart=CART_ID)
    console.fake.refuses[f"/reminders/{REMINDER}/cancel"] = (409, DECIDED)
    assert (await support.post(CANCEL, cart=CART_ID, reminder=REMINDER)).status_code == 303
    assert console.fake.calls == [AT_TRIGGER, ("POST", f"/messages/{REMINDER}/cancel", "")]


async def test_a_message_that_waits_is_cancelled_and_one_that_goes_out_says_so(console: Console):
    support = await console.somebody("support")
    page = (await support.get("/stores/shop/customer", id="anna")).text
    assert f"{CANCEL}?cart={CART_ID}" in page
    assert "can&#39;t be called back" in (await support.get(CANCEL, message=WAITS_ID)).text
    assert (await support.post(CANCEL, cart="", reminder=WAITS_ID)).status_code == 303
    assert console.fake.calls == [("POST", f"/messages/{WAITS_ID}/cancel", "")]
    console.fake.refuses["/cancel"] = (409, {"detail": "It is being handed to a provider.", "state": "sending"})
    late = await support.post(CANCEL, cart="", reminder=WAITS_ID)
    assert (late.status_code, "being handed to a provider" in late.text) == (409, True)
    assert (await console.audited())[-1] == ("reminders.cancel.failed", f"message:{WAITS_ID}")


async def test_what_can_not_be_cancelled_has_no_button(console: Console):
    ops = await console.somebody("ops")
    console.fake.ahead = [AHEAD | {"state": "left_out", "reason": "called_off"}]
    page = (await ops.get(CANCEL, cart=CART_ID)).text
    assert "somebody of the shop cancelled it" in page
    assert '<button class="danger"' not in page
    console.fake.ahead = []
    assert "Nothing is ahead" in (await ops.get(CANCEL, cart=CART_ID)).text
    console.fake.waits |= {"state": "sent"}
    page = (await ops.get(CANCEL, message=WAITS_ID)).text
    assert "nothing to cancel: Sent" in page
    assert '<button class="danger"' not in page


async def test_nonsense_is_refused_and_asks_nobody(console: Console):
    ops = await console.somebody("ops")
    await ops.get(CANCEL, cart=CART_ID)
    assert (await ops.post(CANCEL, cart="x", reminder=REMINDER)).status_code == 422
    assert (await ops.post(CANCEL, cart="", reminder="")).status_code == 422
    assert (await ops.get(CANCEL)).status_code == 404
    assert (await ops.get(CANCEL, message=CART_ID)).status_code == 404
    assert console.fake.calls == []
