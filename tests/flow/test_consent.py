"""Consent is asked of who hears of it first: what was withdrawn holds although nothing was published of it yet."""

import pytest

from tests.flow.crashing import DIED

pytestmark = pytest.mark.asyncio(loop_scope="session")

WITHDRAWN = {"email_consent": False, "sms_consent": True}


@pytest.mark.parametrize(("how", "reason"), [("withdrawn", "no_consent"), ("deleted", "no_contact")])
async def test_nothing_is_sent_on_a_consent_that_was_withdrawn_while_the_relay_was_down(flow, how, reason):
    """With the relay down, mail went out 8 s after `email_consent: false` was answered 200."""
    customer = f"nora-{how}"
    to, _ = await flow.reachable(customer)
    await flow.stop("notifier")
    await flow.start("notifier", crash=("before", "services.notifier.handlers.delivery:Delivery._look", 1))
    await flow.add(flow.customer(customer))
    assert await flow.died("notifier") == DIED, flow.log("notifier")
    await flow.stop("cart-relay")
    try:
        if how == "withdrawn":
            await flow.reachable(customer, **WITHDRAWN)
        else:
            answer = await flow.http.delete(f"{flow.base}/customers/{customer}/profile", headers=flow.server)
            assert answer.status_code == 204
        await flow.start("notifier")
        (end,) = await flow.ends(customer)
    finally:
        await flow.start("cart-relay")
    assert (end["state"], end["reason"]) == ("cancelled", reason)
    assert await flow.received(to) == []


async def test_who_agrees_still_is_reminded_although_the_relay_is_down(flow):
    to, _ = await flow.reachable("nora")
    await flow.stop("notifier")
    await flow.start("notifier", crash=("before", "services.notifier.handlers.delivery:Delivery._look", 1))
    await flow.add(flow.customer("nora"))
    assert await flow.died("notifier") == DIED, flow.log("notifier")
    await flow.stop("cart-relay")
    try:
        await flow.start("notifier")
        (end,) = await flow.ends("nora")
    finally:
        await flow.start("cart-relay")
    assert (end["state"], end["reason"]) == ("sent", None)
    assert len(await flow.received(to)) == 1
