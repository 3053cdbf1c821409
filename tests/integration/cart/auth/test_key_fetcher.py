"""A provider's address comes from a store's settings: it must not lead to what only we can reach.

Story: a `jwks_url` that pointed at the metadata service of the cloud told its answer apart by how the look-up failed,
and one that answered with 10 MB of zeros, packed into 10 kB, had the process killed.
"""

import asyncio
import gzip
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import httpx
import pytest

from libs.http import public_address
from services.cart.auth.key_fetcher import MAX_DOCUMENT, KeyFetcher
from tests.support.certificates import Authority
from tests.support.serving import free_port

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
    with pytest.raises(ValueError, match="no public address"):
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


PUBLIC, INSIDE = "127.0.0.2", "127.0.0.1"
"""Of the loopback, one stands for an address of the internet, the other for one that only we can reach."""
NAME = "login.shop.test"
Served = list[tuple[str, bytes]]
"""The address and the head of each request that came through."""


class Names:
    """What a provider's name leads to: one answer a look-up, the last one again and again."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), list[str]()

    async def getaddrinfo(self, host: str, port: int, **_: Any) -> list[Any]:
        self.asked.append(host)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    made = Authority(tmp_path)
    monkeypatch.setattr("certifi.where", lambda: str(made.file))
    monkeypatch.setattr(public_address, "_is_public", lambda address: address == PUBLIC)
    return made


@pytest.fixture
async def https(authority: Authority) -> AsyncIterator[tuple[int, Served]]:
    """A provider of the name on both addresses, at the same port."""
    served: Served = []

    def serving(address: str) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Any]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            served.append((address, await reader.readuntil(b"\r\n\r\n")))
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + b'{"keys":[]}')
            await writer.drain()
            writer.close()

        return serve

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*authority.issue("provider", NAME))
    port = free_port()
    first = await asyncio.start_server(serving(PUBLIC), PUBLIC, port, ssl=context)
    second = await asyncio.start_server(serving(INSIDE), INSIDE, port, ssl=context)
    yield port, served
    first.close()
    second.close()


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> Names:
    names = Names(*answers)
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", names.getaddrinfo)
    return names


async def test_a_provider_is_asked_by_its_name_at_the_address_that_was_looked_at(https, monkeypatch):
    port, served = https
    resolving(monkeypatch, [PUBLIC])
    assert await KeyFetcher(local=False).fetch(f"https://{NAME}:{port}/keys") == b'{"keys":[]}'
    ((address, head),) = served
    assert address == PUBLIC
    assert head.startswith(b"GET /keys HTTP/1.1\r\n")
    assert f"\r\nhost: {NAME}:{port}\r\n".encode() in head.lower()


async def test_a_name_that_leads_inside_at_the_second_look_up_leads_nowhere(https, monkeypatch):
    """Story: a name that lives no second was public when it was checked, and the metadata service when asked."""
    port, served = https
    names = resolving(monkeypatch, [PUBLIC], [INSIDE])
    assert await KeyFetcher(local=False).fetch(f"https://{NAME}:{port}/keys") == b'{"keys":[]}'
    assert (names.asked, [address for address, _ in served]) == ([NAME], [PUBLIC])


@pytest.mark.parametrize("found", [[INSIDE], [PUBLIC, INSIDE], [INSIDE, PUBLIC], []])
async def test_a_name_of_which_one_address_is_inside_is_not_asked(https, monkeypatch, found: list[str]):
    port, served = https
    resolving(monkeypatch, found)
    with pytest.raises(ValueError, match="no public address"):
        await KeyFetcher(local=False).fetch(f"https://{NAME}:{port}/keys")
    assert served == []


@pytest.mark.parametrize("local", [False, True])
async def test_a_certificate_of_another_name_is_refused(https, monkeypatch, local: bool):
    port, served = https
    resolving(monkeypatch, [PUBLIC])
    with pytest.raises(httpx.ConnectError, match="Hostname mismatch"):
        await KeyFetcher(local=local).fetch(f"https://another.shop.test:{port}/keys")
    assert served == []


async def test_a_certificate_of_an_authority_that_nobody_knows_is_refused(https, monkeypatch, tmp_path: Path):
    port, served = https
    (tmp_path / "others").mkdir()
    monkeypatch.setattr("certifi.where", lambda: str(Authority(tmp_path / "others").file))
    resolving(monkeypatch, [PUBLIC])
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        await KeyFetcher(local=False).fetch(f"https://{NAME}:{port}/keys")
    assert served == []


async def test_without_tls_nobody_is_asked_but_in_local_mode(monkeypatch):
    names = resolving(monkeypatch, [PUBLIC])
    with pytest.raises(ValueError, match="over https"):
        await KeyFetcher(local=False).fetch(f"http://{NAME}/keys")
    assert names.asked == []


async def test_the_certificates_are_read_once_however_often_a_provider_is_asked(https, monkeypatch):
    """Story: each fetch read all of them anew, 27 ms in which the process answered nobody."""
    port, served = https
    resolving(monkeypatch, [PUBLIC])
    fetcher = KeyFetcher(local=False)
    read = Mock(wraps=httpx.create_ssl_context)
    monkeypatch.setattr(httpx, "create_ssl_context", read)
    for _ in range(3):
        await fetcher.fetch(f"https://{NAME}:{port}/keys")
    assert (len(served), read.call_count) == (3, 1)
