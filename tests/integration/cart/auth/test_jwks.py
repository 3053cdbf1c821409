"""Log-ins of an identity provider that publishes its keys: rotation, outages, and every way to forge one."""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from libs.postgres.pool import Pool
from services.cart.auth import jwks
from services.cart.auth.jwks import Provider
from services.cart.auth.key_fetcher import KeyFetcher
from services.cart.domain.store import Store
from tests.integration.cart.shop import Hands, Shop, Visitor, done, refused
from tests.support.eventually import eventually
from tests.support.provider import ISSUER, RSA_KEY, SECOND_KEY, IdentityProvider, public


@pytest.fixture
async def provider() -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider()
    provider.rotate("spring")
    yield provider
    await asyncio.to_thread(provider.stop)


@pytest.fixture
async def shop(pool: Pool, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Shop]:
    monkeypatch.setattr(jwks, "WAIT_S", 60)
    shop = Shop.open(
        pool,
        store={
            "jwt_key": None,
            "jwks_url": provider.url,
            "jwt_algorithm": "ES256",
            "jwt_issuer": ISSUER,
            "jwt_audience": "cart",
        },
    )
    yield shop
    await shop.close()


def asked_by(shop: Shop, replica: int = 0) -> Provider:
    """The provider of the store "shop", as a replica knows it."""
    entry = shop.books[replica].get("shop")
    assert entry is not None
    provider = shop.callers[replica].of(entry).customers.provider
    assert provider is not None
    return provider


def hands_of(shop: Shop, replica: int = 0) -> Hands:
    """From now on the test moves the clock by which the replica judges its keys."""
    provider_of = asked_by(shop, replica)
    provider_of._clock = shop.clock
    return shop.clock


def by(shop: Shop, token: str) -> Visitor:
    return Visitor(shop.clients[0], {"Authorization": f"Bearer {token}"})


def log_in(provider: IdentityProvider, key_id: str | None = "spring", **claims: Any) -> str:
    return provider.token(key_id, **{"aud": "cart"} | claims)


async def test_a_customer_logs_in_by_a_key_that_the_provider_publishes(shop: Shop, provider: IdentityProvider):
    anna = by(shop, log_in(provider))
    await anna.add()
    assert (await anna.cart())["customer_id"] == "anna"
    assert provider.asked == 1


async def test_a_burst_of_log_ins_asks_the_provider_once(shop: Shop, provider: IdentityProvider):
    visitors = [by(shop, log_in(provider, customer_id=f"c{n}")) for n in range(20)]
    assert [answer.status_code for answer in await asyncio.gather(*(v.ask("GET", "/cart") for v in visitors))] == [
        200
    ] * 20
    assert provider.asked == 1


async def test_a_rotated_key_is_fetched_when_its_first_log_in_comes(shop: Shop, provider: IdentityProvider):
    clock = hands_of(shop)
    await by(shop, log_in(provider)).cart()
    provider.rotate("spring", "summer")
    clock.forward(timedelta(seconds=31))
    await by(shop, log_in(provider, "summer")).cart()
    await by(shop, log_in(provider, "spring", customer_id="ben")).cart()
    assert provider.asked == 2


async def test_unknown_keys_ask_the_provider_at_most_every_30_seconds(shop: Shop, provider: IdentityProvider):
    clock = hands_of(shop)
    await by(shop, log_in(provider)).cart()
    for n in range(10):
        forged = provider.token(f"made-up-{n}", key=SECOND_KEY, aud="cart")
        refused(await by(shop, forged).ask("GET", "/cart"), 401, "unauthorized")
    assert provider.asked == 1
    clock.forward(timedelta(seconds=31))
    for n in range(10):
        forged = provider.token(f"made-up-{n}", key=SECOND_KEY, aud="cart")
        refused(await by(shop, forged).ask("GET", "/cart"), 401, "unauthorized")
    assert provider.asked == 2


async def test_a_withdrawn_key_opens_nothing_any_more_not_even_for_a_token_that_is_known(
    shop: Shop, provider: IdentityProvider
):
    anna = by(shop, log_in(provider))
    await anna.cart()
    provider.rotate("summer")
    await fresh(shop)
    refused(await anna.ask("GET", "/cart"), 401, "unauthorized")
    await by(shop, log_in(provider, "summer")).cart()


async def fresh(shop: Shop) -> None:
    """What the background does every five minutes."""
    provider_of = asked_by(shop, 0)
    await provider_of.fetch()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, None),
        (404, None),
        (302, None),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"keys": {}}'),
        (200, b"x" * 300_000),
    ],
    ids=["fails", "gone", "elsewhere", "a page", "no object", "no list", "endless"],
)
async def test_keys_that_are_known_hold_while_the_provider_is_down(
    shop: Shop, provider: IdentityProvider, status: int, body: bytes | None
):
    await by(shop, log_in(provider)).cart()
    provider.status, provider.body = status, body  # type: ignore[assignment]
    await fresh(shop)
    await by(shop, log_in(provider, customer_id="ben")).cart()
    answer = await by(shop, provider.token("new", key=SECOND_KEY, aud="cart")).ask("GET", "/cart")
    refused(answer, 503, "identity-provider-unavailable")
    assert answer.headers["retry-after"] == "1"


async def test_a_provider_that_is_gone_keeps_nobody_out_who_is_known(shop: Shop, provider: IdentityProvider):
    await by(shop, log_in(provider)).cart()
    await asyncio.to_thread(provider.stop)
    await fresh(shop)
    await by(shop, log_in(provider, customer_id="ben")).cart()
    provider.stop = lambda: None  # type: ignore[method-assign]


async def test_nobody_waits_for_a_dead_provider_longer_than_the_bound(
    shop: Shop, provider: IdentityProvider, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(jwks, "WAIT_S", 0.05)
    provider.answering.clear()
    refused(await by(shop, log_in(provider)).ask("GET", "/cart"), 503, "identity-provider-unavailable")
    await shop.server().order("1")
    await (await shop.guest()).add()
    provider.answering.set()
    monkeypatch.setattr(jwks, "WAIT_S", 60)
    await by(shop, log_in(provider)).cart()  # the answer to the first asking, which went on


async def test_keys_are_fetched_before_anybody_needs_them(shop: Shop, provider: IdentityProvider):
    running = asyncio.create_task(shop.callers[0].providers.run())
    provider_of = asked_by(shop, 0)
    await eventually(lambda: provider_of.reachable)
    running.cancel()
    await asyncio.to_thread(provider.stop)
    provider.stop = lambda: None  # type: ignore[method-assign]
    await by(shop, log_in(provider)).cart()


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), signature)
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def forgeries(provider: IdentityProvider) -> dict[str, str]:
    key = provider.keys["spring"]
    now = int(time.time())
    claims = {"sub": "anna", "iss": ISSUER, "aud": "cart", "exp": now + 600}
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jwk = json.dumps(public(key)).encode()
    good = log_in(provider)
    head, body, signature = good.split(".")
    other = urlsafe_b64encode(json.dumps(claims | {"sub": "ben"}).encode()).rstrip(b"=").decode()
    return {
        "no algorithm": unsigned({"alg": "none", "kid": "spring"}, claims),
        "no algorithm, in capitals": unsigned({"alg": "NONE", "kid": "spring"}, claims),
        "no signature": f"{head}.{body}.",
        "another body": f"{head}.{other}.{signature}",
        "the public key as a secret, PEM": hmac_signed(claims, pem),
        "the public key as a secret, JWK": hmac_signed(claims, jwk),
        "another algorithm of the provider": jwt.encode(claims, RSA_KEY, "RS256", headers={"kid": "rsa"}),
        "somebody else's key under this id": provider.token("spring", key=SECOND_KEY, aud="cart"),
        "a key of its own in the header": jwt.encode(
            claims, SECOND_KEY, "ES256", headers={"kid": "mine", "jwk": public(SECOND_KEY)}
        ),
        "a key for encryption": provider.token("encrypting", key=SECOND_KEY, aud="cart"),
        "a place of its own for keys": jwt.encode(
            claims, SECOND_KEY, "ES256", headers={"kid": "mine", "jku": "https://evil.test/keys"}
        ),
        "an extension that must be understood": jwt.encode(
            claims, key, "ES256", headers={"kid": "spring", "crit": ["exp"], "exp": now}
        ),
        "another issuer": log_in(provider, iss="https://evil.test"),
        "no issuer": jwt_with_kid({name: value for name, value in claims.items() if name != "iss"}, key, "spring"),
        "another audience": log_in(provider, aud="mail"),
        "no audience": provider.token("spring"),
        "expired": log_in(provider, exp=now - 60),
        "never expires": jwt.encode({**claims, "exp": None}, key, "ES256", headers={"kid": "spring"}),
        "not yet valid": log_in(provider, nbf=now + 600),
        "issued in the future": log_in(provider, iat=now + 600),
        "nobody": log_in(provider, sub=""),
        "a number as id of its key": jwt_with_kid(claims, key, 7),
    }


def hmac_signed(claims: dict[str, Any], secret: bytes) -> str:
    import hashlib
    import hmac

    token = unsigned({"alg": "HS256", "kid": "spring"}, claims).rpartition(".")[0]
    mac = hmac.digest(secret, token.encode(), hashlib.sha256)
    return f"{token}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def jwt_with_kid(claims: dict[str, Any], key: Any, key_id: Any) -> str:
    token = unsigned({"alg": "ES256", "kid": key_id}, claims).rpartition(".")[0]
    signature = jwt.get_algorithm_by_name("ES256").sign(token.encode(), key)
    return f"{token}.{urlsafe_b64encode(signature).rstrip(b'=').decode()}"


async def test_no_forged_log_in_opens_anything(shop: Shop, provider: IdentityProvider):
    encrypting = public(SECOND_KEY) | {"kid": "encrypting", "use": "enc"}
    provider.extra = [encrypting, public(RSA_KEY) | {"kid": "rsa"}, {"kty": "oct", "k": "c2VjcmV0", "kid": "spring"}]
    await by(shop, log_in(provider)).add()
    for name, forged in forgeries(provider).items():
        answer = await by(shop, forged).ask("GET", "/cart")
        assert answer.status_code == 401, f"{name}: {answer.text}"
        assert 'error="invalid_token"' in answer.headers["www-authenticate"], name
    assert done(await shop.server().ask("GET", "/carts?customer_id=ben"))["carts"] == []


async def test_a_token_that_names_no_key_is_checked_by_the_only_one(shop: Shop, provider: IdentityProvider):
    await by(shop, log_in(provider, None)).cart()
    provider.rotate("spring", "summer")
    await fresh(shop)
    refused(await by(shop, log_in(provider, None, customer_id="ben")).ask("GET", "/cart"), 401, "unauthorized")


@pytest.mark.parametrize(
    "wrong",
    [
        {"jwks_url": "https://id.test/keys"},
        {"jwt_key": None},
        {"jwt_key": None, "jwks_url": "https://id.test/keys", "jwt_issuer": ISSUER},
        {"jwt_key": None, "jwks_url": "https://id.test/keys", "jwt_algorithm": "RS256"},
        {"jwt_key": None, "jwks_url": "ftp://id.test", "jwt_algorithm": "RS256", "jwt_issuer": ISSUER},
        {"jwt_key": None, "jwks_url": "https://me:pw@id.test", "jwt_algorithm": "RS256", "jwt_issuer": ISSUER},
    ],
    ids=["both", "neither", "shared secrets published", "no issuer", "not http", "a password in the address"],
)
def test_a_store_says_how_log_ins_are_checked_in_one_way(wrong: dict[str, Any]):
    plain = {"name": "Shop", "currency": "EUR", "jwt_key": "k" * 32, "recovery_url": "https://shop.test/{token}"}
    with pytest.raises(ValueError, match="jw"):
        Store.model_validate(plain | wrong)


async def test_outside_of_local_mode_providers_are_asked_over_https_alone(provider: IdentityProvider):
    with pytest.raises(ValueError, match="https"):
        await KeyFetcher(local=False).fetch(provider.url)
    assert provider.asked == 0
