import asyncio

import aiosmtplib
import pytest

from tests.integration.playground.conftest import an_email, running, settings_for


async def test_a_message_can_be_read_as_soon_as_250_was_said(playground):
    _, reply = await playground.send(an_email(html='<a href="http://shop.test/cart">cart</a>'))
    assert "queued as" in reply
    [listed] = await playground.messages(to="ANA@example.com")
    assert (listed["channel"], listed["subject"], listed["duplicate"]) == ("email", "Your cart", False)
    shown = (await playground.http.get(f"/api/messages/{listed['id']}")).json()
    assert shown["text"] == "It waits.\n"
    assert shown["links"] == ["http://shop.test/cart"]
    raw = (await playground.http.get(f"/api/messages/{listed['id']}/raw")).text
    assert raw.startswith("Return-Path: <shop@example.com>\r\nDelivered-To: ana@example.com\r\n")


async def test_a_message_that_comes_twice_is_kept_twice_and_marked(playground):
    await playground.send(an_email())
    await playground.send(an_email())
    await playground.send(an_email(message_id="<2@shop>"))
    assert [message["duplicate"] for message in await playground.messages()] == [False, True, False]
    assert (await playground.http.get("/api/totals")).json() == {"received": 3, "duplicates": 1, "kept": 3}


async def test_messages_survive_a_restart_and_so_does_the_knowledge_of_duplicates(tmp_path):
    async with running(settings_for(tmp_path)) as first:
        await first.send(an_email())
        await first.text()
        before = await first.messages()
    async with running(settings_for(tmp_path)) as second:
        assert await second.messages() == before
        await second.send(an_email())
        newest = (await second.messages())[0]
        assert newest["duplicate"]
        assert int(newest["id"]) > int(before[0]["id"])


async def test_the_oldest_are_dropped_at_the_bound(tmp_path):
    async with running(settings_for(tmp_path, keep=3)) as bounded:
        for number in range(5):
            await bounded.send(an_email(subject=str(number), message_id=f"<{number}@shop>"))
        assert [message["subject"] for message in await bounded.messages()] == ["4", "3", "2"]
    assert len(list((tmp_path / "messages").iterdir())) == 3


async def test_one_connection_carries_many_messages_at_once_with_others(playground):
    async def send_many(sender):
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=playground.smtp_port) as client:
            assert client.supports_extension("pipelining")
            for number in range(10):
                content = an_email(message_id=f"<{sender}.{number}@shop>").as_bytes()
                await client.sendmail("shop@example.com", ["ana@example.com"], content)

    await asyncio.gather(*(send_many(sender) for sender in range(5)))
    messages = await playground.messages()
    assert len({message["message_id"] for message in messages}) == 50
    assert len({message["id"] for message in messages}) == 50


async def test_dots_and_long_unicode_lines_arrive_as_they_were_sent(playground):
    body = ".\r\n..\r\n.leading dot\r\n" + "ш" * 400
    await playground.send(an_email(text=body))
    [listed] = await playground.messages()
    shown = (await playground.http.get(f"/api/messages/{listed['id']}")).json()
    assert shown["text"] == body.replace("\r\n", "\n") + "\n"


@pytest.mark.parametrize("code", ["451", "550"])
async def test_a_refused_message_is_not_kept_and_the_next_one_is(playground, code):
    await playground.fault(smtp=code)
    with pytest.raises(aiosmtplib.SMTPDataError) as caught:
        await playground.send(an_email())
    assert caught.value.code == int(code)
    assert await playground.messages() == []
    await playground.send(an_email())
    assert len(await playground.messages()) == 1


async def test_a_recipient_can_be_refused_before_the_message(playground):
    await playground.fault(smtp="550", stage="rcpt", to="gone@example.com")
    await playground.send(an_email())
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
        await playground.send(an_email(), to="gone@example.com")


async def test_a_connection_dropped_after_the_data_has_kept_the_message(playground):
    await playground.fault(smtp="drop_after_data")
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await playground.send(an_email())
    assert len(await playground.messages()) == 1


async def test_a_connection_dropped_before_has_not(playground):
    await playground.fault(smtp="drop_before_data")
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await playground.send(an_email())
    assert await playground.messages() == []


async def test_what_cannot_be_written_is_refused_for_now(playground, tmp_path):
    folder = tmp_path / "messages"
    folder.rmdir()
    with pytest.raises(aiosmtplib.SMTPDataError) as caught:
        await playground.send(an_email())
    assert caught.value.code == 452
    folder.mkdir()
    await playground.send(an_email())
    assert len(await playground.messages()) == 1


async def test_a_message_that_is_too_large_is_refused(playground):
    with pytest.raises(aiosmtplib.SMTPException):
        await playground.send(b"Subject: x\r\n\r\n" + b"x" * 900 + b"\r\n" * 6_000_000)
    assert await playground.messages() == []
