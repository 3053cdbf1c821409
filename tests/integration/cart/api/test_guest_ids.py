"""Nobody comes in as a guest who has left an address: each door through which an id comes, and what it says."""

import json
from typing import Any

import pytest

from libs.contracts.codec import UnreadableError
from services.cart.domain.customers.customer_ids import RESERVED
from services.cart.feeds.records import read_order_record
from tests.integration.cart.shop import LINE, Shop, refused

GUEST = "guest:0f3c5a7e9b1d4826a0c4e8f213579bdf"
CONTACT = {"email": "anna@mail.test"}
DOORS: dict[tuple[str, str, str], tuple[str, str, Any]] = {
    # method, path in the document, what names the customer → the call's path, the fault's pointer, the body
    ("post", "/orders", "customer_id"): ("/orders", "/customer_id", {"order_id": "1", "customer_id": GUEST}),
    ("put", "/customers/{customer_id}/profile", "customer_id"): (
        f"/customers/{GUEST}/profile",
        "/path/customer_id",
        CONTACT,
    ),
    ("put", "/customers/{customer_id}/handles/{channel}", "customer_id"): (
        f"/customers/{GUEST}/handles/telegram",
        "/path/customer_id",
        {"handle": "4711"},
    ),
    ("put", "/customers/{customer_id}/identities/{identity}", "customer_id"): (
        f"/customers/{GUEST}/identities/card-7",
        "/path/customer_id",
        None,
    ),
    ("put", "/customers/{customer_id}/identities/{identity}", "identity"): (
        f"/customers/anna/identities/{GUEST}",
        "/path/identity",
        None,
    ),
    ("post", "/customers/{customer_id}/watches", "customer_id"): (
        f"/customers/{GUEST}/watches",
        "/path/customer_id",
        {"sku": "tea"},
    ),
    ("post", "/customers/{customer_id}/views", "customer_id"): (
        f"/customers/{GUEST}/views",
        "/path/customer_id",
        {"views": [{"sku": "tea"}]},
    ),
    ("post", "/customers/{customer_id}/merge", "customer_id"): (
        f"/customers/{GUEST}/merge",
        "/path/customer_id",
        {"into": "anna"},
    ),
    ("post", "/customers/{customer_id}/merges/{merge_id}/undo", "customer_id"): (
        f"/customers/{GUEST}/merges/019ab6f2-7c11-7d3e-9a55-0b6e2f4f5a10/undo",
        "/path/customer_id",
        None,
    ),
    ("post", "/customers/{customer_id}/cart/actions", "customer_id"): (
        f"/customers/{GUEST}/cart/actions",
        "/path/customer_id",
        {"actions": [LINE | {"action": "add"}]},
    ),
    ("post", "/customers/{customer_id}/merge", "into"): ("/customers/anna/merge", "/into", {"into": GUEST}),
}
FORGETTING = {
    ("post", "/customers/{customer_id}/erasure", "customer_id"),
    ("delete", "/customers/{customer_id}/watches", "customer_id"),
    ("delete", "/customers/{customer_id}/watches/{watch_id}", "customer_id"),
    ("delete", "/customers/{customer_id}/profile", "customer_id"),
    ("delete", "/customers/{customer_id}/identities/{identity}", "customer_id"),
    ("delete", "/customers/{customer_id}/identities/{identity}", "identity"),
}
"""What only takes away does so of guests as well."""


@pytest.mark.parametrize("door", DOORS, ids=lambda door: " ".join(door))
async def test_a_server_that_names_a_guest_as_a_customer_is_refused_and_nothing_is_kept(
    shop: Shop, door: tuple[str, str, str]
):
    path, pointer, body = DOORS[door]
    problem = refused(await shop.server().ask(door[0].upper(), path, body), 422, "invalid-request")
    assert problem["errors"] == [{"pointer": pointer, "detail": RESERVED}]
    assert await shop.events() == []
    assert await shop.count("profiles") == await shop.count("orders") == 0


@pytest.mark.parametrize(("method", "path"), [("GET", "/cart"), ("POST", "/cart/lines"), ("POST", "/cart/claim")])
async def test_a_log_in_as_a_guest_is_none(shop: Shop, method: str, path: str):
    problem = refused(await shop.customer(GUEST).ask(method, path, {}), 401, "unauthorized")
    assert problem["detail"] == RESERVED


def test_an_order_on_the_feed_that_names_a_guest_is_put_aside_with_the_reason():
    record = {"type": "placed", "store_id": "shop", "order_id": "1", "occurred_at": "2026-11-30T10:00:00Z"}
    assert read_order_record(json.dumps(record | {"customer_id": "guest"}).encode())
    with pytest.raises(UnreadableError, match="customer_id: guest_id"):
        read_order_record(json.dumps(record | {"customer_id": GUEST}).encode())


async def test_every_door_by_which_a_customers_id_comes_in_is_in_this_table(shop: Shop):
    """Where a new one opens it has to say what it does with the ids of guests."""
    document = (await shop.clients[0].get("/openapi.json")).json()
    found = set()
    for path, operations in document["paths"].items():
        short = path.removeprefix("/v1/stores/{store_id}")
        for method, operation in operations.items():
            if method in ("post", "put", "patch", "delete"):
                found |= {(method, short, name) for name in named(operation, document)}
    assert found == DOORS.keys() | FORGETTING


def named(operation: Any, document: Any) -> set[str]:
    """The members and parameters of a call that hold the id of a customer."""
    shared = document["components"].get("parameters", {})
    given = [shared.get(one.get("$ref", "").rpartition("/")[2], one) for one in operation.get("parameters", [])]
    parameters: set[str] = {one["name"] for one in given if one["in"] in ("path", "query")}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    shape = document["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], body)
    return (parameters | set(shape.get("properties", {}))) & {"customer_id", "customer", "identity", "into"}
