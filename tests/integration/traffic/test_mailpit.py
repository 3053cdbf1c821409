"""Mailpit's answers, as its API (version 1) gives them, read as a recipient's letters."""

import asyncio
import contextlib
import json

import pytest

from deploy.story.mailpit import Mailpit
from libs.http.client import HttpClient, HttpError


def summary(number: str, to: str, created: str) -> dict[str, object]:
    return {"ID": number, "To": [{"Name": "", "Address": to}], "Subject": f"About {number}", "Created": created}


LISTED = {
    "total": 3,
    "messages": [
        summary("late", "Anna@example.com", "2026-03-01T12:00:05.123456789Z"),
        summary("other", "ben@example.com", "2026-03-01T12:00:04Z"),
        summary("early", "anna@example.com", "2026-03-01T12:00:03.5Z"),
    ],
}
SHOWN = {"Text": "see http://shop/?recover=1", "HTML": '<a href="http://shop/?recover=1">cart</a>', "Subject": "x"}


@contextlib.asynccontextmanager
async def mailpit(listed: dict[str, object] | None):
    """Answers as Mailpit would; None is a server that is something else."""
    asked: list[str] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split(b" ")[1].decode()
                asked.append(path)
                document = listed if path.startswith("/api/v1/messages") else SHOWN
                status = b"404 Not Found" if document is None else b"200 OK"
                body = json.dumps(document).encode()
                writer.write(b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body))
                await writer.drain()

    running = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with running, HttpClient(f"http://127.0.0.1:{running.sockets[0].getsockname()[1]}") as http:
        yield Mailpit(http), asked


async def test_letters_of_one_recipient_come_oldest_first():
    async with mailpit(LISTED) as (box, _):
        letters = await box.arrived("anna@example.com")
    assert [letter.id for letter in letters] == ["early", "late"]
    assert letters[0].links == ("http://shop/?recover=1",)
    assert (letters[1].subject, letters[1].received_at.microsecond) == ("About late", 123456)


async def test_a_letter_is_opened_once():
    async with mailpit(LISTED) as (box, asked):
        await box.arrived("anna@example.com")
        await box.arrived("anna@example.com")
    assert asked.count("/api/v1/message/early") == 1


async def test_waiting_for_nothing_ends():
    async with mailpit({"messages": []}) as (box, _):
        assert await box.arrived("anna@example.com", wait_s=0.01) == []


async def test_what_is_not_mailpit_is_told():
    async with mailpit(None) as (box, _):
        with pytest.raises(HttpError, match="answered 404"):
            await box.arrived("anna@example.com")
