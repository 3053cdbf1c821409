"""The main job, through real processes: who is reminded, who isn't, and what they read."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.commands import explain
from deploy.commands.installation import of_stack
from libs.contracts.topics import FEEDS, LIVE
from libs.kafka.clients import producer
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_abandoned_cart_gets_one_reminder_whose_link_opens_it_on_any_device(flow):
    to, _ = await flow.reachable("ann")
    await flow.add(flow.customer("ann"), "mug")
    cart = await flow.add(flow.customer("ann"), "bowl")
    (end,) = await flow.ends("ann")
    assert (end["state"], end["campaign"], end["step"]) == ("sent", "abandoned_cart", 1)
    (message,) = await flow.received(to)
    mail = (await flow.http.get(f"{flow.stack.playground_url}/api/messages/{message['id']}")).json()
    assert "Mug" in mail["text"]
    assert "Bowl" in mail["html"]
    token = next(link for link in mail["links"] if "recover=" in link).partition("recover=")[2]
    opened = await flow.http.get(f"{flow.stack.cart_url}/v1/recovery/{token}")
    assert opened.headers["cache-control"] == "no-store"
    assert [line["sku"] for line in opened.json()["lines"]] == [line["sku"] for line in cart["lines"]]


async def test_a_purchase_cancels_the_reminder(flow):
    to, _ = await flow.reachable("bea")
    await flow.add(flow.customer("bea"))
    await flow.order("bea", "order-bea")
    # a later cart of somebody else is reminded of: by then this one would have been, too
    other, _ = await flow.reachable("bea-after")
    await flow.add(flow.customer("bea-after"))
    await flow.ends("bea-after")
    assert len(await flow.received(other)) == 1
    assert await flow.received(to) == []


async def test_who_gave_no_consent_gets_nothing_and_one_can_ask_why(flow):
    to, _ = await flow.reachable("cleo", email_consent=False)
    await flow.add(flow.customer("cleo"))
    asked = of_stack(flow.stack, "demo")

    async def why() -> set[str]:
        told = await explain._ask(asked, "demo", "cleo", None)
        return {one["reason"] for one in (*told.messages, *told.decisions)} & {"no_consent", "unreachable"}

    assert await eventually(why), "of the notifier, or of the trigger once it was told how she can be reached"
    assert await flow.received(to) == []


async def test_explain_tells_what_was_decided_and_knows_nothing_of_a_stranger(flow, capsys):
    await flow.reachable("exa")
    cart = await flow.add(flow.customer("exa"))
    await flow.ends("exa")
    asked = of_stack(flow.stack, "demo")
    told = await explain._ask(asked, "demo", "exa", None)
    assert [one["outcome"] for one in told.decisions] == ["would_send"]
    explain._show(told)
    shown = capsys.readouterr().out
    assert shown.count("abandoned_cart, step") == 1
    assert "nothing had changed" in shown
    assert (await explain._ask(asked, "demo", None, cart["id"]))[1:] == told[1:]
    assert not any(await explain._ask(asked, "demo", "amna", None))


async def test_any_installation_is_asked_by_its_urls_and_a_key(flow, tmp_path):
    """Story: whoever ran the services elsewhere had to know three APIs to learn why somebody got a message."""
    await flow.reachable("ivo")
    await flow.add(flow.customer("ivo"))
    await flow.ends("ivo")
    stack, key = flow.stack, tmp_path / "key"
    key.write_text(stack.stores["demo"].secret_key + "\n")
    urls = ["--url", stack.cart_url, "--trigger-url", stack.trigger_url, "--notifier-url", stack.notifier_url]

    async def said(*arguments: str) -> str:
        done = await asyncio.to_thread(CliRunner().invoke, app, [*arguments, *urls, "--key-file", str(key)])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "nothing had changed" in await said("explain", "--customer", "ivo")
    held = json.loads(await said("export", "--customer", "ivo"))
    assert held["names"] == ["ivo"]
    assert held["trigger"][0]["decisions"]
    assert held["notifier"][0]["customer_id"] == "ivo"


async def test_two_devices_adding_at_once_both_count(flow):
    phone, laptop = ({**flow.customer("dora"), "X-Device": device} for device in ("phone", "laptop"))
    await asyncio.gather(*(flow.add(device) for device in (phone, laptop) * 10))
    cart = (await flow.http.get(f"{flow.base}/cart", headers=phone)).json()
    assert [(line["sku"], line["quantity"]) for line in cart["lines"]] == [("mug", 20)]


async def test_an_item_that_is_about_to_sell_out_is_told_to_its_holders_with_the_number_left(flow):
    _, number = await flow.reachable("elsa")
    url = f"{flow.base}/inventory/lamp"
    await flow.http.put(url, json={"available": 20}, headers=flow.server)
    await flow.add(flow.customer("elsa"), "lamp")
    await flow.ends("elsa")
    await flow.http.put(url, json={"available": 3}, headers=flow.server)
    (text,) = await eventually(lambda: flow.received(number))
    body = (await flow.http.get(f"{flow.stack.playground_url}/api/messages/{text['id']}")).json()["text"]
    assert "3" in body
    assert "Lamp" in body


async def test_a_poison_record_on_every_topic_stops_nobody(flow):
    sender = producer(flow.stack.bootstrap)
    await sender.start()
    for topic in LIVE + FEEDS:
        for partition in range(topic.partitions):
            headers = [("ce_type", b"cart.line_added"), ("odd", b"\xff")]
            name = flow.stack.topic_prefix + topic.name
            await sender.send_and_wait(name, b"{poison", key=b"junk", headers=headers, partition=partition)
    await sender.stop()
    to, _ = await flow.reachable("fay")
    await flow.add(flow.customer("fay"))
    await flow.ends("fay")
    assert len(await flow.received(to)) == 1
