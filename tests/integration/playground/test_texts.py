import asyncio
from urllib.parse import parse_qsl

import httpx
import pytest

from deploy.playground import twilio
from tests.integration.playground.conftest import ACCOUNT, TOKEN, running, settings_for


async def test_a_text_is_queued_and_can_be_read(playground):
    answer = await playground.text(Body="Only 3 left: http://shop.test/cart")
    assert answer.status_code == 201
    body = answer.json()
    assert (body["status"], body["direction"], body["error_code"]) == ("queued", "outbound-api", None)
    assert body["sid"].startswith("SM")
    assert len(body["sid"]) == 34
    assert body["uri"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{body['sid']}.json"
    [listed] = await playground.messages(to="+12015550123", channel="sms")
    assert listed["preview"] == "Only 3 left: http://shop.test/cart"
    shown = (await playground.http.get(f"/api/messages/{listed['id']}")).json()
    assert shown["links"] == ["http://shop.test/cart"]
    assert shown["html"] is None


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"To": "555"}, 400, 21211),
        ({"To": None}, 400, 21604),
        ({"Body": None}, 400, 21602),
        ({"From": None}, 400, 21603),
    ],
)
async def test_what_twilio_refuses_is_refused_and_not_kept(playground, change, status, code):
    answer = await playground.text(**change)
    assert (answer.status_code, answer.json()["code"], answer.json()["status"]) == (status, code, status)
    assert answer.json()["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert await playground.messages() == []


async def test_a_wrong_token_is_answered_20003(playground):
    url = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    answer = await playground.http.post(url, data={"To": "+12015550123"}, auth=(ACCOUNT, "wrong"))
    assert (answer.status_code, answer.json()["code"]) == (401, 20003)


async def test_stop_blocks_the_sender_over_a_restart_until_start(tmp_path):
    reply = {"from": "+12015550123", "to": "+12015550100"}
    async with running(settings_for(tmp_path)) as first:
        assert (await first.http.post("/api/texts", json=reply | {"body": "Stop"})).status_code == 201
        assert (await first.text()).json()["code"] == 21610
        assert (await first.text(From="+12015550199")).status_code == 201
    async with running(settings_for(tmp_path)) as second:
        await second.http.delete("/api/messages")
        assert (await second.text()).json()["code"] == 21610
        await second.http.post("/api/texts", json=reply | {"body": "START"})
        assert (await second.text()).status_code == 201


async def test_the_same_text_to_the_same_number_is_marked(playground):
    await playground.text()
    await playground.text(To="+12015550124")
    await playground.text()
    assert [message["duplicate"] for message in await playground.messages()] == [True, False, False]


async def test_429_and_500_look_like_twilios(playground):
    await playground.fault(twilio="429")
    answer = await playground.text()
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (429, 20429, "1")
    await playground.fault(twilio="503")
    assert (await playground.text()).status_code == 503
    await playground.fault(twilio="21610")
    assert (await playground.text()).json()["code"] == 21610
    assert await playground.messages() == []


async def test_a_connection_dropped_after_the_acceptance_has_kept_the_text(playground):
    await playground.fault(twilio="drop_after_accept")
    with pytest.raises(httpx.RemoteProtocolError):
        await playground.text()
    assert len(await playground.messages()) == 1
    await playground.fault(twilio="drop_before_accept")
    with pytest.raises(httpx.RemoteProtocolError):
        await playground.text()
    assert len(await playground.messages()) == 1


class Callbacks:
    """A server that takes the signed forms that Twilio posts."""

    def __init__(self):
        self.forms: asyncio.Queue[tuple[str, dict[str, str], str]] = asyncio.Queue()

    async def __call__(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        headers = {line.partition(": ")[0].lower(): line.partition(": ")[2] for line in head.split("\r\n")}
        body = await reader.readexactly(int(headers["content-length"]))
        await self.forms.put(
            (head.split(" ")[1], dict(parse_qsl(body.decode())), headers.get("x-twilio-signature", ""))
        )
        writer.write(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
        writer.close()


async def test_the_way_of_a_text_is_reported_in_signed_callbacks(playground):
    callbacks = Callbacks()
    async with await asyncio.start_server(callbacks, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/status?id=1"
        sid = (await playground.text(StatusCallback=url)).json()["sid"]
        for expected in ("sent", "delivered"):
            path, form, signature = await callbacks.forms.get()
            assert (path, form["MessageStatus"], form["MessageSid"]) == ("/status?id=1", expected, sid)
            assert signature == twilio.sign(url, form, TOKEN)


@pytest.mark.parametrize("public", [None, "https://hello.shop.example"])
async def test_an_answer_of_the_customer_reaches_the_notifier_signed_for_its_public_address(tmp_path, public):
    callbacks = Callbacks()
    async with await asyncio.start_server(callbacks, "127.0.0.1", 0) as server:
        notifier = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        urls = {"notifier_url": public or notifier, "notifier_backend_url": notifier}
        async with running(settings_for(tmp_path, **urls)) as playground:
            reply = {"from": "+12015550123", "to": "+12015550100", "body": "STOP"}
            await playground.http.post("/api/texts", json=reply)
            path, form, signature = await callbacks.forms.get()
            assert (form["From"], form["Body"]) == ("+12015550123", "STOP")
            assert signature == twilio.sign((public or notifier) + path, form, TOKEN)


@pytest.mark.parametrize(
    "body", [{}, {"from": "1", "to": "2", "body": "x"}, {"from": "+12015550123", "to": "2", "body": " "}]
)
async def test_a_malformed_answer_of_a_customer_is_refused(playground, body):
    answer = await playground.http.post("/api/texts", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
