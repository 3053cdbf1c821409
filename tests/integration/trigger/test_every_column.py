"""Every column that can hold something of a customer is reached by erasure and export: a new one has to be put here."""

from pathlib import Path
from typing import Any

import pytest

from libs.contracts.events import OrderPlaced
from libs.runtime.ids import uuid7
from tests.integration.trigger.conftest import Trigger, ago, now
from tests.integration.trigger.test_erasure import ANNA, everything, reports, request
from tests.integration.trigger.test_export import ask
from tests.support.columns import columns, each, unfilled
from tests.unit.trigger.making import THREE_STEPS, added, cart_id, clicked, reached, watched

OF_A_CUSTOMER = each(
    {
        "carts": "customer_id currency",
        "customer_orders": "store_id order_id customer_id cart_id currency status channel skus",
        "decisions": """reminder_id store_id customer_id campaign campaign_version step_name channel arm cart_id
            order_id outcome reason currency named""",
        "occasions": "store_id subject subject_id customer_id facts ended",
        "holdings": "cart_id sku store_id customer_id",
        "participants": "store_id campaign customer_id arm entries",
        "reach": "store_id customer_id timezone channels",
        "watches": "watch_id store_id customer_id sku saved_in told_by ended",
        "clicks": "reminder_id store_id customer_id campaign",
    }
)
OF_NOBODY = each(
    {
        "campaign_activations": "store_id campaign",
        "campaign_assets": "store_id templates pools",  # names that a shop has given
        "backtests": "backtest_id store_id document asked_by state reason result",  # what a shop tried, and sums
        "campaign_files": "store_id",
        "campaign_versions": "store_id document made_by",  # what a shop says of its campaigns, and the name of its key
        "carts": "cart_id store_id origin",  # stays for 40 days, closed and nobody's: late events find it closed
        "decisions": "sku",
        "erased_customers": "mark",  # a salted hash
        "erasure_salt": "salt",
        "fan_outs": "crossing_id store_id campaign sku cursor_cart_id state fallen",  # a place in a list
        "price_levels": "store_id sku prices",
        "outbox": "topic key value headers",  # goes to Kafka before the report does
        "stock_items": "store_id sku category",
        "stock_levels": "store_id sku campaign",
        "stores": "store_id currencies",
    }
)


@pytest.fixture
def campaigns_dir(tmp_path: Path) -> Path:
    """A campaign that remembers who entered it."""
    (tmp_path / "default.yaml").write_text(
        THREE_STEPS.replace("    steps:", "    reenter: {after: 1d}\n    split: {arms: {all: 100}}\n    steps:", 1)
        + "  - {name: confirmed, kind: order_confirmed, steps: [{channel: email, template: order_confirmed}]}\n"
    )
    return tmp_path


async def test_every_column_was_looked_at(trigger: Trigger) -> None:
    found = await columns(trigger.pool)
    assert found - set(OF_A_CUSTOMER) - set(OF_NOBODY) == set(), "may it hold something of a customer?"
    assert set(OF_A_CUSTOMER) | set(OF_NOBODY) == found


async def test_erasure_reaches_every_table_of_theirs_and_so_does_export(trigger: Trigger) -> None:
    await trigger.receive(added("a", 1, ago(hours=2)))
    order = {"order_id": "o-1", "store_id": "shop", "customer_id": ANNA, "cart_id": cart_id("a"), "currency": "EUR"}
    facts = {"event_id": uuid7(), "occurred_at": ago(minutes=90), "channel": "web", "skus": ("tea",)}
    await trigger.receive(OrderPlaced.model_validate(order | facts))
    known: dict[str, Any] = {"timezone": "Europe/Warsaw", "channels": ["telegram"]}
    await trigger.receive(reached(ANNA, **known), watched("x", ago(hours=1), customer=ANNA))
    await trigger.pool.execute(
        "UPDATE watches SET told_by = gen_random_uuid(), saved_in = gen_random_uuid(), ended = 'told'"
    )
    await trigger.receive(clicked(ANNA, ago(minutes=30)))
    await trigger.read_until(now())
    await trigger.timers.fire()
    await trigger.timers.fire_occasions()
    await trigger.pool.execute("UPDATE occasions SET ended = 'cancelled'")
    await trigger.pool.execute("UPDATE decisions SET named = '[\"cup\"]'")
    assert await unfilled(trigger.pool, OF_A_CUSTOMER) == set(), "or else nothing is shown of it"
    exported = (await ask(trigger, ANNA)).json()
    assert all(exported[table] for table in set(OF_A_CUSTOMER.values()))
    await trigger.receive(request())
    left = await everything(trigger)
    assert ANNA not in left
    assert left.count(str(cart_id("a"))) == 1, "the closed cart alone, and it is nobody's"
    (report,) = await reports(trigger)
    assert {p.place for p in report.places if p.rows is not None} == {f"table {t}" for t in OF_A_CUSTOMER.values()}
