"""A provider's address comes from a store's settings: it must not lead to what only we can reach.

Story: a `jwks_url` that pointed at the metadata service of the cloud told its answer apart by how the look-up failed,
and one that answered with 10 MB of zeros, packed into 10 kB, had the process killed.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest

from services.cart.auth.key_fetcher import MAX_DOCUMENT, KeyFetcher

PRIVATE = (
    "127.0.0.1",
    "10.1.2.3",
    "169.254.169.254",
    "192.168.0.1",
    "[::1]",
    "[fd00::1]",
    "[::ffff:10.0.0.1]",
    "0.0.0.0",
)


@pytest.mark.parametrize("host", [*PRIVATE, "localhost", "224.0.0.1"])
async def test_no_private_address_is_asked(host: str):
    with pytest.raises(ValueError, match="public addresses"):
        await KeyFetcher(local=False).fetch(f"https://{host}/keys")


@pytest.fixture
async def answering() -> AsyncIterator[tuple[str, list[bytes]]]:
    answers = list[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answers[0])
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/keys", answers
    server.close()


@pytest.mark.parametrize(
    ("head", "body", "why"),
    [
        ("200 OK\r\nContent-Encoding: gzip", gzip.compress(b" " * 10_000_000), "compressed"),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", b"", "302"),
        ("200 OK", b" " * (MAX_DOCUMENT + 1), "too long"),
    ],
)
async def test_bombs_and_redirects_are_refused(answering: tuple[str, list[bytes]], head: str, body: bytes, why: str):
    url, answers = answering
    answers.append(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
    with pytest.raises(ValueError, match=why):
        await KeyFetcher(local=True).fetch(url)
