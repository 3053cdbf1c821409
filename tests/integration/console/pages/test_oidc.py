"""Log-in at an identity provider: a stand-in that signs, and every way in which what it says can't be believed."""

import ssl
import time
from collections.abc import AsyncIterator
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from services.console.main import MIGRATIONS
from tests.integration.console.pages.conftest import BASE, Browser, Console, a_console
from tests.support.serving import serving


class Provider:
    """Knows one person, and gives codes and tokens for them; `lies` changes what it signs."""

    def __init__(self) -> None:
        self.key = ECKey.generate_key("P-256", {"kid": "one"})
        self.other = ECKey.generate_key("P-256", {"kid": "one"})
        self.lies: dict[str, Any] = {}
        self.forged, self.nonce, self.challenge, self.url = False, "", "", ""
        self.asked: dict[str, list[str]] = {}

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/token", self._token, methods=["POST"]),
                Route("/keys", self._keys),
            ]
        )

    async def _describe(self, _: Request) -> JSONResponse:
        ends = {name: f"{self.url}/{path}" for name, path in (("token_endpoint", "token"), ("jwks_uri", "keys"))}
        return JSONResponse({"issuer": self.url, "authorization_endpoint": f"{self.url}/authorize"} | ends)

    async def _keys(self, _: Request) -> JSONResponse:
        return JSONResponse(KeySet([self.key]).as_dict(private=False))

    async def _token(self, request: Request) -> JSONResponse:
        self.asked = parse_qs((await request.body()).decode())
        claims = {
            "iss": self.url,
            "aud": "console",
            "sub": "7",
            "exp": int(time.time()) + 600,
            "nonce": self.nonce,
            "email": "Mia@shop.example",
            "email_verified": True,
        }
        key = self.other if self.forged else self.key
        signed = jwt.encode({"alg": "ES256", "kid": "one"}, claims | self.lies, key)
        return JSONResponse({"access_token": "at", "token_type": "Bearer", "id_token": signed})


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider()
    async with serving(made.app()) as url:
        made.url = url
        yield made


@pytest.fixture
async def console(make_database, provider: Provider) -> AsyncIterator[Console]:
    settings = {"oidc_issuer": provider.url, "oidc_client_id": "console", "oidc_client_secret": "a secret"}
    async with a_console(make_database(MIGRATIONS), public_url=BASE, **settings) as made:
        yield made


async def leave(console: Console, provider: Provider) -> tuple[Browser, str]:
    """A browser that was sent to the provider, and the state with which it comes back."""
    browser = console.browser()
    sent = await browser.get("/log-in/provider")
    asked = {name: values[0] for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()}
    provider.nonce, provider.challenge = asked["nonce"], asked["code_challenge"]
    assert asked["redirect_uri"] == f"{BASE}/log-in/provider/return"
    assert (asked["code_challenge_method"], asked["response_type"]) == ("S256", "code")
    return browser, asked["state"]


async def test_who_is_known_comes_in_by_the_provider(console: Console, provider: Provider):
    await console.person("marketer", name="mia")
    browser, state = await leave(console, provider)
    came = await browser.get("/log-in/provider/return", state=state, code="c0de")
    assert (came.status_code, came.headers["location"]) == (303, "/")
    assert provider.asked["code"] == ["c0de"]
    assert len(provider.asked["code_verifier"][0]) >= 43
    assert (await browser.get("/stores/shop/campaigns")).status_code == 200
    assert (await browser.get("/log-in/provider/return", state=state, code="c0de")).status_code == 403


async def test_a_log_in_reads_the_certificates_once(
    console: Console, provider: Provider, monkeypatch: pytest.MonkeyPatch
):
    read, made = count(), ssl.create_default_context
    monkeypatch.setattr(ssl, "create_default_context", lambda **given: (next(read), made(**given))[1])
    await console.person("marketer", name="mia")
    for _ in range(2):
        browser, state = await leave(console, provider)
        assert (await browser.get("/log-in/provider/return", state=state, code="c0de")).status_code == 303
    assert next(read) == 1


async def test_whom_nobody_let_in_stays_out(console: Console, provider: Provider):
    browser, state = await leave(console, provider)
    came = await browser.get("/log-in/provider/return", state=state, code="c0de")
    assert came.status_code == 403
    assert "Nobody with this address" in came.text


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "another"},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"nonce": "another"},
        {"email_verified": False},
        {"email_verified": None},
    ],
)
async def test_a_token_that_is_not_for_this_log_in_opens_nothing(
    console: Console, provider: Provider, lie: dict[str, Any]
):
    await console.person("owner", name="mia")
    browser, state = await leave(console, provider)
    provider.lies = lie
    assert (await browser.get("/log-in/provider/return", state=state, code="c")).status_code == 502
    assert (await browser.get("/stores/shop/today")).status_code == 303


async def test_a_token_of_another_key_opens_nothing(console: Console, provider: Provider):
    await console.person("owner", name="mia")
    browser, state = await leave(console, provider)
    provider.forged = True
    assert (await browser.get("/log-in/provider/return", state=state, code="c")).status_code == 502


async def test_a_log_in_of_another_browser_is_not_taken_over(console: Console, provider: Provider):
    await console.person("owner", name="mia")
    _, state = await leave(console, provider)
    victim = console.browser()
    assert (await victim.get("/log-in/provider/return", state=state, code="c")).status_code == 403


async def test_a_log_in_that_took_too_long_begins_anew(console: Console, provider: Provider):
    await console.person("owner", name="mia")
    browser, state = await leave(console, provider)
    console.clock.passes(minutes=11)
    assert (await browser.get("/log-in/provider/return", state=state, code="c")).status_code == 502


async def test_the_form_shows_the_way_to_the_provider_where_there_is_one(console: Console):
    assert "/log-in/provider" in (await console.browser().get("/log-in")).text
