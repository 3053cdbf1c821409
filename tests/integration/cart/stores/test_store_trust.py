"""Who may make and change a store, and whom it trusts; its secrets are told nobody."""

from datetime import UTC, datetime
from typing import Any

import pytest

from libs.postgres.pool import Pool
from services.cart.domain.api_keys import SCOPES
from services.cart.domain.store import TRUST, Store
from tests.integration.cart.shop import (
    SECRET_KEY,
    Shop,
    Visitor,
    done,
    refused,
)
from tests.integration.cart.stores.making import KEY, NEW, SECRETS, SERVER_KEY, learn, made, ops, shop

__all__ = ["shop"]


async def test_secrets_are_kept_where_they_are_left_out_and_never_told(shop: Shop, pool: Pool):
    await made(shop)
    server = shop.server(SERVER_KEY, "new")
    shown = done(await server.ask("GET", ""))
    answer = await server.ask("PUT", "", shown["settings"] | {"name": "Renamed"})
    assert done(answer)["settings"]["name"] == "Renamed"
    assert done(await server.ask("GET", ""))["version"] > shown["version"]
    rows = [
        dict(row) for table in ("stores", "audit_log", "idempotency_keys", "outbox") for row in await dump(pool, table)
    ]
    for secret in (KEY, SERVER_KEY):
        assert secret not in str(rows) + answer.text + str(shown)


async def dump(pool: Pool, name: str) -> list[Any]:
    queries = {
        "stores": "SELECT * FROM stores",
        "audit_log": "SELECT * FROM audit_log",
        "idempotency_keys": "SELECT * FROM idempotency_keys",
        "outbox": "SELECT * FROM outbox",
    }
    return await pool.fetch(queries[name])


async def test_what_is_set_elsewhere_cannot_be_changed_here(shop: Shop):
    shown = done(await shop.server().ask("GET", ""))
    assert (shown["source"], shown["version"]) == ("environment", None)
    refused(await shop.server().ask("PUT", "", shown["settings"]), 409, "store-fixed")
    refused(await ops(shop, "shop").ask("DELETE", ""), 409, "store-fixed")


async def test_who_may_do_what(shop: Shop):
    refused(await shop.server(store="new").ask("PUT", "", NEW | SECRETS), 401, "unauthorized")
    await made(shop)
    server = shop.server(SERVER_KEY, "new")
    refused(await server.ask("DELETE", ""), 403, "forbidden")
    for stranger in (shop.server(SECRET_KEY, "new"), shop.customer(store="new"), await shop.guest(store="new")):
        for method, body in (("GET", None), ("PUT", NEW), ("DELETE", None)):
            assert (await stranger.ask(method, "", body)).status_code in (401, 403)
    clerk = done(await server.ask("POST", "/keys", {"name": "clerk", "scopes": ["stores:write"]}), 201)["secret"]
    done(await shop.server(clerk, "new").ask("PUT", "", NEW | {"name": "Renamed"}))
    more = NEW | {"secret_keys": ["sk_that_opens_everything_0123"]}
    refused(await shop.server(clerk, "new").ask("PUT", "", more), 403, "insufficient-scope")
    done(await server.ask("PUT", "", more))
    refused(await server.ask("GET", ""), 401, "unauthorized")


@pytest.mark.parametrize(
    "change",
    [
        {"jwt_algorithm": "HS384"},
        {"jwt_issuer": "https://id.evil.test"},
        {"jwt_audience": "others"},
        {"recovery_url": "https://evil.test/{token}"},
        {"share_url": "https://evil.test/{token}"},
        {"origins": ["https://new.test", "https://evil.test"]},
        {"cookie": "cross-site"},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_a_clerk_who_may_change_a_store_may_not_change_whom_it_trusts(shop: Shop, change: dict[str, Any]):
    """Story: a leaked `stores:write` key sent every recovery link, which opens a cart, to a page of the thief's."""
    await made(shop, jwt_key=KEY * 2)
    server = shop.server(SERVER_KEY, "new")
    clerk = done(await server.ask("POST", "/keys", {"name": "clerk", "scopes": ["stores:write"]}), 201)["secret"]
    before = done(await server.ask("GET", ""))
    refused(await shop.server(clerk, "new").ask("PUT", "", NEW | change), 403, "insufficient-scope")
    # a replica that has not heard of the store yet goes by the store all the same
    refused(await ops_of_nothing(shop, clerk).ask("PUT", "", NEW | change), 401, "unauthorized")
    assert done(await server.ask("GET", "")) == before
    done(await server.ask("PUT", "", NEW | change))


def ops_of_nothing(shop: Shop, key: str) -> Visitor:
    return shop.server(key, "new", replica=1)


@pytest.mark.parametrize(
    "change", [{"secret_keys": ["sk_for_ever_0123456789abcdef"]}, {"recovery_url": "https://x.test/{token}"}]
)
async def test_a_key_for_a_day_leaves_no_key_for_ever_behind(shop: Shop, change: dict[str, Any]):
    """Story: a helper's key with every scope ended on Friday; the secret key that it had set for the store did not."""
    done(await ops(shop).ask("PUT", "", NEW | SECRETS), 201)
    await learn(shop)
    server = shop.server(SERVER_KEY, "new")
    shop.clock.now = datetime.now(UTC)
    body = {"name": "helper", "scopes": sorted(SCOPES)}
    helper = done(await server.ask("POST", "/keys", body | {"expires_in_days": 1}), 201)["secret"]
    done(await shop.server(helper, "new").ask("PUT", "", NEW | {"name": "Renamed"}))
    refused(await shop.server(helper, "new").ask("PUT", "", NEW | change), 403, "forbidden")
    lasting = done(await server.ask("POST", "/keys", body | {"name": "boss"}), 201)["secret"]
    done(await shop.server(lasting, "new").ask("PUT", "", NEW | change))


async def test_every_setting_by_which_people_are_known_or_led_away_is_a_matter_of_trust():
    plain = {"name", "currency", "currencies", "locale", "time_zone", "merge", "expiry", "retention", "thresholds"}
    plain |= {"reservation_minutes", "rates", "limits", "messages", "guest_contacts", "views"}
    assert plain | set(TRUST) == set(Store.model_fields)
