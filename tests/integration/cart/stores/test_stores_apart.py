"""Nothing of one store is ever seen or changed by another: every endpoint is tried with whatever the other has.

Each operation of the API's document needs a case here: what somebody of the near store gets who calls it there, but
with the ids, tokens and keys of the far one.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, NamedTuple

import pytest

from libs.inbox.records import Received, Wire
from libs.postgres.pool import Pool, open_pool
from libs.runtime.clock import utc_now
from services.cart.feeds.orders import OrderFeed
from services.cart.handlers.orders.fulfilment import FulfilmentHandlers
from services.cart.handlers.orders.orders import OrderHandlers
from services.cart.main import MIGRATIONS, authenticators
from tests.contract.documents import checked_in
from tests.integration.cart.shop import Visitor
from tests.integration.cart.two_stores import KEY_OF_FAR, LINE, MARK, ORDER, STORES, Place, World, secrets_in, settings
from tests.support.databases import copy_database, create_database, drop_database, run_aside

Operation = tuple[str, str]
Body = Callable[[dict[str, str]], Any]


class Case(NamedTuple):
    """Who of the near store calls, the statuses that are right, and the body, made of the far store's ids."""

    who: Callable[[Place], Visitor]
    statuses: set[int]
    body: Body = lambda _: None


ANNA, GUEST, SERVER, ANYBODY = Place.customer, Place.guest, Place.server, Place.visitor
NAMES = {"channel": "telegram", "customer_id": "anna", "identity": "loyal-7", "sku": "tea"}
"""Names that both stores know, each for its own."""
S, CART, ONE = "/v1/stores/{store_id}", "/v1/stores/{store_id}/cart", "/v1/stores/{store_id}/customers/{customer_id}"

CASES: dict[Operation, Case] = {
    # what is opened by a signed token alone opens what the token names
    ("GET", "/v1/recovery/{token}"): Case(ANYBODY, {404}),
    ("GET", "/v1/shared/{token}"): Case(ANYBODY, {404}),
    # stores
    ("GET", "/v1/stores"): Case(SERVER, {401}),
    ("GET", S): Case(SERVER, {200}),
    ("PUT", S): Case(SERVER, {409}, lambda _: {"name": "Mine now"}),
    ("DELETE", S): Case(SERVER, {403}),
    ("GET", S + "/audit"): Case(SERVER, {200}),
    ("POST", S + "/keys"): Case(SERVER, {201}, lambda _: {"name": "erp of far", "scopes": ["carts:read"]}),
    ("GET", S + "/keys"): Case(SERVER, {200}),
    ("POST", S + "/keys/{key_id}/rotate"): Case(SERVER, {404}, lambda _: {}),
    ("DELETE", S + "/keys/{key_id}"): Case(SERVER, {404}),
    # a shopper's cart
    ("POST", CART + "/token"): Case(ANYBODY, {201}),
    ("DELETE", CART + "/token"): Case(ANYBODY, {204}),
    ("PUT", CART + "/contact"): Case(GUEST, {403}, lambda _: {"email": "anna@shop.test"}),
    ("GET", CART): Case(ANNA, {200}),
    ("GET", CART + "/stream"): Case(ANNA, {200}),
    ("PATCH", CART): Case(ANNA, {200}, lambda _: {"attributes": {"campaign": "spring"}}),
    ("POST", CART + "/lines"): Case(ANNA, {200}, lambda _: LINE),
    ("DELETE", CART + "/lines"): Case(ANNA, {200}),
    ("POST", CART + "/actions"): Case(ANNA, {200}, lambda _: {"actions": [LINE | {"action": "add"}]}),
    ("PUT", CART + "/lines/{line_id}"): Case(ANNA, {200}, lambda _: {"quantity": 4}),
    ("PATCH", CART + "/lines/{line_id}"): Case(ANNA, {200}, lambda _: {"note": "mine"}),
    ("DELETE", CART + "/lines/{line_id}"): Case(ANNA, {200}),
    ("POST", CART + "/lines/{line_id}/save"): Case(ANNA, {200}),
    ("DELETE", CART + "/saved/{line_id}"): Case(ANNA, {200}),
    ("POST", CART + "/saved/{line_id}/restore"): Case(ANNA, {404}),
    ("POST", CART + "/notices/ack"): Case(ANNA, {200}, lambda far: {"notice_ids": [far["notice_id"]]}),
    ("POST", S + "/watches"): Case(ANNA, {201}, lambda _: {"sku": "tea"}),
    ("GET", S + "/watches"): Case(ANNA, {200}),
    ("DELETE", S + "/watches"): Case(ANNA, {204}),
    ("DELETE", S + "/watches/{watch_id}"): Case(ANNA, {204}),
    ("POST", ONE + "/watches"): Case(SERVER, {201}, lambda _: {"sku": "tea"}),
    ("GET", ONE + "/watches"): Case(SERVER, {200}),
    ("DELETE", ONE + "/watches"): Case(SERVER, {204}),
    ("DELETE", ONE + "/watches/{watch_id}"): Case(SERVER, {204}),
    ("POST", S + "/views"): Case(ANNA, {204}, lambda _: {"views": [{"sku": "tea"}]}),
    ("POST", ONE + "/views"): Case(SERVER, {204}, lambda _: {"views": [{"sku": "tea"}]}),
    ("POST", CART + "/claim"): Case(ANNA, {200}, lambda far: {"cart_token": far["guest_token"]}),
    ("GET", CART + "/merges"): Case(ANNA, {200}),
    ("POST", CART + "/merges/{merge_id}/undo"): Case(ANNA, {404}),
    ("GET", ONE + "/merges"): Case(SERVER, {200}),
    ("GET", ONE + "/consents"): Case(SERVER, {200}),
    ("POST", ONE + "/merges/{merge_id}/undo"): Case(SERVER, {404}),
    ("POST", ONE + "/cart/actions"): Case(SERVER, {200}, lambda _: {"actions": [LINE | {"action": "add"}]}),
    ("POST", CART + "/share"): Case(GUEST, {201}),
    ("DELETE", CART + "/share"): Case(ANNA, {204}),
    ("POST", CART + "/copy"): Case(GUEST, {404}, lambda far: {"share_token": far["share_token"]}),
    ("POST", CART + "/reservation"): Case(ANNA, {200, 201}),
    ("POST", CART + "/checkout"): Case(ANNA, {200}),
    ("POST", S + "/carts/{cart_id}/checkout"): Case(SERVER, {404}),
    ("DELETE", CART + "/reservation"): Case(ANNA, {204}),
    ("POST", S + "/carts/{cart_id}/reservation"): Case(SERVER, {404}),
    ("DELETE", S + "/carts/{cart_id}/reservation"): Case(SERVER, {404}),
    # what servers ask and tell
    ("GET", S + "/carts"): Case(SERVER, {200}),
    ("GET", S + "/carts/{cart_id}"): Case(SERVER, {404}),
    ("POST", S + "/carts:look"): Case(SERVER, {200}, lambda far: {"cart_ids": [far["cart_id"]]}),
    ("DELETE", S + "/carts/{cart_id}/recovery"): Case(SERVER, {404}),
    ("PUT", S + "/carts/{cart_id}/lines/{line_id}/price"): Case(
        SERVER, {404}, lambda _: {"price": 1, "currency": "EUR"}
    ),
    ("POST", S + "/orders"): Case(
        SERVER,
        {201},
        lambda far: {
            "order_id": "20084",
            "customer_id": "anna",
            "cart_id": far["cart_id"],
            "cart_token": far["guest_token"],
            "lines": [{"sku": "jam", "quantity": 1, "line_id": far["line_id"]}],
        },
    ),
    ("GET", S + "/orders/{order_id}"): Case(SERVER, {404}),
    ("POST", S + "/orders/{order_id}/events"): Case(SERVER, {404}, lambda _: {"type": "cancelled"}),
    ("PUT", S + "/inventory/{sku}"): Case(SERVER, {200}, lambda _: {"available": 1}),
    ("POST", S + "/inventory"): Case(SERVER, {200}, lambda _: {"levels": [{"sku": "jam", "available": 1}]}),
    ("PUT", S + "/prices/{sku}"): Case(SERVER, {200}, lambda _: {"price": 1, "currency": "EUR"}),
    ("POST", S + "/prices"): Case(SERVER, {200}, lambda _: {"prices": [{"sku": "tea", "price": 1, "currency": "EUR"}]}),
    # customers
    ("PUT", ONE + "/profile"): Case(SERVER, {200}, lambda _: {"email": "anna@mine.test"}),
    ("GET", ONE + "/profile"): Case(SERVER, {200}),
    ("PUT", ONE + "/handles/{channel}"): Case(SERVER, {200}, lambda _: {"handle": "4711", "consent": True}),
    ("DELETE", ONE + "/profile"): Case(SERVER, {204}),
    ("GET", ONE + "/identities"): Case(SERVER, {200}),
    ("PUT", ONE + "/identities/{identity}"): Case(SERVER, {200}),
    ("DELETE", ONE + "/identities/{identity}"): Case(SERVER, {204}),
    ("POST", ONE + "/merge"): Case(SERVER, {200}, lambda _: {"into": "carl"}),
    ("GET", ONE + "/look"): Case(SERVER, {200}),
    ("GET", ONE + "/export"): Case(SERVER, {200}),
    ("POST", ONE + "/erasure"): Case(SERVER, {202}),
    ("GET", S + "/erasures/{erasure_id}"): Case(SERVER, {404}),
}
QUERIES = {("GET", S + "/carts"): "?customer_id=anna"}
OPEN_TO_ALL = {("POST", CART + "/token"), ("DELETE", CART + "/token")}
"""Stores nothing and tells nothing: a token of a store opens an empty cart there."""


@pytest.fixture(scope="module")
def filled(postgres_server: str) -> Iterator[tuple[str, World]]:
    """A database in which two stores are, and what is known of them; each test has a copy."""
    dsn = run_aside(create_database(postgres_server, MIGRATIONS))
    yield dsn, run_aside(begun(dsn))
    run_aside(drop_database(postgres_server, dsn))


async def begun(dsn: str) -> World:
    async with await open_pool(dsn, size=2) as pool:
        return await World.begun(pool)


@pytest.fixture
def dsn(filled: tuple[str, World], postgres_server: str) -> Iterator[str]:
    copy = run_aside(copy_database(postgres_server, filled[0]))
    yield copy
    run_aside(drop_database(postgres_server, copy))


@pytest.fixture
async def world(filled: tuple[str, World], pool: Pool) -> AsyncIterator[World]:
    world = filled[1].copied(pool)
    yield world
    await world.near.http.aclose()


def operations() -> set[Operation]:
    methods = {"get", "put", "post", "patch", "delete"}
    return {(m.upper(), path) for path, found in checked_in("cart")["paths"].items() for m in found if m in methods}


def ids_of(place: Place) -> dict[str, str]:
    return NAMES | place.ids | {"guest_token": place.guest_token}


def url(operation: Operation, store_id: str, far: Place) -> str:
    path = operation[1].format(store_id=store_id, **ids_of(far))
    if operation == ("GET", "/v1/recovery/{token}"):
        path = f"/v1/recovery/{forged(far.ids['token'])}"
    if operation == ("GET", "/v1/shared/{token}"):
        path = f"/v1/shared/{forged(far.ids['token'])}"
    return path + QUERIES.get(operation, "")


def forged(token: str) -> str:
    """A token for the far store's cart whose seal is not genuine."""
    return token[:-8] + token[-8:].swapcase()


async def asked(visitor: Visitor, operation: Operation, path: str, body: Any, **headers: str) -> tuple[int, str]:
    """Status, and everything of the answer that its caller can read."""
    content = None if body is None else json.dumps(body)
    named = visitor.headers | {name.replace("_", "-"): value for name, value in headers.items()}
    if path.endswith("/cart/stream"):
        return await opening(visitor, path, named)
    answer = await visitor.http.request(operation[0], path, content=content, headers=named)
    return answer.status_code, answer.text + str(sorted(answer.headers.items()))


async def opening(visitor: Visitor, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """What a stream begins with, up to its first cart; a client of HTTP would wait for its end."""
    app, shown, parts = visitor.http._transport.app, asyncio.Event(), list[Any]()  # type: ignore[attr-defined]

    async def receive() -> dict[str, str]:
        await shown.wait()
        return {"type": "http.disconnect"}

    async def send(part: dict[str, Any]) -> None:
        parts.append(part)
        if b"data:" in part.get("body", b"") or part.get("status", 200) != 200:
            shown.set()

    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    place = {"path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "scheme": "http"}
    ends = {"client": ("127.0.0.1", 4711), "server": ("cart.test", 80), "http_version": "1.1"}
    await app({"type": "http", "method": "GET", "headers": raw, **place, **ends}, receive, send)
    return parts[0]["status"], str(parts)


def test_every_operation_of_the_api_has_a_case():
    assert operations() == CASES.keys()


@pytest.mark.parametrize("operation", [one for one in CASES if "{store_id}" in one[1]], ids=" ".join)
async def test_nobody_of_one_store_gets_into_another(world: World, operation: Operation):
    before, near, path = await world.rows_of_far(), world.near, url(operation, "far", world.far)
    body = CASES[operation].body(ids_of(world.far))
    for visitor in (near.customer(), near.guest(), near.server(), near.program(), near.visitor()):
        status, text = await asked(visitor, operation, path, body, Origin=STORES["near"]["origins"][0])
        assert status in ({201, 204} if operation in OPEN_TO_ALL else {401, 403, 404}), text
        assert secrets_in(text, world.far, path + json.dumps(body)) == set()
        assert "access-control-allow-origin" not in text
    assert await world.rows_of_far() == before


@pytest.mark.parametrize("operation", CASES, ids=" ".join)
async def test_what_one_store_has_opens_and_changes_nothing_in_another(world: World, operation: Operation):
    before, case, path = await world.rows_of_far(), CASES[operation], url(operation, "near", world.far)
    body = case.body(ids_of(world.far))
    sent = path + json.dumps(body)
    status, text = await asked(case.who(world.near), operation, path, body, Idempotency_Key=KEY_OF_FAR)
    assert status in case.statuses, text
    assert secrets_in(text, world.far, sent) == set()
    assert "idempotency-replayed" not in text
    assert await world.rows_of_far() == before
    told = await world.told_of_near()
    assert not {name for name, one in world.far.ids.items() if name in ("cart_id", "guest_cart_id") and one in told}
    assert MARK not in told


async def test_the_same_call_with_the_same_key_is_another_call_in_another_store(world: World):
    """Servers and Annas of both stores take the same key: each is told of what was done in its own store."""
    order = ORDER | {"order_id": "30126", "customer_id": "anna"}
    for who, path, body in ((Place.customer, "/cart/lines", LINE), (Place.server, "/orders", order)):
        for replayed in (False, True):
            for place, other in ((world.near, world.far), (world.far, world.near)):
                answer = await who(place).ask("POST", path, body, Idempotency_Key="shared")
                assert ("Idempotency-Replayed" in answer.headers) == replayed
                assert place.ids["cart_id"] in answer.text
                assert other.ids["cart_id"] not in answer.text


async def test_customers_of_one_name_are_two_customers(world: World):
    """Erased in one store, Anna has everything in the other."""
    before = await world.rows_of_far()
    assert before["carts"]
    assert before["profiles"]
    for call in ("/customers/anna/erasure", "/customers/carl/erasure", "/customers/loyal-7/erasure"):
        assert (await world.near.server().ask("POST", call)).status_code == 202
    assert await world.rows_of_far() == before
    assert (await world.far.customer().cart())["id"] == world.far.ids["cart_id"]


async def test_a_feeds_record_of_one_store_changes_nothing_in_another(world: World):
    """A record names its store; whatever else it names is looked for there alone."""
    before, far = await world.rows_of_far(), world.far
    ordering = OrderHandlers(world.pool, utc_now, lambda *_: None, b"s" * 32)
    feed = OrderFeed(ordering, FulfilmentHandlers(world.pool, utc_now, lambda *_: None), authenticators(settings()))
    record = {
        "type": "placed",
        "store_id": "near",
        "order_id": far.ids["order_id"],
        "occurred_at": utc_now().isoformat(),
        "customer_id": "anna",
        "cart_id": far.ids["cart_id"],
        "cart_token": far.guest_token,
    }
    cancelled = {name: record[name] for name in ("store_id", "order_id", "occurred_at")} | {"type": "cancelled"}
    for value in (record, cancelled):
        read = feed.read(Wire("orders.feed", "one", {}, json.dumps(value).encode()))
        assert await feed.handle([Received(read, "orders.feed", 0, 0, utc_now())]) == []
    assert await world.rows_of_far() == before
    assert far.ids["cart_id"] not in await world.told_of_near()
