"""Tokens for OAUTHBEARER: fetched once for all connections, renewed in time, and never told of in an error."""

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from libs.kafka.cluster import Sasl
from libs.kafka.tokens import ClientCredentials, TokenError


class Issuer(ThreadingHTTPServer):
    """Answers what `answers` says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, dict[str, list[str]]]] = []
        self.answers: list[tuple[int, bytes, dict[str, str]]] = []
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                issuer.asked.append((self.headers["Authorization"], form))
                status, body, headers = issuer.answers.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/token"

    def gives(self, token: str, **more) -> None:
        self.answers.append((200, json.dumps({"access_token": token, **more}).encode(), {}))


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as server:
        serving = Thread(target=server.serve_forever, daemon=True)
        serving.start()
        yield server
        server.shutdown()
        serving.join()


@pytest.fixture
def clock():
    return [0.0]


def tokens(issuer, clock, scope=""):
    return ClientCredentials(Sasl("OAUTHBEARER", "cart:1", "hush", issuer.url, scope), None, lambda: clock[0])


async def test_a_token_is_asked_for_once_and_again_before_it_ends(issuer, clock):
    issuer.gives("one", expires_in=100)
    issuer.gives("two", expires_in=100)
    provider = tokens(issuer, clock, "kafka")
    assert [await provider.token(), await provider.token()] == ["one", "one"]
    clock[0] = 81.0
    assert await provider.token() == "two"
    asked_as, form = issuer.asked[0]
    assert asked_as
    assert base64.b64decode(asked_as.removeprefix("Basic ")) == b"cart%3A1:hush"
    assert form == {"grant_type": ["client_credentials"], "scope": ["kafka"]}


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        (401, b"hush is wrong", {}),
        (302, b"", {"Location": "http://127.0.0.1:1/elsewhere"}),
        (200, b"not json", {}),
        (200, b"[]", {}),
        (200, b'{"expires_in": 3}', {}),
        (200, b'{"access_token": "t", "expires_in": "soon"}', {}),
        (200, b"[" * 60_000, {}),
    ],
)
async def test_an_answer_without_a_token_is_an_outage_that_tells_no_secret(issuer, clock, status, body, headers):
    issuer.answers.append((status, body, headers))
    with pytest.raises(TokenError) as failed:
        await tokens(issuer, clock).token()
    assert "hush" not in str(failed.value)
    assert len(issuer.asked) == 1


async def test_an_issuer_that_is_away_is_an_outage(clock):
    sasl = Sasl("OAUTHBEARER", "cart", "hush", "http://127.0.0.1:1/token")
    with pytest.raises(TokenError, match="no token of"):
        await ClientCredentials(sasl, None).token()
