"""Every column that can hold something of a customer is reached by erasure and export: a new one has to be put here."""

import json

from services.cart.domain.erasure import ANONYMISED, DELETED, OTHERS
from tests.integration.cart.handlers.test_erasure import a_life, answer, erase, everything, of
from tests.integration.cart.shop import Shop, done
from tests.support.columns import columns, each, unfilled

OF_A_CUSTOMER = each(
    {
        "carts": "cart_id customer_id guest_token_hash lines saved attributes order_id merged_into recipient_id",
        "guest_recipients": "recipient_id store_id cart_id",
        "consents": "store_id customer_id channel wording page confirmed_wording",
        "identities": "identity customer_id",
        "idempotency_keys": "caller key answer once about",
        "merges": "merge_id cart_id guest_token_hash receipt undoing",
        "notice_acks": "cart_id device notice_id",
        "order_events": "tracking_url",
        "orders": "customer_id awaited",
        "profiles": "customer_id email phone name locale timezone country region handles",
        "reservations": "cart_id sku",
        "views": "customer_id sku title url image_url",
        "watches": "watch_id customer_id sku options token_hash taken_from title url image_url",
        "erasures": "customer_ids",  # until it is done
    }
)
OF_NOBODY = each(
    {
        "api_keys": "key_id store_id kind name scopes origins hash previous_hash",
        # customers stand in it under a keyed hash; a server names its calls, not its customers, by X-Request-Id
        "audit_log": "audit_id store_id actor action subject request_id",
        "carts": "store_id status currency",
        "erasure_places": "erasure_id service place done",
        "erasures": "erasure_id store_id marks",  # keyed hashes
        "feed_progress": "topic",
        "idempotency_keys": "store_id fingerprint etag",  # a keyed hash; the cart's id, of which nothing is left
        "identities": "store_id",
        "inventory": "store_id sku category",
        "inventory_locations": "store_id sku location",
        "order_events": "store_id order_id type units mismatch",
        # an order of nobody: what tells it from another one is a digest of all of it
        "orders": "store_id order_id fingerprint also currency closed_carts next_carts mismatches cart_id units "
        "given_back reopened earlier_carts channel prices",
        "outbox": "topic key value headers",  # goes to Kafka before the request to erase does
        "option_prices": "store_id sku currency options",
        "price_versions": "store_id sku",
        "prices": "store_id sku currency",
        "profiles": "store_id",
        "rate_levels": "caller",  # a keyed hash
        "reservations": "store_id",
        "store_descriptions": "store_id description",  # of the shop itself
        "stores": "store_id settings sealed",
        "views": "store_id",
        "watches": "store_id",
    }
)
EXPORTED = set(OF_A_CUSTOMER.values()) - {"idempotency_keys", "erasures", "guest_recipients"}
"""Kept answers are copies of what is exported, for 24 hours; an erasure under way names whom it is about."""


async def test_every_column_was_looked_at(shop: Shop):
    found = await columns(shop.pool)
    assert found - set(OF_A_CUSTOMER) - set(OF_NOBODY) == set(), (
        "may it hold something of a customer? put it where it is"
    )
    assert set(OF_A_CUSTOMER) | set(OF_NOBODY) == found
    assert set(OF_A_CUSTOMER) & set(OF_NOBODY) == set()


async def test_erasure_reaches_every_table_of_theirs_and_so_does_export(shop: Shop):
    server, anna = await a_life(shop)
    cart = await anna.cart()
    await shop.pool.execute(
        """INSERT INTO reservations (store_id, sku, cart_id, units, expires_at)
           VALUES ('shop', 'tea', $1, 1, now() + interval '1 hour')""",
        cart["id"],
    )
    await shop.pool.execute("UPDATE profiles SET timezone = 'Europe/Berlin', country = 'DE', region = 'BE'")
    await shop.pool.execute(
        "INSERT INTO consents VALUES ('shop', 'anna', 'email', 'Remind me.', 'https://a', now(), 1, now(), 'Do you?')"
    )
    await shop.pool.execute("UPDATE carts SET recipient_id = 'guest:anna' WHERE customer_id = 'anna'")
    await shop.pool.execute("INSERT INTO guest_recipients SELECT 'guest:anna', store_id, cart_id FROM carts LIMIT 1")
    await shop.pool.execute(
        "INSERT INTO profiles (store_id, customer_id, version, updated_at, email, locale, email_consent, sms_consent) "
        "SELECT store_id, 'guest:anna', 9, now(), email, locale, true, false FROM profiles WHERE customer_id = 'anna'"
    )
    await shop.pool.execute(
        """INSERT INTO watches VALUES
           (gen_random_uuid(), 'shop', 'anna', 'rug', '{"size": "L"}', 1, now(), 'x', 'guest:a', 'Rug', 'https://a', 'https://b')"""
    )
    await shop.pool.execute("INSERT INTO views VALUES ('shop', 'anna', 'rug', 'Rug', 'https://a', 'https://b', now())")
    await server.level("tea", 0)
    notices = (await anna.cart())["notices"]
    done(await anna.ask("POST", "/cart/notices/ack", {"notice_ids": [one["notice_id"] for one in notices]}))
    under_way = {place for place in OF_A_CUSTOMER if place.startswith("erasures.")}
    assert await unfilled(shop.pool, set(OF_A_CUSTOMER) - under_way) == set(), "or else nothing is shown of it"
    exported = (await server.ask("GET", "/customers/anna/export")).text
    for word in (
        "notices_seen",
        "merges",
        "reserved",
        "profiles",
        "identities",
        "orders",
        "consents",
        "watches",
        "views",
    ):
        assert json.loads(exported).get(word) != []
        assert word in exported
    erasure_id = await erase(server)
    assert set(DELETED) | set(ANONYMISED) | {"erasures"} == set(OF_A_CUSTOMER.values())
    await answer(shop, erasure_id, *OTHERS)
    await of(shop).round()
    left = await everything(shop)
    rows = {name: await shop.pool.fetchval(f'SELECT count(*) FROM "{name}"') for name in DELETED}
    assert rows == dict.fromkeys(DELETED, 0)
    assert "anna" not in left
    assert cart["id"] not in left
    assert {
        "carts",
        "consents",
        "identities",
        "merges",
        "notice_acks",
        "order_events",
        "orders",
        "profiles",
        "reservations",
        "views",
        "watches",
    } == EXPORTED
