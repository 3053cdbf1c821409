"""Support undoes a merge for a customer on the phone: as they could themselves, once, and with a row in the audit."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

from services.cart.jobs.housekeeping import Housekeeping
from tests.integration.cart.shop import Shop, Visitor, done, held, refused


async def merged(shop: Shop, customer_id: str = "anna") -> tuple[Visitor, dict[str, Any]]:
    """A guest who had two teas, and the receipt of their log-in."""
    guest = await shop.guest()
    await guest.add("tea", 2)
    receipt: dict[str, Any] = (await shop.customer(customer_id).claim(guest))["merge"]
    return guest, receipt


def path_of(receipt: dict[str, Any], customer_id: str = "anna") -> str:
    return f"/customers/{customer_id}/merges/{receipt['merge_id']}/undo"


async def listed(server: Visitor, customer_id: str = "anna") -> list[tuple[str, bool]]:
    page = done(await server.ask("GET", f"/customers/{customer_id}/merges"))
    return [(one["merge_id"], one["can_be_undone"]) for one in page["merges"]]


async def undoings(server: Visitor) -> list[dict[str, Any]]:
    entries = done(await server.ask("GET", "/audit"))["entries"]
    return [entry for entry in entries if entry["action"] == "merge.undone"]


async def test_a_server_undoes_a_merge_once_and_the_audit_says_so(shop: Shop):
    server, anna = shop.server(), shop.customer()
    await anna.add("milk")
    guest, receipt = await merged(shop)
    assert await listed(server) == [(receipt["merge_id"], True)]
    answer = done(await server.ask("POST", path_of(receipt), Idempotency_Key="u-1", X_Request_Id="call-7"))
    assert held(answer["cart"]) == held(await anna.cart()) == {"milk": 1}
    assert held(await shop.elsewhere(guest).cart()) == {"tea": 2}
    assert done(await shop.server(replica=1).ask("POST", path_of(receipt), Idempotency_Key="u-1")) == answer
    refused(await server.ask("POST", path_of(receipt), Idempotency_Key="u-2"), 409, "merge-undone")
    assert await listed(server) == [(receipt["merge_id"], False)]
    (entry,) = await undoings(server)
    assert entry["request_id"] == "call-7"
    assert "anna" not in entry["subject"]


async def test_what_is_over_is_refused_and_said_in_the_list(shop: Shop):
    server = shop.server()
    _, ordered = await merged(shop)
    await server.order("o-1", customer_id="anna")
    problem = refused(await server.ask("POST", path_of(ordered)), 409, "merge-settled")
    assert problem["cart_status"] == "ordered"
    _, late = await merged(shop)
    assert await listed(server) == [(late["merge_id"], True), (ordered["merge_id"], False)]
    shop.clock.forward(timedelta(hours=24))
    refused(await server.ask("POST", path_of(late)), 410, "undo-expired")
    assert await listed(server) == [(late["merge_id"], False), (ordered["merge_id"], False)]
    assert await undoings(server) == []


async def test_carts_that_are_forgotten_early_can_not_be_brought_back(shop: Shop):
    server = shop.server()
    _, receipt = await merged(shop)
    await shop.pool.execute("UPDATE merges SET undo_until = now() - interval '1 s'")
    await Housekeeping(shop.pool).round()
    assert await listed(server) == [(receipt["merge_id"], False)], "its receipt alone says 24 hours"
    refused(await server.ask("POST", path_of(receipt)), 410, "undo-expired")


async def test_a_merge_is_undone_for_its_customer_under_any_name_and_for_nobody_else(shop: Shop):
    server = shop.server()
    done(await server.ask("PUT", "/customers/anna/identities/card-7"))
    _, receipt = await merged(shop)
    refused(await server.ask("POST", path_of(receipt, "ben")), 404, "unknown-merge")
    refused(await server.ask("POST", path_of({"merge_id": uuid4()})), 404, "unknown-merge")
    assert await listed(server, "ben") == []
    assert await listed(server, "card-7") == [(receipt["merge_id"], True)]
    assert held(done(await server.ask("POST", path_of(receipt, "card-7")))["cart"]) == {}


async def test_a_version_that_was_seen_may_be_insisted_on(shop: Shop):
    server, anna = shop.server(), shop.customer()
    _, receipt = await merged(shop)
    seen = (await anna.ask("GET", "/cart")).headers["etag"]
    await anna.add("milk")
    refused(await server.ask("POST", path_of(receipt), If_Match=seen), 412, "version-conflict")
    assert held(await anna.cart()) == {"tea": 2, "milk": 1}


async def test_customer_and_support_at_once_undo_it_once(shop: Shop):
    anna = shop.customer()
    for number in range(5):
        await anna.add("milk", 1)
        _, receipt = await merged(shop)
        mine, theirs = await asyncio.gather(
            anna.undo(receipt), shop.server(replica=1).ask("POST", path_of(receipt), Idempotency_Key=str(number))
        )
        assert sorted((mine.status_code, theirs.status_code)) == [200, 409]
        assert held(await anna.cart()) == {"milk": number + 1}
