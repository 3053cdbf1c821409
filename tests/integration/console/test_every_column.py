"""Every column that can hold something of a customer is reached by erasure: a new one has to be put here."""

from libs.contracts import events as e
from tests.integration.console.conftest import Console
from tests.integration.console.erasures import everything, reports, request
from tests.support.columns import columns, each, unfilled
from tests.unit.console.making import at, cart, clicked, decided, message, named, placed, returned, sent, store

OF_A_CUSTOMER = each(
    {
        "touches": "customer_id cart_id",
        "order_events": "customer_id cart_id",
        "orders": "customer_id cart_id",
        "carts": "cart_id customer_id into_cart_id",
        "audit": "subject detail",
    }
)
OF_NOBODY = each(
    {
        "audit": "audit_id store_id person_id person action",  # who works here, and what they did
        "carts": "store_id currency closed_by",
        "counting_rules": "store_id document made_by",
        "credit_sums": "store_id campaign campaign_version channel arm currency",
        "erased_customers": "mark",  # a salted hash
        "erasure_salt": "salt",
        "faults": "kind store_id about",
        "reading": "topic",
        "invitations": "token_hash email role stores",  # of those who are to work here
        "log_in_attempts": "subject",
        "message_prices": "store_id channel",
        "order_events": "event_id store_id order_id what status currency channel",  # an order keeps its number
        "order_sums": "store_id campaign campaign_version channel arm currency",
        "orders": "store_id order_id channel currency status credited_to",
        "outbox": "topic key value headers",
        "people": "person_id email name role stores password_hash locale",
        "people_sums": "store_id campaign arm",
        "provider_log_ins": "state_hash nonce verifier",
        "reason_sums": "store_id campaign campaign_version channel arm stage reason",
        "sessions": "token_hash person_id",
        "stale_days": "store_id",
        "stock_levels": "store_id sku location",
        "stores": "store_id name locale time_zone currency",
        "template_drafts": "person_id store_id name said base etag",  # words of the shop, by one who works here
        "touch_sums": "store_id campaign kind campaign_version step_name channel arm",
        # what was decided and sent, and how it went; whose it was is in no row any more
        "touches": """reminder_id store_id campaign kind channel order_id sku campaign_version step_name arm outcome
            reason currency variant ended ended_reason provider""",
    }
)


async def test_every_column_was_looked_at(console: Console) -> None:
    found = await columns(console.pool)
    assert found - set(OF_A_CUSTOMER) - set(OF_NOBODY) == set(), "may it hold something of a customer?"
    assert set(OF_A_CUSTOMER) | set(OF_NOBODY) == found


async def test_erasure_reaches_every_table_of_theirs(console: Console) -> None:
    elsewhere = named("cart of anna elsewhere")
    await console.receive(
        store(),
        cart("anna", 1, at()),
        cart("anna", 2, at(minutes=1)).model_copy(update={"cart_id": elsewhere}),
        decided("1", at(hours=1), cart_id=elsewhere),
        sent("1", at(hours=1, seconds=2), cart_id=elsewhere),
        message(e.MessageCancelled, "2", at(hours=2), reason="ordered"),
        clicked("1", at(hours=1, minutes=2), cart_id=elsewhere),
        placed("A1", at(hours=2), cart_id=named("cart of anna")),
        returned("A1", at(days=3)),
    )
    await console.pool.execute("UPDATE carts SET into_cart_id = $1 WHERE cart_id <> $1", elsewhere)
    await console.pool.execute(
        "INSERT INTO audit (audit_id, store_id, person, action, subject, detail)"
        " VALUES (gen_random_uuid(), 'shop', 'ola@shop.example', 'customer.looked', 'customer:anna', 'by anna')"
    )
    assert await unfilled(console.pool, OF_A_CUSTOMER) == set(), "or else nothing is shown of it"
    told = await everything(console)
    secrets = ("anna", str(elsewhere), str(named("cart of anna")))
    assert all(secret in told for secret in secrets)
    await console.receive(request("anna", when=at(days=4)))
    left = await everything(console)
    assert [secret for secret in secrets if secret in left] == []
    (report,) = await reports(console)
    assert {p.place: p.rows for p in report.places if p.rows is not None} == {
        "table touches": 2,
        "table order_events": 2,
        "table orders": 1,
        "table carts": 2,
        "table audit": 1,
    }
    assert {p.place for p in report.places if p.rows is not None} == {f"table {t}" for t in OF_A_CUSTOMER.values()}
