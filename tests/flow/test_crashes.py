"""Each process is killed at its worst moment: nothing that was acknowledged is lost, nothing is sent twice."""

import re
from functools import partial

import httpx
import pytest

from tests.flow.crashing import DIED
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORST_MOMENTS = [
    # Kafka has the events, the outbox does not know it yet
    ("cart-relay", "after", "libs.outbox.relay:Relay._acknowledged"),
    # the database knows the events, Kafka's offset does not
    ("trigger", "after", "services.trigger.consumer:Consumer.handle"),
    # the reminder is written, nothing is committed
    ("trigger", "after", "services.trigger.handlers.timers:request_reminders"),
    # the reminder is committed, nothing else happened
    ("trigger", "after", "services.trigger.timers:Timers.fire"),
    # the request is written down, its offset is not committed
    ("notifier", "after", "services.notifier.consumer:Consumer.handle"),
    # a delivery is claimed, nothing is sent
    ("notifier", "before", "services.notifier.handlers.delivery:Delivery._look"),
    # the provider has said yes, nobody has written it down
    ("notifier", "before", "services.notifier.handlers.delivery:Delivery._record"),
    # all is written down, the event is not yet published
    ("notifier", "after", "services.notifier.handlers.delivery:Delivery._record"),
]


@pytest.mark.parametrize(("process", "when", "place"), WORST_MOMENTS, ids=lambda v: str(v).rpartition(":")[2])
async def test_a_crash_loses_nothing_and_repeats_nothing(flow, process, when, place):
    customer = re.sub(r"\W|_", "", f"{process}{when}{place}").lower()
    to, _ = await flow.reachable(customer)
    await flow.stop(process)
    await flow.start(process, crash=(when, place, 1))
    await flow.add(flow.customer(customer))
    assert await flow.died(process) == DIED, flow.log(process)
    await flow.start(process)
    (end,) = await flow.ends(customer)
    assert end["state"] == ("unknown" if (when, place[-7:]) == ("before", "_record") else "sent")
    assert len(await flow.received(to)) == 1


async def test_a_crash_between_commit_and_answer_adds_once_when_the_device_asks_again(flow):
    await flow.stop("cart-api")
    await flow.start("cart-api", crash=("after", "services.cart.handlers.carts:CartHandlers._save", 1))
    await eventually(partial(flow.is_ready, "cart-api"))
    headers = {**flow.customer("gwen"), "Idempotency-Key": "one-add"}
    with pytest.raises(httpx.TransportError):
        await flow.add(headers)
    assert await flow.died("cart-api") == DIED
    await flow.start("cart-api")
    cart = await flow.add(headers)
    assert [line["quantity"] for line in cart["lines"]] == [1]
    now = (await flow.http.get(f"{flow.base}/cart", headers=flow.customer("gwen"))).json()
    assert [line["quantity"] for line in now["lines"]] == [1]


async def test_an_order_placed_during_an_outage_of_the_trigger_is_read_before_its_timers_fire(flow):
    to, _ = await flow.reachable("hope")
    await flow.add(flow.customer("hope"))
    await flow.stop("trigger")
    await flow.order("hope", "order-hope")
    await flow.start("trigger")
    other, _ = await flow.reachable("hope-after")
    await flow.add(flow.customer("hope-after"))
    await flow.ends("hope-after")
    assert len(await flow.received(other)) == 1
    assert await flow.received(to) == []
