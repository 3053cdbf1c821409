"""What a store would be is told before it is kept: the same faults, the same rights, and nothing is written."""

from typing import Any

from libs.postgres.pool import Pool
from tests.integration.cart.shop import Shop, done, refused
from tests.integration.cart.stores.making import NEW, SECRETS, SERVER_KEY, made, ops, shop
from tests.integration.cart.stores.test_store_trust import dump

__all__ = ["shop"]
CHECK = "?dry_run=true"


async def rows(pool: Pool) -> list[list[Any]]:
    return [await dump(pool, table) for table in ("stores", "audit_log", "idempotency_keys", "outbox")]


async def test_a_check_tells_what_the_store_would_be_and_writes_nothing(shop: Shop, pool: Pool):
    answer = await made(shop)
    server, before = shop.server(SERVER_KEY, "new"), await rows(pool)
    told = await server.ask("PUT", CHECK, NEW | {"name": "Renamed", "merge": "sum"})
    would = done(told)
    assert (would["settings"]["name"], would["settings"]["merge"]) == ("Renamed", "sum")
    assert (would["secrets"], would["version"]) == (["jwt_key", "secret_keys"], answer.json()["version"])
    assert told.headers["ETag"] == answer.headers["ETag"], "of the store that it would change"
    assert done(await server.ask("GET", ""))["settings"]["name"] == "New"
    assert done(await ops(shop, "second").ask("PUT", CHECK, NEW | SECRETS))["version"] is None
    refused(await ops(shop, "second").ask("GET", ""), 404, "unknown-store")
    assert await rows(pool) == before


async def test_a_check_has_the_faults_and_the_rights_of_the_change(shop: Shop, pool: Pool):
    answer = await made(shop)
    server, before = shop.server(SERVER_KEY, "new"), await rows(pool)
    faults = refused(await server.ask("PUT", CHECK, NEW | {"currency": "ZZZ", "x": 1}), 422, "invalid-request")[
        "errors"
    ]
    assert {fault["pointer"] for fault in faults} == {"/currency", "/x"}
    refused(await server.ask("PUT", CHECK, NEW, If_Match='"0"'), 412, "version-conflict")
    refused(await shop.server().ask("PUT", CHECK, NEW), 409, "store-fixed")
    guest = await shop.guest()
    refused(await guest.ask("PUT", CHECK, NEW), 403, "forbidden")
    assert await rows(pool) == before
    clerk = done(await server.ask("POST", "/keys", {"name": "clerk", "scopes": ["stores:write"]}), 201)["secret"]
    done(await shop.server(clerk, "new").ask("PUT", CHECK, NEW | {"name": "Renamed"}, If_Match=answer.headers["ETag"]))
    trusted = NEW | {"origins": ["https://elsewhere.test"]}
    refused(await shop.server(clerk, "new").ask("PUT", CHECK, trusted), 403, "insufficient-scope")
    done(await server.ask("PUT", CHECK, trusted))
