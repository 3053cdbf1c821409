"""Every door of every service, found by the OpenAPI documents, answers what can't be right with 4xx.

Story: one character, one figure of 400 digits or one year 9999 gave 500 here and a page at night there, each mended
where it was met, and the next door was as it had been.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode

import httpx
import pytest
from pydantic import SecretStr
from starlette.types import ASGIApp

from libs.http.server_keys import NamedKey
from libs.postgres.pool import Pool, open_pool
from libs.runtime.clock import utc_now
from services.cart.main import MIGRATIONS as CART
from services.console.main import MIGRATIONS as CONSOLE
from services.console.settings import SCOPES as CONSOLE_SCOPES
from services.console.web import deps as console_deps
from services.console.web.app import application as console_application
from services.notifier.cart_client import CartClient
from services.notifier.channels.sms.twilio import TwilioReplies, TwilioSettings
from services.notifier.channels.sms.twilio_signatures import signature
from services.notifier.domain.store import Store
from services.notifier.domain.unsubscribe_link import Links, Unsubscription
from services.notifier.main import MIGRATIONS as NOTIFIER
from services.notifier.rendering.store_templates import StoreTemplates
from services.notifier.web import deps as notifier_deps
from services.notifier.web.app import application as notifier_application
from services.trigger.campaigns.registry import CampaignRegistry
from services.trigger.main import MIGRATIONS as TRIGGER
from services.trigger.settings import SCOPES
from services.trigger.web import deps as trigger_deps
from services.trigger.web.app import application as trigger_application
from tests.contract.golden import FOLDER
from tests.integration.cart.shop import LINE
from tests.integration.cart.stores.test_stores_apart import CASES, ids_of
from tests.integration.cart.two_stores import JWT_KEYS, World
from tests.integration.doors.attacks import DEEP, Attack, attacks
from tests.integration.notifier.conftest import described

KEY = "sk_of_the_shop_0123456789"
TWILIO_TOKEN = "token"
LINKS = Links("s" * 32, "https://n.demo.example")


@pytest.fixture
async def opened(make_database: Callable[[Path], str]) -> AsyncIterator[Callable[[Path], object]]:
    pools = list[Pool]()

    async def open_one(migrations: Path) -> Pool:
        pools.append(await open_pool(make_database(migrations), size=2))
        return pools[-1]

    yield open_one
    for pool in pools:
        pool.terminate()


def document(service: str) -> dict[str, Any]:
    """The OpenAPI document as it is checked in, which another test holds to what is served."""
    found: dict[str, Any] = json.loads((FOLDER / f"{service}.openapi.json").read_text(encoding="utf-8"))
    return found


def client(app: ASGIApp) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://door.test")


async def failures(http: httpx.AsyncClient, attack: Attack, headers: dict[str, str]) -> list[str]:
    """What is wrong with the answer to one attack."""
    sent = {name.encode(): value.encode("latin-1") for name, value in {**headers, **attack.headers}.items()}
    answer = await http.request(attack.method, attack.path, content=attack.content, headers=sent)
    bad_body = "deep" in attack.wrong or "nul" in attack.wrong
    if answer.status_code >= 500 or (bad_body and answer.status_code < 400):
        return [f"{attack.method} {attack.path[:90]} {attack.wrong}: {answer.status_code}"]
    return []


async def test_no_door_of_the_cart_breaks(opened):
    world = await World.begun(await opened(CART))
    ids = {"store_id": "near", **ids_of(world.near)}
    body_of = lambda method, path: CASES[method, path].body(ids)  # noqa: E731
    found = list[str]()
    for attack in attacks(document("cart"), ids, body_of):
        if attack.path.endswith("/cart/stream"):  # what is right there does not end
            continue
        template = next(p for m, p in CASES if m == attack.method and _is(p, attack.path))
        headers = CASES[attack.method, template].who(world.near).headers
        found += await failures(world.near.http, attack, headers)
    await world.near.http.aclose()
    assert found == []


def _is(template: str, path: str) -> bool:
    """Whether a path was made of a template; ids in it hold no slash here."""
    parts, given = template.split("/"), path.partition("?")[0].split("/")
    return len(parts) == len(given) and all(p == g or p.startswith("{") for p, g in zip(parts, given, strict=True))


CLAIMS = {
    "exp of 400 digits": f'{{"sub": "anna", "exp": {"9" * 400}}}',
    "an infinite exp": '{"sub": "anna", "exp": 1e400}',
    "an infinite nbf": '{"sub": "anna", "exp": 9999999999, "nbf": 1e400}',
    "an infinite iat": '{"sub": "anna", "exp": 9999999999, "iat": 1e400}',
    "no number": '{"sub": "anna", "exp": NaN}',
    "nul": '{"sub": "an\\u0000na", "exp": 9999999999}',
    "surrogate": '{"sub": "\\ud800", "exp": 9999999999}',
    "deep": DEEP,
}


@pytest.mark.parametrize("claims", CLAIMS)
async def test_no_token_breaks_the_door_though_it_is_signed(opened, claims: str):
    """A provider's mistake, or its customer's: the signature is genuine."""
    world = await World.begun(await opened(CART))
    for header in ('{"alg": "HS256"}', '{"alg": "HS256", "kid": ' + DEEP):
        token = signed(header, CLAIMS[claims], JWT_KEYS["near"])
        for method, path, body in (("GET", "/cart", None), ("POST", "/cart/lines", LINE), ("GET", "/audit", None)):
            answer = await world.near.visitor(Authorization=f"Bearer {token}").ask(method, path, body)
            assert answer.status_code == 401, answer.text
    await world.near.http.aclose()


def signed(header: str, claims: str, key: str) -> str:
    head = ".".join(urlsafe_b64encode(part.encode()).rstrip(b"=").decode() for part in (header, claims))
    mac = hmac.digest(key.encode(), head.encode(), hashlib.sha256)
    return f"{head}.{urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def notifier(pool: Pool) -> ASGIApp:
    twilio = TwilioSettings(account_sid="AC" + "0" * 32, auth_token=SecretStr(TWILIO_TOKEN))
    store = Store.described(described().model_dump(exclude_none=True), {"sms_cap_hours": 0.0})
    services = notifier_deps.Services(
        pool,
        stores={"shop": store},
        links=LINKS,
        carts=cast("CartClient", None),  # no link of these tests leads to a cart
        templates=StoreTemplates(None),
        readers={"twilio": TwilioReplies(twilio)},
        keys={"shop": SecretStr(KEY)},
        public_url="https://n.demo.example",
        clock=utc_now,
    )
    return notifier_application(services, {})


async def test_no_door_of_the_notifier_breaks(opened):
    """`/{provider}/events` is of the document and not served here, where no provider is configured: what is signed, and
    what is not, is thrown at each of these in `tests/integration/notifier/channels/test_provider_events.py`.
    """
    async with client(notifier(await opened(NOTIFIER))) as http:
        known = {
            "store_id": "shop",
            "customer_id": "anna",
            "token": LINKS.token(Unsubscription("shop", "anna", "email")),
        }
        found = list[str]()
        asked = lambda _, path: {"address": "anna@b.example"} if path.endswith("/find") else None  # noqa: E731
        for attack in attacks(document("notifier"), known, asked):
            found += await failures(http, attack, {"Authorization": f"Bearer {KEY}"})
        assert found == []


@pytest.mark.parametrize("field", ["From", "To", "Body", "MessageSid", "MessagingServiceSid", "OptOutType"])
@pytest.mark.parametrize("wrong", ["a\x00b", "\x00", "9" * 400])
async def test_no_signed_reply_breaks_the_door(opened, field: str, wrong: str):
    form = {"From": "+48600700800", "To": "+48111222333", "Body": "STOP", "MessageSid": "SM" + "1" * 32} | {
        field: wrong
    }
    async with client(notifier(await opened(NOTIFIER))) as http:
        headers = {
            "X-Twilio-Signature": signature("https://n.demo.example/twilio/inbound", form, TWILIO_TOKEN),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = await http.post("/twilio/inbound", content=urlencode(form), headers=headers)
        assert answer.status_code == (422 if "\x00" in wrong or field == "MessageSid" else 200), answer.text


LANGUAGES = (
    "de",
    "sr-Latn-RS",
    'de-DE@"><script>alert(1)</script>',
    "<script>alert(1)</script>",
    '"><b>',
    "\xff",
    "a" * 20_000,
)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_a_browser_asks_for_is_never_written_into_a_page(opened, language: str):
    """Story: a scanner's report showed its own `Accept-Language` as markup in the page behind an unsubscribe link."""
    async with client(notifier(await opened(NOTIFIER))) as http:
        token = LINKS.token(Unsubscription("shop", "anna", "email"))
        answer = await http.get(f"/u/{token}", headers={b"Accept-Language": language.encode("latin-1")})
        assert answer.status_code == 200
        assert "<script>" not in answer.text
        assert '"><b>' not in answer.text
        assert len(answer.text) < 5_000


def _body(method: str, _: str) -> Any:
    """What is right of the trigger's bodies."""
    bodies = {"POST": {"version": 1}, "PUT": {"campaigns": []}}
    return bodies.get(method)


async def test_no_door_of_the_trigger_breaks(opened):
    keys = {"shop": (NamedKey(name="server", key=SecretStr(KEY), scopes=frozenset(SCOPES)),)}
    pool = await opened(TRIGGER)
    campaigns = CampaignRegistry(TRIGGER.parent / "campaigns", pool)
    await campaigns.open()
    async with client(trigger_application(trigger_deps.Services(pool, keys, utc_now, campaigns), {})) as http:
        found = list[str]()
        for attack in attacks(document("trigger"), {"store_id": "shop", "customer_id": "anna", "version": "1"}, _body):
            found += await failures(http, attack, {"Authorization": f"Bearer {KEY}"})
        assert found == []


async def test_no_door_of_the_console_breaks(opened):
    keys = {"shop": (NamedKey(name="server", key=SecretStr(KEY), scopes=frozenset(CONSOLE_SCOPES)),)}
    rules = lambda method, _: {"window_days": 5, "rates": []} if method == "PUT" else None  # noqa: E731
    async with client(console_application(console_deps.Services(await opened(CONSOLE), keys, utc_now), {})) as http:
        found = list[str]()
        for attack in attacks(document("console"), {"store_id": "shop"}, rules):
            found += await failures(http, attack, {"Authorization": f"Bearer {KEY}"})
        assert found == []
