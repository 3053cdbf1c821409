"""Every operation of the API, called by each kind of caller that must not reach it: refused, and nothing is changed.

An operation that is new has to be put into `FOR`; the document and this table are compared.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.contract.documents import checked_in
from tests.integration.cart.shop import OTHER_KEY, SECRET_KEY, Shop, Visitor, customer_token, done

BY_AUDIENCE = {
    "anybody": "recover_cart read_shared_cart issue_cart_token forget_cart_token",
    "shoppers": """read_cart stream_cart add_line change_lines set_quantity remove_line clear_cart set_note
            set_attributes save_line restore_line discard_saved_line acknowledge_notices share_cart
            revoke_shared_links copy_cart reserve_cart release_cart leave_contact start_checkout set_watch
            list_watches clear_watch clear_watches""",
    "customers": "claim_cart list_merges undo_merge view_products",
    "carts:read": "list_carts",
    "looks:read": "look_at_cart look_at_carts look_at_customer",
    "carts:write": """start_checkout_of_cart revoke_recovery_links reserve_cart_by_id release_cart_by_id
            change_lines_of_customer""",
    "orders:read": "read_order",
    "orders:write": "place_order update_order",
    "inventory:write": "set_level set_levels",
    "prices:write": "set_price set_prices set_line_price",
    "customers:read": """list_identities read_profile list_consents export_customer list_watches_of_customer
            list_merges_of_customer""",
    "customers:write": """add_identity remove_identity merge_customer set_profile set_handle set_watch_of_customer
            view_products_of_customer clear_watch_of_customer clear_watches_of_customer
            undo_merge_of_customer""",
    "customers:erase": "erase_profile erase_customer read_erasure_receipt",
    "keys:write": "list_keys make_key rotate_key revoke_key",
    "audit:read": "read_audit",
    "stores:read": "read_store",
    "stores:write": "put_store",
    "operators": "list_stores",
    "operators of a store": "close_store",
}
FOR = {name: audience for audience, names in BY_AUDIENCE.items() for name in names.split()}
"""Who may call each operation: a scope stands for the store's servers with it."""
LACKING = "a server without the scope"
SERVERS = {"nobody": 401, "a guest": 403, "a customer": 403, "a server without the scope": 403}
STRANGERS = {
    "another store's guest": 401,
    "another store's server": 401,
    "an expired token": 401,
    "a forged token": 401,
    "a forged guest": 401,
    "a revoked key": 401,
    "a publishable key": 401,
}
REFUSED = {
    "anybody": {},
    "shoppers": {"nobody": 401, "a server": 403, **STRANGERS},
    "customers": {"nobody": 401, "a guest": 403, "a server": 403, **STRANGERS},
    "operators": {"nobody": 401, "a guest": 401, "a customer": 401, "a server": 401, **STRANGERS},
    "operators of a store": {**SERVERS, "a server": 403, **STRANGERS},
}
"""The status that each kind of caller gets, by who may call."""
DOCUMENT = checked_in("cart")


@dataclass(frozen=True)
class Call:
    """One operation, ready to be sent by somebody who may."""

    name: str
    method: str
    path: str
    query: dict[str, Any]
    body: Any


def calls(there: dict[str, str]) -> Iterator[Call]:
    """All operations with the examples of the document, on what is there."""
    for path, operations in DOCUMENT["paths"].items():
        for method, operation in operations.items():
            shown = [p for p in operation["parameters"] if "$ref" not in p]
            values = {p["name"]: there.get(p["name"], p["example"]) for p in shown if p["in"] == "path"}
            query = {p["name"]: p["example"] for p in shown if p["in"] == "query" and p["required"]}
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield Call(operation["operationId"], method.upper(), path.format(**values), query, content.get("example"))


async def scenery(shop: Shop) -> tuple[dict[str, str], dict[str, dict[str, str]]]:
    """What is there in the shop, and the credentials of everybody."""
    anna, server = shop.customer("anna"), shop.server()
    cart = await anna.add()
    guest, stranger = await shop.guest(), await shop.guest(store="other")
    await guest.add()
    narrow = done(await server.ask("POST", "/keys", {"name": "narrow", "scopes": ["stores:read"]}), 201)
    other = done(await server.ask("POST", "/keys", {"name": "other", "scopes": ["audit:read"]}), 201)
    gone = done(await server.ask("POST", "/keys", {"name": "gone", "scopes": ["audit:read", "carts:read"]}), 201)
    # of the other store: this one's shoppers would need it from then on
    pages = shop.server(OTHER_KEY, store="other")
    page = done(await pages.ask("POST", "/keys", {"name": "page", "kind": "publishable"}), 201)
    done(await server.ask("DELETE", f"/keys/{gone['key_id']}"), 204)
    await server.order("10042")
    merge = await anna.claim(await with_tea(shop))
    watch = done(await anna.ask("POST", "/watches", {"sku": "tea"}), 201)
    there = {
        "line_id": cart["lines"][0]["line_id"],
        "cart_id": cart["id"],
        "merge_id": merge["merge"]["merge_id"],
        "watch_id": watch["watch_id"],
        "key_id": narrow["key_id"],
    }
    bearers = {
        "a customer": customer_token("anna"),
        "a server": SECRET_KEY,
        "a server without the scope": narrow["secret"],
        "a server with another scope": other["secret"],
        "another store's server": OTHER_KEY,
        "an expired token": customer_token("anna", exp=int(time.time()) - 3600),
        "a forged token": customer_token("anna", key="somebody-else-who-would-like-to-be-anna"),
        "a revoked key": gone["secret"],
        "a publishable key": page["secret"],
    }
    headers = {who: {"Authorization": f"Bearer {credential}"} for who, credential in bearers.items()}
    guests = {"a guest": guest.headers, "another store's guest": stranger.headers}
    return there, headers | guests | {"nobody": {}, "a forged guest": {"X-Cart-Token": "g1_" + "A" * 60}}


async def with_tea(shop: Shop) -> Visitor:
    guest = await shop.guest()
    await guest.add()
    return guest


async def everything(shop: Shop) -> dict[str, str]:
    """A digest of each table."""
    names = await shop.pool.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
    digest = "SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {} AS t"
    return {name: await shop.pool.fetchval(digest.format(name)) for (name,) in names}


def test_the_table_names_every_operation_of_the_document_and_no_other() -> None:
    assert {call.name for call in calls({})} == set(FOR)


@pytest.mark.parametrize("audience", sorted(set(FOR.values())))
async def test_whoever_must_not_reach_an_operation_is_refused_and_changes_nothing(shop: Shop, audience: str) -> None:
    there, credentials = await scenery(shop)
    expected = REFUSED.get(audience, SERVERS | STRANGERS)
    before, wrong = await everything(shop), []
    for call in (call for call in calls(there) if FOR[call.name] == audience):
        for who, status in expected.items():
            who_exactly = "a server with another scope" if (who, audience) == (LACKING, "stores:read") else who
            answer = await shop.clients[0].request(
                call.method, call.path, params=call.query, json=call.body, headers=credentials[who_exactly]
            )
            problem = answer.json()
            if answer.status_code != status or (who == LACKING and ":" in audience and problem["scope"] != audience):
                wrong.append((call.name, who, answer.status_code, problem))
    assert wrong == []
    assert await everything(shop) == before


async def test_another_customer_reaches_nothing_of_the_first_one_s(shop: Shop) -> None:
    there, _ = await scenery(shop)
    ben = shop.customer("ben")
    await ben.add("milk")
    before = await everything(shop)
    named = [call for call in calls(there) if FOR[call.name] in {"shoppers", "customers"} and "_id}" in template(call)]
    assert len(named) >= 7
    for call in named:
        answer = await shop.clients[0].request(call.method, call.path, json=call.body, headers=ben.headers)
        allowed = {200, 204, 404} if call.method == "DELETE" else {404}  # what is not in one's own cart is gone already
        assert answer.status_code in allowed, (call.name, answer.text)
    assert await everything(shop) == before


def template(call: Call) -> str:
    """The path of a call as the document has it."""
    found = [
        path
        for path, operations in DOCUMENT["paths"].items()
        for operation in operations.values()
        if operation["operationId"] == call.name
    ]
    return str(found[0]).replace("{store_id}", "")
