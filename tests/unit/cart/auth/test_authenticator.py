"""Who may come in, and what the service refuses to be told at its start."""

import json
import time
import warnings
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import ValidationError
from starlette.datastructures import Headers

from libs.http.problems import Problem
from libs.runtime.clock import utc_now
from services.cart.auth.authenticator import Authenticator
from services.cart.auth.challenges import insufficient_scope
from services.cart.auth.jwt import LEEWAY_S
from services.cart.domain.store import Store
from services.cart.domain.tokens import issue_guest_token
from services.cart.settings import CartSettings

JWT_KEY = "customers-of-the-shop-0123456789-abcdef"
SECRET_KEY = "sk_test_0123456789abcdef0123"
TOKEN_SECRET = b"t" * 32
STORE = {
    "name": "Shop",
    "currency": "EUR",
    "jwt_key": JWT_KEY,
    "secret_keys": [SECRET_KEY, "sk_test_the_next_key_in_rotation"],
    "recovery_url": "https://shop.test/cart/{token}",
}


def door(clock=utc_now, **more) -> Authenticator:
    return Authenticator("shop", Store.model_validate(STORE | more), TOKEN_SECRET, clock=clock)


def token(key=JWT_KEY, algorithm="HS256", **claims) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode({"sub": "anna", "exp": int(time.time()) + 86_400} | claims, key, algorithm)


def bearer(credential: str) -> Headers:
    return Headers({"authorization": f"Bearer {credential}"})


def server_of(shop: Authenticator):
    return lambda headers: shop.server(headers, "orders:write")


def refused(call, headers) -> int:
    with pytest.raises(Problem) as problem:
        call(headers)
    if problem.value.status == 401:
        assert problem.value.headers["WWW-Authenticate"].startswith('Bearer realm="evercart"')
    return problem.value.status


def test_a_customer_is_who_the_token_says():
    shop = door()
    for _ in range(2):
        assert shop.shopper(bearer(token())).customer_id == "anna"
    assert shop.shopper(Headers({"authorization": f"bearer {token(sub='ben')}"})).customer_id == "ben"


@pytest.mark.parametrize(
    "forged",
    [
        token(exp=int(time.time()) - 60),
        token(nbf=int(time.time()) + 86_000),
        token(key="another-key-of-somebody-else-0123456789"),
        token(algorithm="HS512", key=JWT_KEY),
        token(key=None, algorithm="none"),
        token().rsplit(".", 1)[0] + ".",
        jwt.encode({"sub": "anna"}, JWT_KEY),
        jwt.encode({"exp": int(time.time()) + 86_400}, JWT_KEY),
        token(sub=""),
        token(sub="x" * 201),
        token(sub="a\nb"),
        token(sub=5),
        token(exp="soon"),
        token(exp=float("inf")),
        token(exp=float("nan")),
        token(nbf="soon"),
        token(iat={}),
        "not a token",
        "a.b.c",
        "x" * 9000,
        "ä",
    ],
    ids=[
        "expired",
        "not yet valid",
        "another key",
        "another algorithm",
        "no algorithm",
        "no signature",
        "without end",
        "without subject",
        "empty subject",
        "endless subject",
        "two lines",
        "a number",
        "no time",
        "without end at all",
        "at no time",
        "no beginning",
        "no time of issue",
        "nonsense",
        "three parts",
        "too long",
        "not ASCII",
    ],
)
def test_a_token_that_is_not_genuine_opens_nothing(forged):
    shop = door()
    assert refused(shop.shopper, bearer(forged)) == 401
    assert refused(shop.customer, bearer(forged)) == 401
    assert refused(server_of(shop), bearer(forged)) == 401


def test_a_token_that_was_known_expires_all_the_same():
    now = utc_now()
    shop, short = door(clock=lambda: now), token(exp=int(now.timestamp()) + 5)
    assert shop.shopper(bearer(short))
    now += timedelta(seconds=60)
    assert refused(shop.shopper, bearer(short)) == 401


@pytest.mark.parametrize(
    ("claims", "lets_in"),
    [
        ({"exp": -LEEWAY_S + 1}, True),
        ({"exp": -LEEWAY_S}, False),
        ({"exp": 60, "nbf": LEEWAY_S}, True),
        ({"exp": 60, "nbf": LEEWAY_S + 1}, False),
        ({"exp": 60, "iat": LEEWAY_S}, True),
        ({"exp": 60, "iat": LEEWAY_S + 1}, False),
    ],
)
@pytest.mark.parametrize("off", [timedelta(), timedelta(hours=2), timedelta(hours=-2)])
def test_when_a_token_holds_is_said_by_the_clock_of_all_processes(off, claims, lets_in):
    """Story: one host was two hours slow, and let in whoever had logged out long ago."""
    now = datetime.fromtimestamp(int(time.time()), UTC) + off
    shop = door(clock=lambda: now)
    known = token(**{name: int(now.timestamp()) + s for name, s in claims.items()})
    if lets_in:
        assert shop.shopper(bearer(known)).customer_id == "anna"
    else:
        assert refused(shop.shopper, bearer(known)) == 401


def test_issuer_and_audience_are_insisted_on_where_they_are_configured():
    shop = door(jwt_issuer="https://id.shop.test", jwt_audience="cart")
    right = {"iss": "https://id.shop.test", "aud": "cart"}
    assert shop.shopper(bearer(token(**right)))
    for wrong in ({"iss": "https://other.test"}, {"aud": "mail"}):
        assert refused(shop.shopper, bearer(token(**right | wrong))) == 401
    assert refused(shop.shopper, bearer(token())) == 401


def test_a_public_key_can_stand_for_the_store():
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    shop = door(jwt_key=public.decode(), jwt_algorithm="ES256")
    assert shop.shopper(bearer(token(key=private, algorithm="ES256")))
    assert refused(shop.shopper, bearer(token())) == 401


def test_a_guest_is_known_by_the_hash_of_the_token():
    shop, guest = door(), issue_guest_token(TOKEN_SECRET, "shop")
    assert shop.shopper(Headers({"x-cart-token": guest})).token_hash == shop.guest_hash(guest)
    assert refused(shop.shopper, Headers({"x-cart-token": "g1_" + "A" * 46})) == 401
    assert refused(shop.shopper, Headers({"x-cart-token": issue_guest_token(TOKEN_SECRET, "other")})) == 401


def test_a_bad_log_in_is_not_a_guest():
    both = Headers({"authorization": "Bearer x.y.z", "x-cart-token": issue_guest_token(TOKEN_SECRET, "shop")})
    assert refused(door().shopper, both) == 401


@pytest.mark.parametrize("headers", [{}, {"authorization": ""}, {"authorization": "Basic YTpi"}, {"x-cart-token": ""}])
def test_without_credentials_nobody_comes_in(headers):
    shop = door()
    assert refused(shop.shopper, Headers(headers)) == 401
    assert refused(server_of(shop), Headers(headers)) == 401


def test_each_secret_key_opens_the_servers_door():
    shop = door()
    shop.server(bearer(SECRET_KEY), "orders:write")
    shop.server(bearer("sk_test_the_next_key_in_rotation"), "orders:write")
    assert refused(server_of(shop), bearer(SECRET_KEY + "4")) == 401


def test_a_key_that_was_not_made_for_it_is_told_what_it_lacks():
    problem = insufficient_scope("orders:write")
    assert (problem.status, problem.slug, problem.members) == (403, "insufficient-scope", {"scope": "orders:write"})
    assert problem.headers["WWW-Authenticate"].endswith('error="insufficient_scope", scope="orders:write"')


def test_a_secret_key_is_no_shopper_and_a_shopper_no_server():
    shop = door()
    assert refused(shop.shopper, bearer(SECRET_KEY)) == 403
    assert refused(server_of(shop), bearer(token())) == 403
    assert refused(server_of(shop), Headers({"x-cart-token": issue_guest_token(TOKEN_SECRET, "shop")})) == 403
    assert refused(shop.customer, Headers({"x-cart-token": issue_guest_token(TOKEN_SECRET, "shop")})) == 403


ENVIRONMENT = {
    "CART_DATABASE_URL": "postgresql://cart@127.0.0.1/cart",
    "CART_TOKEN_SECRET": "t" * 32,
    "CART_STORES": json.dumps({"shop": STORE}),
}


def configured(monkeypatch, **more) -> CartSettings:
    for name, value in (ENVIRONMENT | more).items():
        monkeypatch.setenv(name, value)
    return CartSettings()


def test_settings_come_from_the_environment(monkeypatch):
    settings = configured(monkeypatch, CART_PORT="8085")
    assert (settings.port, settings.stores["shop"].currency, settings.mode) == (8085, "EUR", "production")
    assert JWT_KEY not in repr(settings)
    assert SECRET_KEY not in repr(settings)


def test_countries_that_want_an_address_asked_come_from_a_file(monkeypatch, tmp_path):
    assert configured(monkeypatch).read_opt_ins().asks_first("email", "single_opt_in", "de", None)
    own = tmp_path / "opt_in.toml"
    own.write_text("reviewed = 2026-12-01")
    own_ones = configured(monkeypatch, CART_OPT_INS=str(own)).read_opt_ins()
    assert not own_ones.asks_first("email", "single_opt_in", "de", None)
    with pytest.raises(ValueError, match="No such file"):
        configured(monkeypatch, CART_OPT_INS=str(tmp_path / "none.toml"))


def test_a_key_for_looks_opens_nothing_else(monkeypatch):
    look, ops = "sk_of_the_notifier_0123456789", "sk_of_the_operators_0123456789"
    keys = {"CART_LOOK_KEYS": json.dumps([look]), "CART_OPS_KEYS": json.dumps([ops])}
    assert len(configured(monkeypatch, **keys).look_keys) == 1
    for wrong, told in (("CART_OPS_KEYS", "in ops_keys, too"), ("CART_LOOK_KEYS", "secret key of the store shop, too")):
        shared = {wrong: json.dumps([look if wrong == "CART_OPS_KEYS" else SECRET_KEY, ops + "2"])}
        with pytest.raises(ValidationError, match=told):
            configured(monkeypatch, **keys | shared)


def test_changes_may_be_dated_in_local_mode_alone(monkeypatch):
    assert configured(monkeypatch, CART_MODE="local", CART_ALLOW_OCCURRED_AT="true").allow_occurred_at
    with pytest.raises(ValidationError, match="local mode"):
        configured(monkeypatch, CART_MODE="production", CART_ALLOW_OCCURRED_AT="true")


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_no_secret_has_a_default(monkeypatch, missing):
    for name, value in ENVIRONMENT.items():
        if name != missing:
            monkeypatch.setenv(name, value)
    monkeypatch.delenv(missing, raising=False)
    with pytest.raises(ValidationError):
        CartSettings()


@pytest.mark.parametrize(
    "wrong",
    [
        {"jwt_key": "short"},
        {"jwt_algorithm": "none"},
        {"jwt_algorithm": "ES256"},
        {"secret_keys": ["0123456789abcdef0123456789abcdef"]},
        {"secret_keys": ["sk_short"]},
        {"recovery_url": "https://shop.test/cart"},
        {"recovery_url": "javascript:{token}"},
        {"currency": "EURO"},
        {"origins": ["https://shop.test/"]},
        {"origins": ["*"]},
        {"merge": "whatever"},
        {"colour": "red"},
    ],
    ids=str,
)
def test_a_store_that_is_not_right_is_refused(wrong):
    with pytest.raises(ValidationError):
        Store.model_validate(STORE | wrong)


@pytest.mark.parametrize("store_id", ["", "a:b", "A", "a/b", "x" * 64])
def test_a_store_id_fits_into_paths_and_keys(monkeypatch, store_id):
    with pytest.raises(ValidationError):
        configured(monkeypatch, CART_STORES=json.dumps({store_id: STORE}))
